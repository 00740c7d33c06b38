/**
 * Says whether a computer is watched: green is earned, grey says why, silence is never good news. Pure.
 *
 *   proven    online, every required sensor watching by the kernel's own events, the newest policy obeyed, no hole open,
 *             network control in force where policy asks for it, and what it recorded arrives here
 *   unproven  not proven, and nothing says that something was hidden
 *   broken    silent beyond its limit; numbers of its journal are missing and nobody declared them; a connection that was
 *             to be cut may still stand
 */
import type { Coverage, PolicySettings } from '@shoukou/protocol'
import { type NetworkStanding, networkReasons } from './network-standing.ts'
import { type ProtectionStanding, protectionReasons } from './protection-standing.ts'

export type WatchStateName = 'proven' | 'unproven' | 'broken'
export type WatchReasonCode =
  | 'never-heard'
  | 'offline'
  | 'stopped'
  /** It reports by bundles: what it did since the last one is not known here. */
  | 'standalone'
  | 'silent'
  | 'sensor-fallback'
  | 'sensor-not-watched'
  | 'sensor-unknown'
  | 'gap'
  | 'gap-pending'
  | 'policy-behind'
  | 'records-behind'
  /** Policy asks network control to alarm or to enforce, and it does not stand whole; `detail`: the layers. */
  | 'network-not-in-force'
  /** A step of a cut failed and nothing has mended it since; `detail`: the steps. */
  | 'cut-failed'
  /** Isolation, or release, is ordered and the computer has not said what came of it. */
  | 'isolation-waiting'
  | 'release-waiting'
  /** The computer said that isolation does not hold whole, or could not be done; `detail`: its word. */
  | 'isolation-failed'
  /** Its identity was taken away: nothing of it arrives any more. */
  | 'identity-revoked'
  /** A later enrolment of the same computer has taken its place. */
  | 'identity-retired'
  /** It left a challenge unanswered: held still, or starved. */
  | 'not-answering'
  /** Its records come, and the seals that cover them don't. */
  | 'unsealed'
  /** A seal of its journal did not hold. */
  | 'seals-broken'

export interface WatchReason {
  readonly code: WatchReasonCode
  readonly sensor: string | null
  readonly detail: string | null
  readonly remedy: string | null
}

export interface WatchState {
  readonly state: WatchStateName
  /** Empty where proven; the gravest first. */
  readonly reasons: readonly WatchReason[]
}

/** As much of a computer as its state needs. */
export interface WatchedComputer {
  readonly status: 'pending' | 'online' | 'offline' | 'stopped' | 'standalone' | 'silent'
  readonly policyVersion: number
  readonly appliedPolicyVersion: number | null
  readonly coverage: readonly Coverage[]
  readonly lastSeenAt: number | null
  /** Since when it has had records that are not stored here. */
  readonly behindSince: number | null
  /** Left out: neither. */
  readonly revokedAt?: number | null
  readonly retiredAt?: number | null
}

export interface WatchedGap {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly state: 'pending' | 'declared' | 'undeclared'
}

const breaking: ReadonlySet<WatchReasonCode> = new Set(['silent', 'gap', 'cut-failed', 'seals-broken'])

/**
 * Returns the state, and every reason for it. `settings` are those of the newest policy; null where it is not known.
 * `network`: what it last told of network control; null where it told nothing. `protection`: how the agent's own stands.
 */
export function watchState(
  computer: WatchedComputer,
  settings: (Pick<PolicySettings, 'requiredSensors'> & Partial<Pick<PolicySettings, 'modes'>>) | null,
  gaps: readonly WatchedGap[],
  network: NetworkStanding | null = null,
  protection: ProtectionStanding | null = null,
): WatchState {
  // Whoever has no identity any more is not heard, whatever it was before: all else follows from that.
  const over = identityReasons(computer)
  if (over.length > 0) return { state: 'unproven', reasons: over }
  const reasons = [
    ...statusReasons(computer.status),
    ...gaps.flatMap(gapReasons),
    ...(settings === null
      ? []
      : settings.requiredSensors.flatMap((sensor) => sensorReasons(sensor, computer.coverage))),
    ...policyReasons(computer, settings !== null),
    ...networkReasons(network, settings?.modes?.network ?? 'observe').map(({ code, detail }) =>
      reason(code, { detail }),
    ),
    ...behindReasons(computer),
    ...protectionReasons(protection, computer.status === 'online', computer.lastSeenAt).map(
      ({ code, detail }) => reason(code, { detail }),
    ),
  ].toSorted((a, b) => Number(breaking.has(b.code)) - Number(breaking.has(a.code)))
  const isBroken = reasons.some(({ code }) => breaking.has(code))
  return { state: isBroken ? 'broken' : reasons.length === 0 ? 'proven' : 'unproven', reasons }
}

function statusReasons(status: WatchedComputer['status']): WatchReason[] {
  switch (status) {
    case 'online':
      return []
    case 'pending':
      return [reason('never-heard')]
    case 'offline':
    case 'stopped':
    case 'standalone':
    case 'silent':
      return [reason(status)]
  }
}

function identityReasons({ revokedAt = null, retiredAt = null }: WatchedComputer): WatchReason[] {
  if (retiredAt !== null) return [reason('identity-retired')]
  return revokedAt === null ? [] : [reason('identity-revoked')]
}

/** A declared gap is coverage that was lost and said so: its records tell it, and it is over. */
function gapReasons(gap: WatchedGap): WatchReason[] {
  switch (gap.state) {
    case 'declared':
      return []
    case 'pending':
      return [reason('gap-pending', { detail: `${gap.firstSeq}-${gap.lastSeq}` })]
    case 'undeclared':
      return [reason('gap', { detail: `${gap.firstSeq}-${gap.lastSeq}` })]
  }
}

function sensorReasons(sensor: string, coverage: readonly Coverage[]): WatchReason[] {
  const covered = coverage.find((one) => one.sensor === sensor)
  if (covered === undefined) return [reason('sensor-unknown', { sensor })]
  const more = { sensor, detail: covered.reason, remedy: covered.remedy }
  switch (covered.state) {
    case 'watching':
      return []
    case 'fallback':
      return [reason('sensor-fallback', more)]
    case 'not-watched':
      return [reason('sensor-not-watched', more)]
  }
}

function policyReasons(computer: WatchedComputer, isKnown: boolean): WatchReason[] {
  const { policyVersion, appliedPolicyVersion } = computer
  if (isKnown && appliedPolicyVersion === policyVersion) return []
  return [reason('policy-behind', { detail: `${appliedPolicyVersion ?? '-'}/${policyVersion}` })]
}

/** Longer than a burst takes to arrive, shorter than anyone would take green on trust, ms. */
const behindMsMax = 30_000

/** It speaks, and what it recorded does not come: a backlog, or records that are refused. */
function behindReasons({ status, lastSeenAt, behindSince }: WatchedComputer): WatchReason[] {
  if (status !== 'online' || behindSince === null || lastSeenAt === null) return []
  return lastSeenAt - behindSince > behindMsMax ? [reason('records-behind')] : []
}

function reason(code: WatchReasonCode, more: Partial<Omit<WatchReason, 'code'>> = {}): WatchReason {
  return { code, sensor: null, detail: null, remedy: null, ...more }
}

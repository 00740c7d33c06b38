/**
 * What the register says of a medium that the agent took for a stranger. An agent knows the certificates of its policy,
 * which are those of media that may be used there: one of another department without a seal on it is unknown to it, and
 * called unregistered it would be called wrongly. Pure.
 */
import {
  compareLevels,
  type Level,
  type MediumState,
  type Passport,
  type Policy,
  type Seal,
} from '@shoukou/protocol'
import { comparePassports } from '@shoukou/protocol/media/compare-passports.ts'
import { decideMedium } from '@shoukou/protocol/media/decide-medium.ts'

/** As much of a registered medium as this needs. */
export interface RegisterEntry {
  readonly number: string
  readonly level: Level
  readonly state: MediumState
  readonly computers: readonly string[] | null
  readonly right: 'read-only' | 'read-write'
  readonly validFromMs: number
  readonly validUntilMs: number | null
  /** By the console's clock, Unix ms. */
  readonly registeredAt: number
  readonly passport: Passport | null
}

type Known = RegisterEntry & { readonly passport: Passport }

export type RegisterVerdict =
  | { readonly kind: 'unknown' }
  /** Registered, and not to be used here: the rule is the violation. Usable ones have none: the agent did not know yet. */
  | { readonly kind: 'registered'; readonly entry: RegisterEntry; readonly rule: string | null }
  | {
      readonly kind: 'clone'
      readonly entry: RegisterEntry
      readonly reasons: ReturnType<typeof comparePassports>['reasons']
    }

/**
 * Judges one examination by those entries that share a number of the hardware with it. What was registered after the
 * medium was plugged in was not registered then.
 */
export function judgeByRegister(
  passport: Passport,
  entries: readonly RegisterEntry[],
  at: { readonly policy: Policy; readonly wallMs: number },
): RegisterVerdict {
  let clone: RegisterVerdict = { kind: 'unknown' }
  const fitting: Known[] = []
  for (const entry of entries) {
    const { passport: known } = entry
    if (known === null || entry.registeredAt > at.wallMs) continue
    const { result, reasons } = comparePassports(known, passport)
    if (result === 'match' || result === 'degraded') fitting.push({ ...entry, passport: known })
    if (result === 'clone-suspected' && clone.kind === 'unknown') clone = { kind: 'clone', entry, reasons }
  }
  // Of several that nothing tells apart, the highest: as the agent has it.
  const [entry] = fitting.toSorted((a, b) => compareLevels(b.level, a.level))
  return entry === undefined ? clone : { kind: 'registered', entry, rule: refusalOf(entry, at) }
}

const usableStates: ReadonlySet<MediumState> = new Set<MediumState>(['issued', 'lent', 'carried-out'])

function refusalOf(entry: Known, { policy, wallMs }: { policy: Policy; wallMs: number }): string | null {
  if (!usableStates.has(entry.state)) return 'media-status-invalid'
  const { number, level } = entry
  const { level: hostLevel, roles = [] } = policy.settings
  const { right, rule } = decideMedium({
    identity: { result: 'match', source: 'policy', seal: sealLike(entry), number, level },
    host: { number: policy.computer, level: hostLevel, roles },
    user: null,
    revocations: [],
    nowMs: wallMs,
  })
  return right === 'none' ? rule : null
}

/** Accounts are left out: who sat there is not in the record. */
function sealLike(entry: Known): Seal {
  const { number, level, computers, right, validFromMs, validUntilMs, passport } = entry
  return {
    v: 1,
    id: number,
    number,
    level,
    custodian: '',
    computers: computers === null ? null : [...computers],
    users: null,
    right,
    validFromMs,
    validUntilMs,
    issuedAtMs: entry.registeredAt,
    passport,
  }
}

/**
 * From an examination to the record of it: which registered medium it is, what it may be used for here and now. The
 * arithmetic of levels and the reading of seals are the protocol's, so that console and agent agree.
 */
import {
  type Decision,
  decideMedium,
  type FactNamed,
  findRegistered,
  type OpenedSeals,
  type Origin,
  openPolicySeals,
  type Passport,
  type Policy,
  type Registered,
  readSealBytes,
  type SealKeys,
  type UsbDevice,
} from '@shoukou/protocol'
import { isBaselineUsb, isRegisteredMedium } from '../policy/own-things.ts'
import { heldToCeiling, type MediaCeiling } from './media-ceiling.ts'
import type { Examined, Judged, Stay } from './stay.ts'

export interface MediumJudge {
  judge(stay: Stay, examined: Examined, origin: Origin): Judgement
  /** Opens the seals of the policy that holds now, so that the first medium need not wait for it. */
  prepare(): void
  /** Whether a temporary right is in force for a stay. */
  granted(instance: string): boolean
  /** Whether it could be a registered medium, by what its device says of itself; at a station it always could. */
  mayKnow(device: UsbDevice): boolean
  /** The keys that seals are signed with. */
  readonly sealKeys: SealKeys
  policy(): Policy
}

export interface Judgement {
  readonly fact: FactNamed<'media.examined'>
  readonly decision: Decision
  readonly judged: Judged
}

export interface MediumJudgeOptions {
  readonly policy: () => Policy
  /** Pinned at enrolment. */
  readonly policyKey: string
  /** Left out: there is none, here or anywhere. */
  readonly ceiling?: MediaCeiling | undefined
  readonly isEnforcing: () => boolean
  readonly wallMs: () => number
  /** Another medium that is here and is, by its strong identity, the same one; null where none is. */
  readonly twinOf: (instance: string, passport: Passport) => boolean
  /** The temporary right of a stay, where one is in force. */
  readonly granted: (instance: string) => 'read-only' | 'read-write' | null
  /** The account that sits at the computer; null where that is not known. */
  readonly user: () => string | null
}

/** Returns the judge. */
export function createMediumJudge(options: MediumJudgeOptions): MediumJudge {
  const { policy, isEnforcing } = options
  let opened: { readonly media: Policy['media']; readonly keys: string; readonly seals: OpenedSeals } | null =
    null
  /** A policy's seals cost a signature check each: they are opened once. */
  const sealsNow = (): OpenedSeals => {
    const { media } = policy()
    const sealKeys = sealKeysOf(options)
    const keys = [sealKeys].flat().join('\n')
    if (opened === null || opened.media !== media || opened.keys !== keys)
      opened = { media, keys, seals: openPolicySeals(media, sealKeys) }
    return opened.seals
  }
  return {
    get sealKeys() {
      return sealKeysOf(options)
    },
    policy,
    prepare: () => void sealsNow(),
    granted: (instance) => options.granted(instance) !== null,
    mayKnow(device) {
      const { registeredMedia, roles } = policy().settings
      if (roles?.includes('station') === true || isRegisteredMedium(device, registeredMedia)) return true
      return sealsNow().seals.some(
        ({ passport: { usb } }) => usb?.vendorId === device.vendorId && usb.productId === device.productId,
      )
    },
    judge(stay, examined, origin) {
      const found = withTwin(options, stay, examined, find(options, examined, sealsNow()))
      const { judged, fact } = words(options, { stay, examined, origin }, found)
      const right = judged.right
      const outcome = right === 'none' ? (isEnforcing() ? 'blocked' : 'detected') : 'allowed'
      const decision: Decision = { outcome, would: right === 'none' ? 'block' : 'allow', rule: judged.rule }
      return { fact, decision, judged }
    },
  }
}

/**
 * Two devices of one registered identity in one computer: one of them is not what it says, and nobody can tell which.
 * Where nothing registered is like them, one serial for two sticks is a maker's carelessness and accuses nobody.
 */
function withTwin(
  options: MediumJudgeOptions,
  stay: Stay,
  { passport }: Examined,
  found: Registered | null,
): Registered | null {
  if (found === null || found.result === 'unknown' || passport === null) return found
  if (!options.twinOf(stay.instance, passport)) return found
  return { ...found, result: 'clone-suspected' }
}

type Found = ReturnType<typeof find>

function find(options: MediumJudgeOptions, examined: Examined, opened: OpenedSeals) {
  const { passport, sealBytes, isSealUnread } = examined
  const { policy, wallMs } = options
  if (passport === null) return null
  return findRegistered({
    opened,
    passport,
    reading: sealBytes !== null ? readSealBytes(sealBytes) : isSealUnread ? null : { kind: 'absent' },
    policy: policy(),
    policyKeyPem: sealKeysOf(options),
    nowMs: wallMs(),
  })
}

interface About {
  readonly stay: Stay
  readonly examined: Examined
  readonly origin: Origin
}

function words(
  options: MediumJudgeOptions,
  about: About,
  found: Found,
): { judged: Judged; fact: Judgement['fact'] } {
  const { stay, examined, origin } = about
  const policy = options.policy()
  const byRegister =
    found === null
      ? { right: 'none' as const, rule: 'unregistered-media-inserted', number: null, level: null }
      : decideMedium({
          identity: found,
          host: { number: policy.computer, level: policy.settings.level, roles: policy.settings.roles ?? [] },
          user: options.user(),
          revocations: policy.media?.revocations ?? [],
          nowMs: options.wallMs(),
        })
  const decided = heldToCeiling(byRegister, options.ceiling?.mediumRightMax ?? 'read-write')
  const own = isOwn(stay, examined, policy) ? ({ right: 'read-write', rule: 'baseline' } as const) : null
  const granted = options.granted(stay.instance)
  const over = granted === null ? own : ({ right: granted, rule: 'granted' } as const)
  const judged: Judged = {
    right: over?.right ?? decided.right,
    rule: over?.rule ?? decided.rule,
    number: decided.number,
    level: decided.level,
    untilMs: over === null ? (found?.seal?.validUntilMs ?? null) : null,
  }
  const fact: Judgement['fact'] = {
    kind: 'media.examined',
    origin,
    place: stay.place,
    method: examined.method,
    passport: examined.passport,
    seal:
      found === null
        ? { state: 'unread', reason: null, id: null }
        : { state: found.sealState, reason: found.sealReason, id: found.sealId },
    identity: {
      result: found?.result ?? 'unknown',
      source: found?.source ?? 'none',
      number: decided.number,
      level: decided.level,
      reasons: [...(found?.reasons ?? [])].slice(0, 32),
    },
    right: judged.right,
    faults: [...examined.faults].slice(0, 32),
    tookMs: examined.tookMs,
  }
  return { judged, fact }
}

/** Those that the ceiling vouches for now; without one, the key that was pinned. */
function sealKeysOf({ ceiling, policyKey }: MediumJudgeOptions): SealKeys {
  return ceiling?.sealKeys ?? policyKey
}

/** A medium that was part of the computer at enrolment: the same device on the same port, and a disk of that very size. */
function isOwn(stay: Stay, { passport }: Examined, policy: Policy): boolean {
  if (stay.usb === null || passport === null || !isBaselineUsb(stay.usb, policy.baseline)) return false
  return policy.baseline.disks.some(
    (disk) => disk.sizeBytes !== null && disk.sizeBytes === passport.sizeBytes,
  )
}

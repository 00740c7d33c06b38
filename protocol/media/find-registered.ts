/**
 * Finds which registered medium is here: by the seal on it, by the policy's seals, by the list of device ids. Pure.
 *
 *   1. our seal on the medium, made for this very medium. Also one that is no longer good: it says which medium this is, so
 *      that a missing one is not taken for its twin. A newer certificate of its number in the policy takes its place.
 *   2. the policy's seal whose passport fits best: match, then degraded, then clone suspected
 *   3. our seal on the medium, made for another one: clone suspected
 *   4. the list of device ids
 *   5. unknown
 *
 * Two registered media that nothing tells apart (one model, no serial numbers, one factory image) both fit: the one of
 * the highest level is taken, for that is the one that must not be let down; the seals on them tell them apart.
 */
import { type Level, levelRank } from '../levels.ts'
import type { Policy, RegisteredMedium } from '../policy.ts'
import { rawTextKey } from '../raw-text.ts'
import { type Comparison, comparePassports } from './compare-passports.ts'
import { judgeSeal, type SealJudgement, type SealRefusal } from './judge-seal.ts'
import type { SealKeys } from './seal.ts'
import type { SealReading } from './seal-bytes.ts'
import { type OpenedSeals, openPolicySeals, sealsFor } from './seal-index.ts'
import type { IdentityReason, IdentityResult, Passport, Seal } from './shapes.ts'

/** Which registered medium it is; `decideMedium` takes it, `media.examined` tells it. */
export interface Registered {
  readonly result: IdentityResult
  readonly source: 'seal' | 'policy' | 'device-ids' | 'none'
  /** The certificate that applies; with clone suspected: that of the medium which it pretends to be. */
  readonly seal: Seal | null
  readonly number: string | null
  readonly level: Level | null
  readonly reasons: readonly IdentityReason[]
  /** The seal on the medium itself. `unread`: its place could not be read. */
  readonly sealState: 'absent' | 'valid' | 'refused' | 'unread'
  readonly sealReason: SealRefusal | null
  readonly sealId: string | null
}

export interface FindQuestion {
  readonly passport: Passport
  /** Null: the place of the seal could not be read. */
  readonly reading: SealReading | null
  readonly policy: Pick<Policy, 'media' | 'settings'>
  readonly policyKeyPem: SealKeys
  /** Wall clock. */
  readonly nowMs: number
  /** From `openPolicySeals`; left out: opened here, which costs one signature check each. */
  readonly opened?: OpenedSeals | undefined
}

/** Finds the registered medium that a passport and a seal belong to. */
export function findRegistered(question: FindQuestion): Registered {
  const { passport, policy, policyKeyPem } = question
  const opened = question.opened ?? openPolicySeals(policy.media, policyKeyPem)
  const onMedium = judge(question)
  const told = {
    sealState: onMedium?.state ?? 'unread',
    sealReason: onMedium?.reason ?? null,
    sealId: onMedium?.seal?.id ?? null,
  } as const
  const found = (source: 'seal' | 'policy', { seal, result, reasons }: Candidate): Registered => ({
    ...{ result, source, seal, number: seal.number, level: seal.level, reasons },
    ...told,
  })
  const own = ownCandidate(onMedium)
  const fitting = sealsFor(opened, passport).map((seal) => ({
    seal,
    ...comparePassports(seal.passport, passport),
  }))
  if (own !== null) {
    const newer = newerOf(own, fitting)
    return newer === null ? found('seal', own) : found('policy', newer)
  }
  const best = bestOf(fitting)
  if (best !== null && best.result !== 'clone-suspected') return found('policy', best)
  if (best !== null) return found('policy', best)
  if (onMedium?.reason === 'other-passport' && onMedium.seal !== null) {
    const { reasons } = onMedium.identity
    return found('seal', { seal: onMedium.seal, result: 'clone-suspected', reasons })
  }
  return { ...byDeviceIds(question), ...told }
}

interface Candidate extends Comparison {
  readonly seal: Seal
}

function judge({ reading, policy, policyKeyPem, passport, nowMs }: FindQuestion): SealJudgement | null {
  if (reading === null) return null
  const revocations = policy.media?.revocations ?? []
  return judgeSeal(reading, { policyKeyPem, passport, revocations, nowMs })
}

/** The seal on the medium where it is of this very medium, good or not. */
function ownCandidate(judgement: SealJudgement | null): Candidate | null {
  if (judgement === null || judgement.seal === null || judgement.reason === 'other-passport') return null
  return { seal: judgement.seal, ...judgement.identity }
}

function newerOf(own: Candidate, fitting: readonly Candidate[]): Candidate | null {
  const sameNumber = fitting.filter(
    ({ seal, result }) =>
      seal.number === own.seal.number &&
      seal.issuedAtMs > own.seal.issuedAtMs &&
      (result === 'match' || result === 'degraded'),
  )
  return bestOf(sameNumber)
}

const order: Readonly<Record<IdentityResult, number>> = {
  match: 3,
  degraded: 2,
  'clone-suspected': 1,
  unknown: 0,
}

/** The best that is not unknown. Among equals the highest level, then the newest. */
function bestOf(candidates: readonly Candidate[]): Candidate | null {
  let best: Candidate | null = null
  for (const one of candidates) {
    if (one.result !== 'unknown' && (best === null || isBetter(one, best))) best = one
  }
  return best
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.result !== b.result) return order[a.result] > order[b.result]
  const byLevel = levelRank(a.seal.level) - levelRank(b.seal.level)
  if (a.seal.number !== b.seal.number && byLevel !== 0) return byLevel > 0
  return a.seal.issuedAtMs > b.seal.issuedAtMs
}

function byDeviceIds({ passport, policy }: FindQuestion) {
  const isListed = policy.settings.registeredMedia.some((one) => isSameIds(one, passport.usb))
  return {
    result: isListed ? ('match' as const) : ('unknown' as const),
    source: isListed ? ('device-ids' as const) : ('none' as const),
    seal: null,
    number: null,
    level: isListed ? policy.settings.level : null,
    reasons: isListed ? deviceIdReasons : [],
  }
}

/** What the list compares and nothing else; the weights of `compare-passports.ts`. */
const deviceIdReasons: readonly IdentityReason[] = [
  { field: 'usb.vendorId', state: 'same', weight: 2 },
  { field: 'usb.productId', state: 'same', weight: 3 },
  { field: 'usb.serial', state: 'same', weight: 40 },
]

/** Byte for byte, as an administrator wrote it: this list knows no placeholders, and is weak for that. */
function isSameIds(listed: RegisteredMedium, usb: Passport['usb']): boolean {
  return (
    usb !== null &&
    usb.serial !== null &&
    usb.vendorId === listed.vendorId &&
    usb.productId === listed.productId &&
    rawTextKey(usb.serial) === rawTextKey(listed.serial)
  )
}

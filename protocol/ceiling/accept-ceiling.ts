/**
 * Whether a ceiling may take the place of the one in force. Pure; console, signing process and agent each ask it for
 * themselves.
 *
 * It must be signed by enough of the keys that are pinned now, and by enough of its own: so people may hand over to others,
 * and nobody hands over to a key that nobody holds. Versions only rise.
 */
import { openEnvelope } from '../envelope.ts'
import type { Ceiling, SentCeiling, SignedCeiling } from './shapes.ts'
import { ceilingDigest, readCeiling, signersOf } from './signatures.ts'

export type CeilingRefusal =
  | 'malformed'
  | 'older-version'
  /** The same version with another content: two ceilings were signed under one number. */
  | 'version-reused'
  | 'not-enough-signatures'
  /** Of the ceiling in force: somebody else's keys. */
  | 'foreign-keys'
  /** A first one without the signature of the daily key that was pinned at enrolment. */
  | 'daily-key-did-not-sign'
  | 'foreign-unit'

export type CeilingVerdict =
  | { readonly kind: 'accepted'; readonly ceiling: Ceiling }
  /** The one in force came again. */
  | { readonly kind: 'same'; readonly ceiling: Ceiling }
  | { readonly kind: 'refused'; readonly reason: CeilingRefusal; readonly version: number | null }

/** Judges a ceiling against the one in force; null: there is none, then its own keys must hold. */
export function judgeCeiling(signed: SignedCeiling, current: SignedCeiling | null): CeilingVerdict {
  const ceiling = readCeiling(signed)
  if (ceiling === null) return { kind: 'refused', reason: 'malformed', version: null }
  const { version } = ceiling
  const refused = (reason: CeilingRefusal): CeilingVerdict => ({ kind: 'refused', reason, version })
  const before = current === null ? null : readCeiling(current)
  if (before !== null && current !== null) {
    if (version < before.version) return refused('older-version')
    if (version === before.version) {
      return ceilingDigest(signed) === ceilingDigest(current)
        ? { kind: 'same', ceiling: before }
        : refused('version-reused')
    }
    if (ceiling.unit !== before.unit) return refused('foreign-unit')
    if (!isSignedByEnough(signed, before)) return refused('foreign-keys')
  }
  return isSignedByEnough(signed, ceiling) ? { kind: 'accepted', ceiling } : refused('not-enough-signatures')
}

/**
 * Judges the first ceiling of an agent that was enrolled without one: enough of its own keys, and the daily key that this
 * agent pinned. `dailyKeyPem` is SPKI PEM.
 */
export function judgeFirstCeiling(sent: SentCeiling, dailyKeyPem: string): CeilingVerdict {
  const verdict = judgeCeiling(sent.ceiling, null)
  if (verdict.kind !== 'accepted') return verdict
  const { dailySignature, ceiling } = sent
  const isVouched =
    dailySignature !== null &&
    openEnvelope(
      'first-ceiling',
      { v: 1, kind: 'first-ceiling', payload: ceiling.payload, signature: dailySignature },
      dailyKeyPem,
    ) !== null
  if (isVouched) return verdict
  return { kind: 'refused', reason: 'daily-key-did-not-sign', version: verdict.ceiling.version }
}

/** Reports whether a ceiling's keys are others than those of the one before: whoever follows must see this step. */
export function handsOver(before: Ceiling, after: Ceiling): boolean {
  const keysOf = ({ keys, threshold }: Ceiling) =>
    `${threshold} ${keys
      .map(({ publicKey }) => publicKey)
      .sort()
      .join(' ')}`
  return keysOf(before) !== keysOf(after)
}

function isSignedByEnough(signed: SignedCeiling, { keys, threshold }: Ceiling): boolean {
  return (
    signersOf(
      signed,
      keys.map(({ publicKey }) => publicKey),
    ).length >= threshold
  )
}

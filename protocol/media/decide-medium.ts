/**
 * What a medium may be used for on this computer, for this user, now: the arithmetic of levels. Pure.
 *
 * With m the medium's level and h the computer's (0 unclassified, 1 internal, 2 confidential … 4 top secret):
 *
 *   m = h            as its certificate says, where it is assigned
 *   m > h, m ≥ 2 > h refused: classified-media-on-unclassified-host
 *   m > h otherwise  refused: high-media-on-low-host
 *   2 ≤ m < h        read-only: lower-level-medium
 *   m < 2 ≤ h        refused: unclassified-media-on-classified-host; read-only on an import computer: one-way-import
 *   m = 0, h = 1     read-only: one-way-import
 *
 * Order: identity, revocation, level, assignment. Crossing levels is the graver breach and is told before a missing
 * assignment; a revocation is told before both, for it wins over any seal.
 *
 * A degraded medium keeps its full right: it is the very same device, formatted anew or with newer firmware, and
 * formatting a registered stick is ordinary use. What is written to it goes to the same piece of the same level as
 * before. The reasons stay with the identity, so that the record says what had changed.
 */
import type { Level } from '../levels.ts'
import { levelRank } from '../levels.ts'
import type { ComputerRole } from '../policy.ts'
import type { Registered } from './find-registered.ts'
import { revocationOf, timeWindowOf } from './seal-terms.ts'
import type { MediumRight, Revocation, Seal } from './shapes.ts'

/** Rules that let a medium be used. */
export const ALLOWING_RULES = ['registered-medium', 'lower-level-medium', 'one-way-import'] as const
/** Rules that refuse one: each is the violation of that name. */
export const REFUSING_RULES = [
  'unregistered-media-inserted',
  'media-identity-mismatch',
  'media-status-invalid',
  'classified-media-on-unclassified-host',
  'high-media-on-low-host',
  'unclassified-media-on-classified-host',
  'media-not-assigned',
] as const
export type MediumRule = (typeof ALLOWING_RULES)[number] | (typeof REFUSING_RULES)[number]

/** Which part of the assignment failed. `replaced`: a newer certificate exists, and it is not here. */
export type AssignmentFault = 'replaced' | 'computer' | 'user' | 'not-yet-valid' | 'expired'

export interface MediumQuestion {
  /** What `findRegistered` found. */
  readonly identity: Pick<Registered, 'result' | 'source' | 'seal' | 'number' | 'level'>
  readonly host: {
    readonly number: string
    readonly level: Level
    readonly roles: readonly ComputerRole[]
  }
  /** The account that sits at the computer; null where nobody is signed in, or it is not known. */
  readonly user: string | null
  readonly revocations: readonly Revocation[]
  /** Wall clock. */
  readonly nowMs: number
}

export interface MediumDecision {
  readonly right: MediumRight
  readonly rule: MediumRule
  readonly number: string | null
  readonly level: Level | null
  /** With `media-status-invalid`, and with `media-not-assigned` for `replaced`: what withdrew it. */
  readonly revocation: Revocation | null
  /** With `media-not-assigned`. */
  readonly fault: AssignmentFault | null
}

/** Decides on one medium. */
export function decideMedium(question: MediumQuestion): MediumDecision {
  const { identity, host, revocations } = question
  const { number, seal } = identity
  const refuse = (rule: MediumRule, level: Level | null, more: Partial<MediumDecision> = {}) =>
    ({ right: 'none', rule, number, level, revocation: null, fault: null, ...more }) as const
  if (identity.result === 'clone-suspected') return refuse('media-identity-mismatch', identity.level)
  if (identity.result === 'unknown' || identity.level === null) {
    return { ...refuse('unregistered-media-inserted', null), number: null }
  }
  const revocation = seal === null ? null : revocationOf(seal, revocations)
  const level = revocation === null ? identity.level : higher(identity.level, revocation.level)
  if (revocation !== null && revocation.status !== 'replaced') {
    return refuse('media-status-invalid', level, { revocation })
  }
  const byLevel = decideByLevel(levelRank(level), levelRank(host.level), host.roles.includes('import'))
  if (byLevel.right === 'none') return refuse(byLevel.rule, level)
  const fault = revocation === null ? assignmentFaultOf(seal, question) : 'replaced'
  if (fault !== null) return refuse('media-not-assigned', level, { revocation, fault })
  const right = seal?.right === 'read-only' ? 'read-only' : byLevel.right
  return { right, rule: byLevel.rule, number, level, revocation: null, fault: null }
}

function decideByLevel(
  medium: number,
  host: number,
  isImport: boolean,
): { readonly right: MediumRight; readonly rule: MediumRule } {
  if (medium === host) return { right: 'read-write', rule: 'registered-medium' }
  if (medium > host) {
    const crosses = medium >= 2 && host < 2
    return {
      right: 'none',
      rule: crosses ? 'classified-media-on-unclassified-host' : 'high-media-on-low-host',
    }
  }
  if (medium >= 2) return { right: 'read-only', rule: 'lower-level-medium' }
  if (host < 2 || isImport) return { right: 'read-only', rule: 'one-way-import' }
  return { right: 'none', rule: 'unclassified-media-on-classified-host' }
}

/** A medium known by its device ids alone (no seal) is assigned to the computer whose policy names it. */
function assignmentFaultOf(seal: Seal | null, { host, user, nowMs }: MediumQuestion): AssignmentFault | null {
  if (seal === null) return null
  if (seal.computers !== null && !seal.computers.includes(host.number)) return 'computer'
  if (seal.users !== null && (user === null || !seal.users.includes(user))) return 'user'
  const window = timeWindowOf(seal, nowMs)
  return window === 'open' ? null : window
}

/** A medium's level is never lowered: of two that are told, the higher. */
function higher(a: Level, b: Level): Level {
  return levelRank(a) >= levelRank(b) ? a : b
}

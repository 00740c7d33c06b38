/**
 * The violation catalogue: every violation that a rule may raise, by id. Ids and numbers are append-only, because
 * five years of stored violations name them.
 */
import type { Static } from 'typebox'
import { FILE_VIOLATIONS } from './violations/files.ts'
import { MEDIA_VIOLATIONS } from './violations/media.ts'
import { NETWORK_VIOLATIONS } from './violations/network.ts'
import { PERIPHERAL_VIOLATIONS } from './violations/peripherals.ts'
import { SUPERVISION_VIOLATIONS } from './violations/supervision.ts'
import type { NumberedEntry } from './violations/violation.ts'

const ENTRIES = {
  ...NETWORK_VIOLATIONS,
  ...MEDIA_VIOLATIONS,
  ...PERIPHERAL_VIOLATIONS,
  ...FILE_VIOLATIONS,
  ...SUPERVISION_VIOLATIONS,
}

export type ViolationId = keyof typeof ENTRIES

/** What a violation of this id holds as evidence. */
export type EvidenceOf<Id extends ViolationId> = Static<(typeof ENTRIES)[Id]['evidence']>

/** One entry of the catalogue, with its id. */
export interface Violation<Id extends ViolationId = ViolationId> extends NumberedEntry {
  readonly id: Id
  readonly evidence: (typeof ENTRIES)[Id]['evidence']
}

/** Ids in the order of their numbers. */
export const VIOLATION_IDS: readonly ViolationId[] = (Object.keys(ENTRIES) as ViolationId[]).toSorted(
  (a, b) => ENTRIES[a].number - ENTRIES[b].number,
)

export const VIOLATIONS: { readonly [Id in ViolationId]: Violation<Id> } = Object.freeze(
  Object.fromEntries(
    VIOLATION_IDS.map((id): [string, unknown] => [id, Object.freeze({ id, ...ENTRIES[id] })]),
  ),
) as { readonly [Id in ViolationId]: Violation<Id> }

/** Returns the entry of an id, or null where there is none: an id from outside is only text. */
export function violationById(id: string): Violation | null {
  return isViolationId(id) ? VIOLATIONS[id] : null
}

/** Reports whether a text is the id of a violation. */
export function isViolationId(id: string): id is ViolationId {
  return Object.hasOwn(VIOLATIONS, id)
}

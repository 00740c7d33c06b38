/**
 * Records written again in a new epoch: the same observation, under a new place.
 *
 * Needed where the console knows another continuation of the old epoch than this disk does. Time, boot, policy, fact
 * and decision stay what they were; only epoch and number change.
 */
import { encodeRecord, parseRecord } from '@shoukou/protocol'

/** Returns the record's bytes for another place. */
export function recordAt(raw: Buffer, place: { readonly epoch: string; readonly seq: number }): Buffer {
  return encodeRecord({ ...parseRecord(raw), ...place })
}

const sealKind = '"kind":"journal.sealed"'

/** Reports whether a record is a seal of its own place. */
export function isSealRecord(raw: Buffer): boolean {
  // A cheap look first: few records are, and a text in another one may hold the same words.
  return raw.includes(sealKind) && parseRecord(raw).fact.kind === 'journal.sealed'
}

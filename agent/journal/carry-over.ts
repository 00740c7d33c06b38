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

/**
 * A checkpoint as text: one line for the QR code, and what a person may type from the paper.
 *
 *   SKCP1 ORIGIN SEQ HEAD TIME KEPT KEPTHEAD JOURNALS ROOT SIGNATURE    all of it; hexadecimal digits in groups or not
 *   SEQ HEAD                                                            the number and the log's head alone
 */
import { ShoukouError } from '../errors.ts'
import type { SignedCheckpoint } from './signed-head.ts'

export type ReadCheckpoint =
  | { readonly kind: 'signed'; readonly checkpoint: SignedCheckpoint }
  | { readonly kind: 'head'; readonly seq: number; readonly head: string }

const magic = 'SKCP1'

/** Writes the one line. */
export function checkpointText(checkpoint: SignedCheckpoint): string {
  const { origin, seq, head, atMs, kept, keptHead, journals, journalsRoot, signature } = checkpoint
  return [magic, origin, seq, head, atMs, kept, keptHead, journals, journalsRoot, signature].join(' ')
}

const whole =
  /^SKCP1 ([0-9a-f]{32}) (\d{1,16}) ([0-9a-f]{64}) (\d{1,16}) (\d{1,16}) ([0-9a-f]{64}) (\d{1,16}) ([0-9a-f]{64}) ([A-Za-z0-9+/]{86}==)$/

/**
 * Reads either form. Line ends and doubled spaces are a printer's, not the text's.
 *
 * @throws ShoukouError `config-invalid`: the message says which form is expected.
 */
export function parseCheckpointText(text: string): ReadCheckpoint {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  const match = whole.exec(line)
  if (match !== null) {
    const [
      ,
      origin = '',
      seq,
      head = '',
      atMs,
      kept,
      keptHead = '',
      journals,
      journalsRoot = '',
      signature = '',
    ] = match
    return {
      kind: 'signed',
      checkpoint: {
        origin,
        seq: Number(seq),
        head,
        atMs: Number(atMs),
        kept: Number(kept),
        keptHead,
        journals: Number(journals),
        journalsRoot,
        signature,
      },
    }
  }
  const [seq = '', ...groups] = line.split(' ')
  const head = groups.join('').toLowerCase()
  if (/^\d{1,16}$/.test(seq) && /^[0-9a-f]{64}$/.test(head)) return { kind: 'head', seq: Number(seq), head }
  throw new ShoukouError(
    'config-invalid',
    `A checkpoint is the line that begins with ${magic}, or its number and the 64 digits of its head.`,
  )
}

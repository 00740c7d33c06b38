/**
 * One hash over where the agents' journals stood.
 *
 *   place = SHA-256("shoukou.journal-place.v1" 00 agent 00 epoch 00 u64be(seq) head)
 *   root  = SHA-256("shoukou.journals.v1" 00 place … place), in the order in which the journals were begun
 *
 * Fed one by one: ten thousand journals are never in memory at once.
 */
import { createHash } from 'node:crypto'

export interface JournalPlace {
  readonly agent: string
  readonly epoch: string
  readonly seq: number
  /** 32 bytes. */
  readonly head: Uint8Array
}

export interface RootMaker {
  add(place: JournalPlace): void
  /** Returns the root, hex; nothing may be added afterwards. */
  root(): string
}

export function journalsRoot(): RootMaker {
  const all = createHash('sha256').update('shoukou.journals.v1\0')
  return {
    add: ({ agent, epoch, seq, head }) => {
      const number = Buffer.alloc(8)
      number.writeBigUInt64BE(BigInt(seq))
      all.update(
        createHash('sha256')
          .update(`shoukou.journal-place.v1\0${agent}\0${epoch}\0`)
          .update(number)
          .update(head)
          .digest(),
      )
    },
    root: () => all.digest('hex'),
  }
}

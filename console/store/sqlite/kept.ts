/**
 * Adds to the evidence chain, within the transaction of what is kept. The chain's end is read each time: the command
 * line may write beside the running console.
 */
import type { DatabaseSync } from 'node:sqlite'
import { EVIDENCE_CHAIN } from '@shoukou/protocol'

export type Keep = (raw: Buffer) => void

/** Returns the way to add one item. To be called within a transaction. */
export function keeperIn(connection: DatabaseSync): Keep {
  const last = connection.prepare('select seq, head from kept order by seq desc limit 1')
  const add = connection.prepare('insert into kept (seq, raw, head) values (?, ?, ?)')
  return (raw) => {
    const end = last.get() as { seq: number; head: Uint8Array } | undefined
    const seq = (end?.seq ?? 0) + 1
    const previous = end?.head ?? EVIDENCE_CHAIN.genesis(originOf(connection))
    add.run(seq, raw, EVIDENCE_CHAIN.after(previous, seq, raw))
  }
}

/** Returns the console's own random name, from which its chains begin. */
export function originOf(connection: DatabaseSync): string {
  const row = connection.prepare('select origin from trail_origin').get() as { origin: string } | undefined
  if (row === undefined) throw new Error('the database has no origin of its log')
  return row.origin
}

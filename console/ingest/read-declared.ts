/** Reads back which numbers an agent's journal has declared missing. */
import { parseRecord } from '@shoukou/protocol'
import type { Store } from '../store/ports.ts'
import { declaredIn, type SeqRange } from './gaps.ts'

/** Declarations looked back at: far more than a disk that still works makes. */
const storedGapsMax = 1_000
const storedGapsPerRead = 32

/** Reads what the stored records of one journal declare, newest first and in small steps: a record may be half a megabyte. */
export async function readDeclared(store: Store, agent: string, epoch: string): Promise<SeqRange[]> {
  const declared: SeqRange[] = []
  let before: { receivedAt: number; seq: number } | undefined
  while (declared.length < storedGapsMax) {
    const filter = { agent, kinds: ['journal.gap'], limit: storedGapsPerRead }
    const rows = await store.records({ ...filter, ...(before === undefined ? {} : { before }) })
    // Numbers are those of one journal: what another one declares says nothing of this.
    const ofThisJournal = rows.filter((row) => row.epoch === epoch)
    declared.push(...declaredIn(ofThisJournal.map((row) => parseRecord(row.raw))))
    const last = rows.at(-1)
    if (last === undefined || rows.length < storedGapsPerRead) break
    before = { receivedAt: last.receivedAt, seq: last.seq }
  }
  return declared
}

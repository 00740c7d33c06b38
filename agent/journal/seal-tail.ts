/** Looks for the last seal at the end of a journal: how many records stand behind it, and which index it has. */
import { parseRecord } from '@shoukou/protocol'
import { isSealRecord } from './carry-over.ts'
import type { EpochStore } from './epoch-store.ts'

export interface LastSeal {
  /** Null where none stands in what was looked at. */
  readonly index: number | null
  /** Records behind it; all that were looked at where there is none. */
  readonly unsealed: number
}

const limits = { records: 500, bytes: 1_048_576 }

/** Looks at the last `records` records. What can't be read ends the look: then a seal is due at once. */
export async function lastSealIn(store: EpochStore, records: number): Promise<LastSeal> {
  let index: number | null = null
  let unsealed = 0
  let seq = Math.max(1, store.end.seq - records + 1)
  while (seq <= store.end.seq) {
    const result = await store.read(seq, limits)
    if (result.kind !== 'chunk') return { index, unsealed: result.kind === 'end' ? unsealed : records }
    for (const raw of result.chunk.raws) {
      unsealed += 1
      if (!isSealRecord(raw)) continue
      const { fact } = parseRecord(raw)
      if (fact.kind === 'journal.sealed') index = fact.index
      unsealed = 0
    }
    seq = result.chunk.lastSeq + 1
  }
  return { index, unsealed }
}

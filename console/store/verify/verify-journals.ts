/** Verifies where journals end and what their gaps are: nothing was cut off, and each hole is one that is known. */
import { type ChainHash, chainHashOf, type Finding } from '@shoukou/protocol'
import type { ReadOnlyDatabase } from './read-only.ts'
import { stubEnds } from './read-stubs.ts'

export interface JournalsResult {
  readonly journals: number
  readonly agents: number
  /** How many of them are chained with which hash. */
  readonly byHash: Readonly<Record<ChainHash, number>>
  readonly gaps: { readonly declared: number; readonly undeclared: number; readonly pending: number }
  /** Numbers that agents no longer had when they sent what follows. */
  readonly numbersMissing: number
}

export function verifyJournals(database: ReadOnlyDatabase, add: (finding: Finding) => void): JournalsResult {
  const { connection } = database
  const counts = connection.prepare('select count(*) n, max(seq) last from records where journal = ?')
  const headAt = connection.prepare('select head from records where journal = ? and seq = ?')
  const gapsOf = connection.prepare(
    'select first_seq, last_seq, state from gaps where agent = ? and epoch = ? order by first_seq',
  )
  const said = { declared: 0, undeclared: 0, pending: 0 }
  const stubEnd = stubEnds(database)
  const agents = new Set<string>()
  const byHash: Record<ChainHash, number> = { 'sha-256': 0, sm3: 0 }
  let journals = 0
  let numbersMissing = 0
  for (const row of connection
    .prepare('select id, agent, epoch, seq, head from journals order by id')
    .iterate()) {
    const { id, agent, epoch, seq, head } = row as unknown as JournalRow
    journals += 1
    agents.add(agent)
    byHash[chainHashOf(epoch)] += 1
    const { n, last } = counts.get(id) as unknown as { n: number; last: number | null }
    let inGaps = 0
    for (const gap of gapsOf.iterate(agent, epoch)) {
      const { first_seq, last_seq, state } = gap as unknown as GapColumns
      inGaps += last_seq - first_seq + 1
      if (state in said) said[state as keyof typeof said] += 1
      const inside = connection
        .prepare('select min(seq) seq from records where journal = ? and seq >= ? and seq <= ?')
        .get(id, first_seq, last_seq) as { seq: number | null }
      if (inside.seq !== null) {
        add({
          kind: 'added',
          table: 'gaps',
          agent,
          epoch,
          seq: first_seq,
          lastSeq: last_seq,
          what: 'a gap over records that are there',
        })
      }
    }
    numbersMissing += inGaps
    const stub = stubEnd(id)
    // What is in an archive is told of by its stub: the journal goes on from there.
    const end = last ?? stub?.lastSeq ?? 0
    if (end !== seq) {
      if (end < seq)
        add({
          kind: 'missing',
          table: 'records',
          agent,
          epoch,
          seq: end + 1,
          lastSeq: seq,
          what: 'records at the end',
        })
      else
        add({
          kind: 'added',
          table: 'records',
          agent,
          epoch,
          seq: seq + 1,
          lastSeq: end,
          what: 'records behind the end',
        })
    } else if (end > 0) {
      const stored = last === null ? stub : (headAt.get(id, end) as { head: Uint8Array } | undefined)
      if (stored !== undefined && stored !== null && Buffer.from(stored.head).toString('hex') !== head)
        add({ kind: 'head-altered', table: 'journals', agent, epoch, seq, what: 'head' })
    }
    // Holes that are no gap's are told where the walk meets them; a gap without a hole, here.
    if (n + (stub?.records ?? 0) + inGaps > end && end === seq)
      add({ kind: 'added', table: 'gaps', agent, epoch, what: 'gaps that are no holes' })
  }
  return { journals, agents: agents.size, byHash, gaps: said, numbersMissing }
}

interface JournalRow {
  readonly id: number
  readonly agent: string
  readonly epoch: string
  readonly seq: number
  readonly head: string
}
interface GapColumns {
  readonly first_seq: number
  readonly last_seq: number
  readonly state: string
}

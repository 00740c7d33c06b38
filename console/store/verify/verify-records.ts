/**
 * Verifies a span of the table of records: every record's chain from its raw bytes.
 *
 * Spans are independent of each other: a record whose predecessor is in another span is compared with the stored head
 * before it, which that other span proves.
 */
import type { ChainHash } from '@shoukou/protocol/algorithms/hashes.ts'
import { chainHashOf, genesisHead } from '@shoukou/protocol/chain.ts'
import type { Finding } from '@shoukou/protocol/verify/finding.ts'
import { type WalkFault, type WalkState, walkRecords } from '@shoukou/protocol/verify/record-walk.ts'
import type { ReadOnlyDatabase } from './read-only.ts'
import { stubEnds } from './read-stubs.ts'
import { readRecordBatches } from './record-batches.ts'

export interface RecordSpan {
  readonly fromId: number
  readonly toId: number
}

export interface SpanResult {
  readonly records: number
  readonly bytes: number
  /** Records behind a gap from before heads were kept there: their own bytes are not provable, those after are. */
  readonly unprovable: number
}

/** Verifies it; `walked` is told how many records were done, now and then. */
export function verifyRecords(
  database: ReadOnlyDatabase,
  span: RecordSpan,
  add: (finding: Finding) => void,
  walked: (records: number) => void = () => {},
): SpanResult {
  const journals = journalNames(database)
  const states = new Map<number, WalkState>()
  const beginnings = beginningsIn(database, journals, add)
  const hashOf = (journal: number): ChainHash => chainHashOf(journals.nameOf(journal).epoch)
  const fault = ({ kind, journal, seq }: WalkFault): void =>
    add({
      kind,
      table: 'records',
      ...journals.nameOf(journal),
      seq,
      what: kind === 'head-altered' ? 'head' : 'raw or head',
    })
  let records = 0
  let bytes = 0
  for (const batch of readRecordBatches(database, span.fromId, span.toId)) {
    bytes += walkRecords(batch, { states, begin: beginnings.begin, hashOf, fault })
    records += batch.count
    walked(batch.count)
  }
  return { records, bytes, unprovable: beginnings.unprovable() }
}

export interface JournalName {
  readonly agent: string
  readonly epoch: string
}

/** Returns the names of journals, each read once. */
export function journalNames(database: ReadOnlyDatabase): { nameOf(journal: number): JournalName } {
  const select = database.connection.prepare('select agent, epoch from journals where id = ?')
  const known = new Map<number, JournalName>()
  return {
    nameOf: (journal) => {
      const found = known.get(journal)
      if (found !== undefined) return found
      const row = Number.isSafeInteger(journal) ? select.get(journal) : undefined
      const name = (row as JournalName | undefined) ?? { agent: '?', epoch: '?' }
      known.set(journal, name)
      return name
    },
  }
}

/** What stands before a record whose predecessor the walk did not just see. */
function beginningsIn(
  database: ReadOnlyDatabase,
  journals: { nameOf(journal: number): JournalName },
  add: (finding: Finding) => void,
): { readonly begin: (journal: number, seq: number) => string | null; readonly unprovable: () => number } {
  const { connection } = database
  const headAt = connection.prepare('select head from records where journal = ? and seq = ?')
  const gapBefore = connection.prepare(
    'select first_seq, head_before from gaps where agent = ? and epoch = ? and last_seq = ?',
  )
  const lastBefore = connection.prepare('select max(seq) seq from records where journal = ? and seq < ?')
  const stubEnd = stubEnds(database)
  let unprovable = 0
  const begin = (journal: number, seq: number): string | null => {
    const { agent, epoch } = journals.nameOf(journal)
    if (agent === '?') {
      add({ kind: 'added', table: 'records', seq, what: `journal ${journal} is not listed` })
      return null
    }
    const stub = stubEnd(journal)
    if (stub !== null && seq <= stub.lastSeq) {
      add({
        kind: 'added',
        table: 'records',
        agent,
        epoch,
        seq,
        what: 'it is in an archive, and was taken out',
      })
      return null
    }
    if (stub !== null && seq === stub.lastSeq + 1) return Buffer.from(stub.head).toString('latin1')
    if (seq === 1) return genesisHead(agent, epoch).toString('latin1')
    const before = headAt.get(journal, seq - 1) as { head: Uint8Array | null } | undefined
    // One that is gone is told where it was; what it should have been is not known here.
    if (before !== undefined) return Buffer.from(before.head ?? []).toString('latin1')
    const { seq: found } = lastBefore.get(journal, seq) as { seq: number | null }
    const last = found ?? stub?.lastSeq ?? 0
    const gap = gapBefore.get(agent, epoch, seq - 1) as
      | { first_seq: number; head_before: string | null }
      | undefined
    if (gap === undefined || gap.first_seq !== last + 1) {
      add({
        kind: 'missing',
        table: 'records',
        agent,
        epoch,
        seq: last + 1,
        lastSeq: seq - 1,
        what: 'records',
      })
      return null
    }
    if (gap.head_before !== null) return Buffer.from(gap.head_before, 'hex').toString('latin1')
    unprovable += 1
    return null
  }
  return { begin, unprovable: () => unprovable }
}

/**
 * Verifies a span of the table of records: every record's chain from its raw bytes, and what stands beside them.
 *
 * Spans are independent of each other: a record whose predecessor is in another span is compared with the stored head
 * before it, which that other span proves.
 */
import {
  type Finding,
  genesisHead,
  parseRecord,
  type WalkFault,
  type WalkState,
  walkRecords,
} from '@shoukou/protocol'
import type { ReadOnlyDatabase } from './read-only.ts'
import { readRecordBatches } from './record-batches.ts'

export interface RecordSpan {
  readonly fromId: number
  readonly toId: number
  /** Also the columns beside the raw bytes, which no chain holds: kind, sensor, clock, number, policy's version. */
  readonly withColumns: boolean
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
  const columns = span.withColumns ? columnsIn(database, journals, add) : null
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
  let after = span.fromId
  for (const batch of readRecordBatches(database, span.fromId, span.toId)) {
    bytes += walkRecords(batch, { states, begin: beginnings.begin, fault })
    columns?.(after, batch.lastId)
    after = batch.lastId
    records += batch.count
    walked(batch.count)
  }
  return { records, bytes, unprovable: beginnings.unprovable() }
}

interface JournalName {
  readonly agent: string
  readonly epoch: string
}

function journalNames(database: ReadOnlyDatabase): { nameOf(journal: number): JournalName } {
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
  let unprovable = 0
  const begin = (journal: number, seq: number): string | null => {
    const { agent, epoch } = journals.nameOf(journal)
    if (agent === '?') {
      add({ kind: 'added', table: 'records', seq, what: `journal ${journal} is not listed` })
      return null
    }
    if (seq === 1) return genesisHead(agent, epoch).toString('latin1')
    const before = headAt.get(journal, seq - 1) as { head: Uint8Array } | undefined
    if (before !== undefined) return Buffer.from(before.head).toString('latin1')
    const { seq: last } = lastBefore.get(journal, seq) as { seq: number | null }
    const gap = gapBefore.get(agent, epoch, seq - 1) as
      | { first_seq: number; head_before: string | null }
      | undefined
    if (gap === undefined || gap.first_seq !== (last ?? 0) + 1) {
      add({
        kind: 'missing',
        table: 'records',
        agent,
        epoch,
        seq: (last ?? 0) + 1,
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

/** Compares columns with what the raw bytes say: by SQLite where it can, and by the protocol's own reader where not. */
function columnsIn(
  database: ReadOnlyDatabase,
  journals: { nameOf(journal: number): JournalName },
  add: (finding: Finding) => void,
): (after: number, lastId: number) => void {
  const suspects = database.connection.prepare(
    `select id from records where id > ? and id <= ? and
       json_extract(cast(raw as text), '$.seq', '$.wallMs', '$.policyVersion', '$.sensor', '$.fact.kind')
         is not json_array(seq, wall_ms, policy_version, sensor, kind)`,
  )
  const all = database.connection.prepare('select id from records where id > ? and id <= ?')
  const row = database.connection.prepare(
    'select journal, seq, wall_ms, policy_version, sensor, kind, raw from records where id = ?',
  )
  return (after, lastId) => {
    let found: readonly unknown[]
    try {
      found = suspects.all(after, lastId)
    } catch (error) {
      // One that is not JSON at all ends the whole question: each is looked at by itself.
      if ((error as { errcode?: unknown }).errcode === undefined) throw error
      found = all.all(after, lastId)
    }
    for (const one of found) {
      const stored = row.get((one as { id: number }).id) as unknown as StoredColumns
      const name = { ...journals.nameOf(stored.journal), seq: Number(stored.seq) }
      for (const finding of compareColumns(stored)) add({ ...finding, ...name })
    }
  }
}

interface StoredColumns {
  readonly journal: number
  readonly seq: number
  readonly wall_ms: number
  readonly policy_version: number
  readonly sensor: string
  readonly kind: string
  readonly raw: Uint8Array
}

function compareColumns(stored: StoredColumns): Finding[] {
  try {
    const { seq, wallMs, policyVersion, sensor, fact } = parseRecord(stored.raw)
    const pairs = [
      ['seq', stored.seq, seq],
      ['wall_ms', stored.wall_ms, wallMs],
      ['policy_version', stored.policy_version, policyVersion],
      ['sensor', stored.sensor, sensor],
      ['kind', stored.kind, fact.kind],
    ] as const
    return pairs
      .filter(([, column, said]) => column !== said)
      .map(([what]) => ({ kind: 'column-altered', table: 'records', what }))
  } catch {
    return [{ kind: 'unreadable', table: 'records', what: 'raw' }]
  }
}

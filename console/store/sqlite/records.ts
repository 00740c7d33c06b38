/** Journals, their records and their gaps. On SQLite, in the thread that opened it. */

import { type Position } from '@shoukou/protocol'
import type { Kysely } from 'kysely'
import type { GapRow, IngestBatch, IngestResult, RecordFilter, Store, StoredRecord } from '../ports.ts'
import { gapRow, storedRecord } from '../rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import { SqliteIngest } from './ingest.ts'

type Part = Pick<
  Store,
  | 'ingest'
  | 'position'
  | 'epochs'
  | 'record'
  | 'records'
  | 'recordRange'
  | 'pendingGaps'
  | 'gaps'
  | 'openGaps'
>

export function recordsIn({ query }: OpenDatabase, ingest: SqliteIngest): Part {
  const store: Part = {
    async ingest(batch: IngestBatch): Promise<IngestResult> {
      return ingest.ingest(batch)
    },
    async position(agent: string, epoch: string): Promise<Position | null> {
      const row = await query
        .selectFrom('journals')
        .select(['epoch', 'seq', 'head'])
        .where('agent', '=', agent)
        .where('epoch', '=', epoch)
        .executeTakeFirst()
      return row === undefined ? null : { epoch: row.epoch, seq: Number(row.seq), head: row.head }
    },
    async epochs(agent: string): Promise<readonly string[]> {
      const rows = await query
        .selectFrom('journals')
        .select('epoch')
        .where('agent', '=', agent)
        .orderBy('id')
        .execute()
      return rows.map((row) => row.epoch)
    },
    async record(agent: string, epoch: string, seq: number): Promise<StoredRecord | null> {
      return (await store.recordRange(agent, epoch, seq, seq))[0] ?? null
    },
    async records(filter: RecordFilter): Promise<readonly StoredRecord[]> {
      const journals = await query
        .selectFrom('journals')
        .select('id')
        .where('agent', '=', filter.agent)
        .execute()
      // Journal by journal, a few at most: only within one does the index give the order; across them all would be sorted.
      const pages = await Promise.all(journals.map(({ id }) => recordsOfJournal(query, Number(id), filter)))
      return pages
        .flat()
        .toSorted((a, b) => b.receivedAt - a.receivedAt || b.seq - a.seq)
        .slice(0, filter.limit)
    },
    async recordRange(
      agent: string,
      epoch: string,
      fromSeq: number,
      toSeq: number,
    ): Promise<readonly StoredRecord[]> {
      const rows = await selectRecords(query)
        .where('journals.agent', '=', agent)
        .where('epoch', '=', epoch)
        .where('records.seq', '>=', fromSeq)
        .where('records.seq', '<=', toSeq)
        .orderBy('records.seq')
        .execute()
      return rows.map(storedRecord)
    },
    async pendingGaps(agent: string, epoch: string): Promise<readonly GapRow[]> {
      return (await store.gaps(agent)).filter((gap) => gap.epoch === epoch && gap.state === 'pending')
    },
    async gaps(agent: string): Promise<readonly GapRow[]> {
      const rows = await query
        .selectFrom('gaps')
        .selectAll()
        .where('agent', '=', agent)
        .orderBy('noticed_at')
        .orderBy('first_seq')
        .execute()
      return rows.map(gapRow)
    },
    async openGaps(): Promise<readonly GapRow[]> {
      const rows = await query
        .selectFrom('gaps')
        .selectAll()
        .where('state', '!=', 'declared')
        .orderBy('noticed_at')
        .orderBy('first_seq')
        .execute()
      return rows.map(gapRow)
    },
  }
  return store
}

function selectRecords(query: Kysely<Tables>) {
  return query
    .selectFrom('records')
    .innerJoin('journals', 'journals.id', 'records.journal')
    .select([
      'journals.agent',
      'journals.epoch',
      'records.seq',
      'records.kind',
      'records.sensor',
      'records.wall_ms',
      'records.received_at',
      'records.policy_version',
      'records.raw',
      'records.head',
    ])
}

async function recordsOfJournal(
  query: Kysely<Tables>,
  journal: number,
  filter: RecordFilter,
): Promise<readonly StoredRecord[]> {
  let selected = selectRecords(query).where('records.journal', '=', journal)
  if (filter.receivedFrom !== undefined) selected = selected.where('received_at', '>=', filter.receivedFrom)
  if (filter.receivedTo !== undefined) selected = selected.where('received_at', '<=', filter.receivedTo)
  if (filter.wallFrom !== undefined) selected = selected.where('wall_ms', '>=', filter.wallFrom)
  if (filter.wallTo !== undefined) selected = selected.where('wall_ms', '<=', filter.wallTo)
  if (filter.kinds !== undefined) selected = selected.where('kind', 'in', [...filter.kinds])
  const { before } = filter
  if (before !== undefined) {
    // The first says nothing that the second does not, but it bounds the index.
    selected = selected
      .where('received_at', '<=', before.receivedAt)
      .where((e) =>
        e.or([
          e('received_at', '<', before.receivedAt),
          e.and([e('received_at', '=', before.receivedAt), e('records.seq', '<', before.seq)]),
        ]),
      )
  }
  const rows = await selected
    .orderBy('received_at', 'desc')
    .orderBy('records.seq', 'desc')
    .limit(filter.limit)
    .execute()
  return rows.map(storedRecord)
}

/** Archives, and the stubs that stand where archived records stood. On SQLite, in the thread that opened it. */
import { ShoukouError } from '@shoukou/protocol'
import type { Selectable } from 'kysely'
import type {
  ArchivedPlace,
  ArchiveListRow,
  ArchiveRow,
  ArchiveStore,
  RemovalNote,
  StretchName,
} from '../archive-ports.ts'
import type { ArchiveTables } from '../archive-schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

export function archivesIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): ArchiveStore {
  const statements = {
    journal: connection.prepare('select id from journals where agent = ? and epoch = ?'),
    stub: connection.prepare('select archive, first_seq from stubs where journal = ? and last_seq = ?'),
    add: connection.prepare(
      `insert into stubs (journal, agent, epoch, first_seq, last_seq, count, head, archive, name, digest, before_ms,
         checkpoint, at, asked_by, agreed_by, reason, trail) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    end: connection.prepare(
      `select s.last_seq, s.head from stubs s join journals j on j.id = s.journal
         where j.agent = ? and j.epoch = ? order by s.last_seq desc limit 1`,
    ),
    place: connection.prepare(
      `select s.name, s.digest, s.at, s.last_seq, s.head from stubs s join journals j on j.id = s.journal
         where j.agent = ? and j.epoch = ? and s.last_seq >= ? order by s.last_seq limit 1`,
    ),
  }
  return {
    async addArchive(row: Omit<ArchiveRow, 'id'>): Promise<ArchiveRow> {
      const { id } = await query
        .insertInto('archives')
        .values({
          name: row.name,
          folder: row.folder,
          digest: row.digest,
          bytes: row.bytes,
          records: row.records,
          made_at: row.madeAt,
          made_by: row.madeBy,
          before_ms: row.beforeMs,
          manifest: row.manifest,
          signature: row.signature,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      return { id: Number(id), ...row }
    },
    async archive(name: string): Promise<ArchiveRow | null> {
      const row = await query.selectFrom('archives').selectAll().where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : archiveRow(row)
    },
    async archives(limit: number): Promise<readonly ArchiveListRow[]> {
      const rows = await query.selectFrom('archives').selectAll().orderBy('id', 'desc').limit(limit).execute()
      const removed = connection.prepare(
        `select coalesce(sum(count), 0) removed, max(at) at, max(asked_by) asked, max(agreed_by) agreed, max(reason) reason
           from stubs where archive = ?`,
      )
      return rows.map((row) => {
        const stub = removed.get(Number(row.id)) as unknown as RemovedColumns
        return {
          ...archiveRow(row),
          removed: stub.removed,
          removedAt: stub.at,
          askedBy: stub.asked,
          agreedBy: stub.agreed,
          reason: stub.reason,
        }
      })
    },
    async removeStretch(stretch: StretchName, note: RemovalNote): Promise<boolean> {
      return ingest.transaction(() => {
        const { agent, epoch, firstSeq, lastSeq, count, head } = stretch
        const { archive, checkpoint, at, askedBy, agreedBy, reason, trail } = note
        const journal = statements.journal.get(agent, epoch) as { id: number } | undefined
        if (journal === undefined)
          throw new ShoukouError('not-found', 'The archive names a journal that is not here.')
        const there = statements.stub.get(journal.id, lastSeq) as
          | { archive: number; first_seq: number }
          | undefined
        if (there?.archive === archive.id && there.first_seq === firstSeq) return false
        try {
          statements.add.run(
            ...[journal.id, agent, epoch, firstSeq, lastSeq, count, Buffer.from(head, 'hex')],
            ...[archive.id, archive.name, archive.digest, archive.beforeMs, checkpoint],
            ...[at, askedBy, agreedBy, reason, trail],
          )
        } catch (cause) {
          const text = cause instanceof Error ? cause.message : ''
          if (!text.startsWith('not removed: ')) throw cause
          throw new ShoukouError(
            'invalid-request',
            `Nothing of this stretch was removed (${agent}, ${firstSeq} to ${lastSeq}): ${text.slice(13)}.`,
            { cause },
          )
        }
        return true
      })
    },
    async archivedTo(agent: string, epoch: string) {
      const row = statements.end.get(agent, epoch) as { last_seq: number; head: Uint8Array } | undefined
      return row === undefined ? null : { seq: row.last_seq, head: Buffer.from(row.head).toString('hex') }
    },
    async archivedPlace(agent: string, epoch: string, seq: number): Promise<ArchivedPlace | null> {
      const row = statements.place.get(agent, epoch, seq) as
        | { name: string; digest: string; at: number; last_seq: number; head: Uint8Array }
        | undefined
      if (row === undefined) return null
      const { name, digest, at, last_seq, head } = row
      return { name, digest, at, lastSeq: last_seq, head: Buffer.from(head).toString('hex') }
    },
  }
}

interface RemovedColumns {
  readonly removed: number
  readonly at: number | null
  readonly asked: string | null
  readonly agreed: string | null
  readonly reason: string | null
}

function archiveRow(row: Selectable<ArchiveTables['archives']>): ArchiveRow {
  return {
    id: Number(row.id),
    name: row.name,
    folder: row.folder,
    digest: row.digest,
    bytes: Number(row.bytes),
    records: Number(row.records),
    madeAt: Number(row.made_at),
    madeBy: row.made_by,
    beforeMs: Number(row.before_ms),
    manifest: row.manifest,
    signature: row.signature,
  }
}

/** People's sessions at a computer, and the runs of its agent. On SQLite, in the thread that opened it. */
import type { RunBegan, RunStop } from '../journal-runs.ts'
import type { SessionRecordRow, SessionStore } from '../session-ports.ts'
import type { OpenDatabase } from './database.ts'

export function sessionsIn({ connection }: OpenDatabase): SessionStore {
  const journals = connection.prepare('select id, epoch from journals where agent = ?')
  // Both in the order that is read from its end: the newest of a span, and those next to it on either side.
  const newest = connection.prepare(
    "select seq, wall_ms, raw from records indexed by records_sessions where journal = ? and kind in ('session.opened', 'session.closed') and wall_ms >= ? and wall_ms < ? order by wall_ms desc limit ?",
  )
  const oldest = connection.prepare(
    "select seq, wall_ms, raw from records indexed by records_sessions where journal = ? and kind in ('session.opened', 'session.closed') and wall_ms >= ? order by wall_ms limit ?",
  )
  const runs = connection.prepare(
    'select epoch, first_seq, last_seq, boot_id, began, from_ms, to_ms, stop_reason, stop_ms from coverage_runs where agent = ? and to_ms >= ? order by from_ms desc, id desc limit ?',
  )
  return {
    async sessionRecords(agent, { fromMs, toMs }, { limit, around }) {
      const rows: SessionRecordRow[] = []
      for (const journal of journals.all(agent)) {
        const id = Number(journal['id'])
        const found = [
          ...newest.all(id, 0, fromMs, around),
          ...newest.all(id, fromMs, toMs, limit),
          ...oldest.all(id, toMs, around),
        ]
        for (const row of found)
          rows.push({
            epoch: String(journal['epoch']),
            seq: Number(row['seq']),
            wallMs: Number(row['wall_ms']),
            raw: row['raw'] as Uint8Array,
          })
      }
      return rows.toSorted((a, b) => a.wallMs - b.wallMs || a.seq - b.seq)
    },
    async agentRuns(agent, endedSinceMs, limit) {
      const found = runs.all(agent, endedSinceMs, limit).reverse()
      return found.map((row) => ({
        epoch: String(row['epoch']),
        firstSeq: Number(row['first_seq']),
        lastSeq: Number(row['last_seq']),
        bootId: row['boot_id'] as string | null,
        began: row['began'] as RunBegan,
        fromMs: Number(row['from_ms']),
        toMs: Number(row['to_ms']),
        stop:
          row['stop_reason'] === null
            ? null
            : { reason: row['stop_reason'] as RunStop['reason'], atMs: Number(row['stop_ms']) },
      }))
    },
  }
}

/**
 * Verifies the columns beside records' raw bytes, which no chain holds: kind, sensor, clock, number, policy's version. Lists
 * and filters go by them.
 */
import { type Finding, parseRecord } from '@shoukou/protocol'
import type { ReadOnlyDatabase } from './read-only.ts'
import { journalNames } from './verify-records.ts'

/** Returns what compares a span of rows: by SQLite where it can, and by the protocol's own reader where not. */
export function columnsIn(
  database: ReadOnlyDatabase,
  add: (finding: Finding) => void,
): (after: number, lastId: number) => void {
  const journals = journalNames(database)
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

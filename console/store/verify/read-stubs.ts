/** Reads where journals begin whose leading records are in an archive. */
import type { ReadOnlyDatabase } from './read-only.ts'

export interface StubEnd {
  readonly lastSeq: number
  readonly head: Uint8Array
  /** Records that went, over all stubs of the journal. */
  readonly records: number
}

/** Reports whether a database has the tables of archives: copies and backups of before have not. */
export function hasArchives({ connection }: ReadOnlyDatabase): boolean {
  return (
    connection.prepare("select 1 from sqlite_schema where type = 'table' and name = 'stubs'").get() !==
    undefined
  )
}

/** Returns what tells the end of a journal's stubs, each read once; null where it begins at its first record. */
export function stubEnds(database: ReadOnlyDatabase): (journal: number) => StubEnd | null {
  if (!hasArchives(database)) return () => null
  const known = new Map<number, StubEnd>()
  const rows = database.connection
    .prepare('select journal, last_seq, head, count from stubs order by journal, last_seq')
    .iterate()
  for (const row of rows) {
    const { journal, last_seq, head, count } = row as unknown as StubColumns
    const records = (known.get(journal)?.records ?? 0) + count
    known.set(journal, { lastSeq: last_seq, head, records })
  }
  return (journal) => known.get(journal) ?? null
}

interface StubColumns {
  readonly journal: number
  readonly last_seq: number
  readonly head: Uint8Array
  readonly count: number
}

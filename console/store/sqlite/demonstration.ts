/** Whether everything here is made up. On SQLite, in the thread that opened it. */
import { DEMONSTRATION_MARK, type DemonstrationStore } from '../demonstration-ports.ts'
import type { Store } from '../ports.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

/** A row in any of these is somebody's. */
const OWN = `select 1 where exists (select 1 from console_marks) or exists (select 1 from accounts)
  or exists (select 1 from computers) or exists (select 1 from media) or exists (select 1 from ledger_entries)
  or exists (select 1 from departments) or exists (select 1 from tokens) or exists (select 1 from records)`

export function demonstrationIn(
  { connection }: OpenDatabase,
  ingest: SqliteIngest,
): Pick<Store, keyof DemonstrationStore> {
  const since = (): number | null => {
    const row = connection.prepare('select at from console_marks where name = ?').get(DEMONSTRATION_MARK)
    return row === undefined ? null : Number(row['at'])
  }
  return {
    demonstrationSince: async () => since(),
    markDemonstration: async (at) =>
      ingest.transaction(() => {
        if (since() !== null) return true
        if (connection.prepare(OWN).get() !== undefined) return false
        connection.prepare('insert into console_marks (name, at) values (?, ?)').run(DEMONSTRATION_MARK, at)
        return true
      }),
  }
}

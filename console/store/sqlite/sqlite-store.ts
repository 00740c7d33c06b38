/** The store on SQLite, in the thread that opened it. Kysely writes the queries; ingest has its own prepared ones. */
import type { Store } from '../ports.ts'
import { accountsIn } from './accounts.ts'
import { computersIn } from './computers.ts'
import type { OpenDatabase } from './database.ts'
import { SqliteIngest } from './ingest.ts'
import { policiesIn } from './policies.ts'
import { recordsIn } from './records.ts'
import { violationsIn } from './violations.ts'

/** Returns the store over an open database; closing it closes the database. */
export function createSqliteStore(database: OpenDatabase): Store {
  const ingest = new SqliteIngest(database.connection)
  return {
    durability: database.durability,
    ...computersIn(database, ingest),
    ...recordsIn(database, ingest),
    ...violationsIn(database, ingest),
    ...policiesIn(database, ingest),
    ...accountsIn(database),
    close: () => database.query.destroy(),
  }
}

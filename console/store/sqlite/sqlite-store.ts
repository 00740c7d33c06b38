/** The store on SQLite, in the thread that opened it. Kysely writes the queries; ingest has its own prepared ones. */
import type { Store } from '../ports.ts'
import { accessActsIn } from './access-acts.ts'
import { accessPeopleIn } from './access-people.ts'
import { accountsIn } from './accounts.ts'
import { archivesIn } from './archives.ts'
import { bundlesIn } from './bundles.ts'
import { ceilingsIn } from './ceilings.ts'
import { clocksIn } from './clocks.ts'
import { computersIn } from './computers.ts'
import { coverageIn } from './coverage.ts'
import type { OpenDatabase } from './database.ts'
import { demonstrationIn } from './demonstration.ts'
import { exceptionsIn } from './exceptions.ts'
import { findingSourcesIn } from './finding-sources.ts'
import { findingsIn } from './findings.ts'
import { forwardIn } from './forward.ts'
import { handlingIn } from './handling.ts'
import { handlingPapersIn } from './handling-papers.ts'
import { identityIn } from './identity.ts'
import { SqliteIngest } from './ingest.ts'
import { keepingIn } from './keeping.ts'
import { ledgerIn } from './ledger.ts'
import { ledgerStructureIn } from './ledger-structure.ts'
import { mediaIn } from './media.ts'
import { networkIn } from './network.ts'
import { policiesIn } from './policies.ts'
import { printsIn } from './prints.ts'
import { recordsIn } from './records.ts'
import { sealsIn } from './seals.ts'
import { sessionsIn } from './sessions.ts'
import { sightingsIn } from './sightings.ts'
import { signInIn } from './sign-in.ts'
import { trailIn } from './trail.ts'
import { violationsIn } from './violations.ts'
import { wallsIn } from './walls.ts'

/** Returns the store over an open database; closing it closes the database. */
export function createSqliteStore(database: OpenDatabase): Store {
  return createGroupingStore(database).store
}

export interface GroupingStore {
  readonly store: Store
  /** Runs synchronous work in one transaction: one sync to disk for all of it. Throws where it could not be committed. */
  readonly together: <T>(work: () => T) => T
}

/** Returns the store, and the way to commit several of its synchronous methods (`GROUPED_METHODS`) at once. */
export function createGroupingStore(database: OpenDatabase): GroupingStore {
  const ingest = new SqliteIngest(database.connection)
  const store: Store = {
    durability: database.durability,
    ...computersIn(database, ingest),
    ...recordsIn(database, ingest),
    ...violationsIn(database, ingest),
    ...policiesIn(database, ingest),
    ...accountsIn(database, ingest),
    ...mediaIn(database, ingest),
    ...sightingsIn(database),
    ...bundlesIn(database, ingest),
    ...sealsIn(database, ingest),
    ...networkIn(database, ingest),
    ...accessPeopleIn(database, ingest),
    ...accessActsIn(database, ingest),
    ...handlingIn(database, ingest),
    ...handlingPapersIn(database),
    ...exceptionsIn(database, ingest),
    ...clocksIn(database, ingest),
    ...signInIn(database, ingest),
    ...forwardIn(database, ingest),
    ...keepingIn(database),
    ...archivesIn(database, ingest),
    ...ledgerIn(database, ingest),
    ...ledgerStructureIn(database, ingest),
    ...identityIn(database, ingest),
    ...ceilingsIn(database, ingest),
    ...coverageIn(database, ingest),
    ...sessionsIn(database),
    ...findingsIn(database, ingest),
    ...findingSourcesIn(database),
    ...trailIn(database, ingest),
    ...printsIn(database, ingest),
    ...wallsIn(database),
    ...demonstrationIn(database, ingest),
    close: () => database.query.destroy(),
  }
  return { store, together: (work) => ingest.transaction(work) }
}

/** Methods without an await: what they do is done when they return, so that several fit into one transaction. */
export const GROUPED_METHODS: ReadonlySet<string> = new Set(['ingest', 'heard'] satisfies (keyof Store)[])

/** Verifies archives together with the database that they were taken out of: nothing is between them, nothing beside. */
import type { Finding } from '@shoukou/protocol'
import { archiveNameOf, compareArchive } from '../store/verify/compare-archive.ts'
import type { ReadOnlyDatabase } from '../store/verify/read-only.ts'
import { type ArchiveReport, verifyArchive } from './verify-archive.ts'

export interface Together {
  readonly archives: readonly ArchiveReport[]
  /** Places that checkpoints saw, and violations' records, which these archives hold. */
  readonly places: number
  readonly violations: number
}

/** Each archive's own findings come as this database's, with the archive's name before them. */
export async function verifyTogether(
  database: ReadOnlyDatabase,
  options: { readonly paths: readonly string[]; readonly logPublicKey: string | null },
  add: (finding: Finding) => void,
): Promise<Together> {
  const archives: ArchiveReport[] = []
  let [places, violations] = [0, 0]
  for (const path of options.paths) {
    const report = await verifyArchive({ path, logPublicKey: options.logPublicKey })
    archives.push(report)
    const name = archiveNameOf(database, report.digest)
    for (const finding of report.findings)
      add({ ...finding, what: `in the archive ${name ?? path}: ${finding.what}` })
    if (name === null) {
      add({
        kind: 'differs',
        table: 'archives',
        what: `${path} is none that this database knows by its digest ${report.digest}`,
      })
      continue
    }
    const seen = compareArchive(database, path, add)
    places += seen.places
    violations += seen.violations
  }
  return { archives, places, violations }
}

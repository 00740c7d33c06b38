/** The unit's numbers of computers, for whoever words what was found. */
import { openReadOnly } from './read-only.ts'

/** Reads them, by agent. */
export function readComputerNumbers(path: string): ReadonlyMap<string, string> {
  const database = openReadOnly(path)
  try {
    const rows = database.rows('select agent, number from computers').all() as unknown as [string, string][]
    return new Map(rows)
  } finally {
    database.close()
  }
}

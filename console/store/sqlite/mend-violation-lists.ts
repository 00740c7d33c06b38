/**
 * What violations are listed by is worked out from them: where the two part, however that came about, it is worked out anew
 * when the database is opened. A violation that stands in no list would be a missed one.
 */
import type { DatabaseSync } from 'node:sqlite'
import { fillViolationLists } from '../violation-lists-schema.ts'

/** Reads two indexes; writes only where something is wrong. Returns whether it was. */
export function mendViolationLists(connection: DatabaseSync): boolean {
  const isWrong = (sum: 'count' | 'leads', where: string): boolean =>
    connection
      .prepare(
        `select 1 from (select class, count(*) as found from violations where ${where} group by class) v
          full join (select id, ${sum} as told from violation_classes where ${sum} <> 0) c on c.id = v.class
          where v.found is not c.told limit 1`,
      )
      .get() !== undefined
  if (!isWrong('count', 'true') && !isWrong('leads', 'place is not null')) return false
  connection.exec('begin immediate')
  try {
    connection.exec('delete from violation_classes; delete from violation_totals')
    for (const sql of fillViolationLists) connection.exec(sql)
    connection.exec('commit')
  } catch (error) {
    if (connection.isTransaction) connection.exec('rollback')
    throw error
  }
  return true
}

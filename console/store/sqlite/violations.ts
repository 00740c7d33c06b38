/** Violations: added, listed, counted. On SQLite, in the thread that opened it. */

import type { ExpressionBuilder, Kysely } from 'kysely'
import type {
  NewViolation,
  Severity,
  Store,
  ViolationCounts,
  ViolationFilter,
  ViolationRow,
} from '../ports.ts'
import { violationRow } from '../rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import { SqliteIngest } from './ingest.ts'

type Part = Pick<
  Store,
  'addViolation' | 'violations' | 'violation' | 'countViolations' | 'countViolationsByComputer'
>

export function violationsIn({ query }: OpenDatabase, ingest: SqliteIngest): Part {
  return {
    async addViolation(
      agent: string,
      violation: NewViolation,
      receivedAt: number,
    ): Promise<ViolationRow | null> {
      return ingest.addViolation(agent, violation, receivedAt)
    },
    async violations(filter: ViolationFilter): Promise<readonly ViolationRow[]> {
      let selected = selectViolations(query).where(filterViolations(filter))
      if (filter.beforeId !== undefined) selected = selected.where('violations.id', '<', filter.beforeId)
      return (await selected.orderBy('violations.id', 'desc').limit(filter.limit).execute()).map(violationRow)
    },
    async violation(id: number): Promise<ViolationRow | null> {
      return violationOf(query, id)
    },
    async countViolations(
      filter: Omit<ViolationFilter, 'limit' | 'beforeId'>,
    ): Promise<readonly ViolationCounts[]> {
      const rows = await query
        .selectFrom('violations')
        .select((e) => ['severity', e.fn.countAll<number>().as('count')])
        .where(filterViolations(filter))
        .groupBy('severity')
        .execute()
      return rows.map((row) => ({ severity: row.severity as Severity, count: Number(row.count) }))
    },
    async countViolationsByComputer(): Promise<readonly (ViolationCounts & { readonly agent: string })[]> {
      const rows = await query
        .selectFrom('violations')
        .select((e) => ['agent', 'severity', e.fn.countAll<number>().as('count')])
        .groupBy(['agent', 'severity'])
        .execute()
      return rows.map((row) => ({
        agent: row.agent,
        severity: row.severity as Severity,
        count: Number(row.count),
      }))
    },
  }
}

/** One violation, null where there is none. */
export async function violationOf(query: Kysely<Tables>, id: number): Promise<ViolationRow | null> {
  const row = await selectViolations(query).where('violations.id', '=', id).executeTakeFirst()
  return row === undefined ? null : violationRow(row)
}

function selectViolations(query: Kysely<Tables>) {
  return query
    .selectFrom('violations')
    .innerJoin('computers', 'computers.agent', 'violations.agent')
    .selectAll('violations')
    .select('computers.number')
}

function filterViolations(filter: Omit<ViolationFilter, 'limit' | 'beforeId'>) {
  return (e: ExpressionBuilder<Tables, 'violations'>) =>
    e.and([
      ...(filter.severity === undefined ? [] : [e('violations.severity', 'in', [...filter.severity])]),
      ...(filter.type === undefined ? [] : [e('violations.type', 'in', [...filter.type])]),
      ...(filter.level === undefined ? [] : [e('violations.level', 'in', [...filter.level])]),
      ...(filter.agent === undefined ? [] : [e('violations.agent', '=', filter.agent)]),
      ...(filter.department === undefined
        ? []
        : [
            e(
              'violations.agent',
              'in',
              e.selectFrom('computers').select('computers.agent').where('department', '=', filter.department),
            ),
          ]),
      ...(filter.sinceMs === undefined ? [] : [e('violations.received_at', '>=', filter.sinceMs)]),
      ...(filter.untilMs === undefined ? [] : [e('violations.received_at', '<=', filter.untilMs)]),
    ])
}

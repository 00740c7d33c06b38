/** Violations: added, listed, counted. On SQLite, in the thread that opened it. */

import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import { OF_REGISTERS } from '../clock-ports.ts'
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
import { violationListsIn } from './violation-lists.ts'

type Part = Pick<
  Store,
  'addViolation' | 'violations' | 'violation' | 'countViolations' | 'countViolationsByComputer'
>

export function violationsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const lists = violationListsIn(connection)
  return {
    async addViolation(
      agent: string,
      violation: NewViolation,
      receivedAt: number,
    ): Promise<ViolationRow | null> {
      return ingest.addViolation(agent, violation, receivedAt)
    },
    async violations(filter: ViolationFilter): Promise<readonly ViolationRow[]> {
      const order = filter.isGrouped === true ? 'violations.place' : 'violations.id'
      const ids = lists.page(filter)
      let selected = selectViolations(query)
      if (ids === null) {
        selected = selected.where(filterViolations(filter))
        if (filter.beforeId !== undefined) selected = selected.where(order, '<', filter.beforeId)
      } else
        selected = selected.where(
          'violations.id',
          'in',
          sql<number>`(select value from json_each(${JSON.stringify(ids)}))`,
        )
      return (await selected.orderBy(order, 'desc').limit(filter.limit).execute()).map(violationRow)
    },
    async violation(id: number): Promise<ViolationRow | null> {
      return violationOf(query, id)
    },
    async countViolations(
      filter: Omit<ViolationFilter, 'limit' | 'beforeId'>,
    ): Promise<readonly ViolationCounts[]> {
      const known = lists.counts(filter)
      if (known !== null) return known
      const rows = await query
        .selectFrom('violations')
        .select((e) => ['severity', e.fn.countAll<number>().as('count')])
        .where(filterViolations(filter))
        .groupBy('severity')
        .execute()
      return rows.map((row) => ({ severity: row.severity as Severity, count: Number(row.count) }))
    },
    async countViolationsByComputer(): Promise<readonly (ViolationCounts & { readonly agent: string })[]> {
      return lists.byComputer()
    },
  }
}

/** One violation, null where there is none. */
export async function violationOf(query: Kysely<Tables>, id: number): Promise<ViolationRow | null> {
  const row = await selectViolations(query).where('violations.id', '=', id).executeTakeFirst()
  return row === undefined ? null : violationRow(row)
}

export function selectViolations(query: Kysely<Tables>) {
  return (
    query
      .selectFrom('violations')
      .leftJoin('computers', 'computers.agent', 'violations.agent')
      .leftJoin('exceptions', 'exceptions.id', 'violations.exception')
      .selectAll('violations')
      .select('exceptions.until_ms as exception_until')
      // Empty: what the registers say, which no computer did.
      .select(sql<string>`coalesce(computers.number, '')`.as('number'))
      .select(
        sql<number>`violations.repeats > 1 and exists (select 1 from violations r where r.repeat_of = violations.id and r.lasting is not null and r.ended_at is null)`.as(
          'ongoing',
        ),
      )
  )
}

export function filterViolations(filter: Omit<ViolationFilter, 'limit' | 'beforeId'>) {
  return (e: ExpressionBuilder<Tables, 'violations'>) =>
    e.and([
      ...(filter.severity === undefined ? [] : [e('violations.severity', 'in', [...filter.severity])]),
      ...(filter.type === undefined ? [] : [e('violations.type', 'in', [...filter.type])]),
      ...(filter.level === undefined ? [] : [e('violations.level', 'in', [...filter.level])]),
      ...(filter.agent === undefined ? [] : [e('violations.agent', '=', filter.agent)]),
      ...(filter.department === undefined
        ? []
        : [
            e.or([
              e(
                'violations.agent',
                'in',
                e
                  .selectFrom('computers')
                  .select('computers.agent')
                  .where('department', '=', filter.department),
              ),
              e.and([
                e('violations.agent', '=', OF_REGISTERS),
                e(
                  'violations.subject',
                  'in',
                  e
                    .selectFrom('media')
                    .select(sql<string>`'medium:' || media.number`.as('subject'))
                    .where('department', '=', filter.department),
                ),
              ]),
            ]),
          ]),
      ...(filter.state === undefined ? [] : [e('violations.state', 'in', [...filter.state])]),
      ...(filter.assignee === undefined ? [] : [e('violations.assignee', '=', filter.assignee)]),
      ...(filter.isExcepted === undefined
        ? []
        : [e('violations.exception', filter.isExcepted ? 'is not' : 'is', null)]),
      ...(filter.isGrouped === true ? [e('violations.place', 'is not', null)] : []),
      ...(filter.sinceMs === undefined ? [] : [e('violations.received_at', '>=', filter.sinceMs)]),
      ...(filter.untilMs === undefined ? [] : [e('violations.received_at', '<=', filter.untilMs)]),
    ])
}

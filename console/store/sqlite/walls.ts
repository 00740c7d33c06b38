/** Wall displays, and how well the unit was watched day by day. On SQLite, in the thread that opened it. */
import type { Selectable } from 'kysely'
import { OF_REGISTERS } from '../clock-ports.ts'
import type { Severity, Store } from '../ports.ts'
import type { WallRow, WallStore } from '../wall-ports.ts'
import type { WallTables } from '../wall-schema.ts'
import type { OpenDatabase } from './database.ts'
import { violationListsIn } from './violation-lists.ts'

export function wallsIn({ query, connection }: OpenDatabase): Pick<Store, keyof WallStore> {
  const lists = violationListsIn(connection)
  const open = connection.prepare(
    'update walls set session = ?, opened_at = ? where id = ? and session is null and ended_at is null',
  )
  const end = connection.prepare(
    'update walls set ended_at = ?, ended_by = ?, ended_why = ? where id = ? and ended_at is null',
  )
  const look = connection.prepare(
    'insert into watch_days (day, looks, proven, unproven, broken) values (?, 1, ?, ?, ?) on conflict (day) do update set looks = looks + 1, proven = proven + excluded.proven, unproven = unproven + excluded.unproven, broken = broken + excluded.broken',
  )
  const ofRegisters = connection.prepare(
    "select nullif(m.department, '') as department, v.severity, count(*) as count from violations v left join media m on 'medium:' || m.number = v.subject where v.agent = ? and v.place is not null and v.exception is null and v.state in (select value from json_each(?)) group by 1, 2",
  )
  const one = async (by: 'id' | 'code' | 'session', value: string | number): Promise<WallRow | null> => {
    const row = await query.selectFrom('walls').selectAll().where(by, '=', value).executeTakeFirst()
    return row === undefined ? null : wallRow(row)
  }
  return {
    async addWall({ account, address, reason, madeBy, madeAt, expiresAt, code, codeUntil }) {
      const row = await query
        .insertInto('walls')
        .values({
          ...{ account, address, reason, code },
          made_by: madeBy,
          made_at: madeAt,
          expires_at: expiresAt,
          code_until: codeUntil,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return wallRow(row)
    },
    async walls(limit) {
      const rows = await query.selectFrom('walls').selectAll().orderBy('id', 'desc').limit(limit).execute()
      return rows.map(wallRow)
    },
    wall: (id) => one('id', id),
    wallOfCode: (code) => one('code', code),
    wallOfSession: (session) => one('session', session),
    async openWalls() {
      const rows = await query
        .selectFrom('walls')
        .selectAll()
        .where('session', 'is not', null)
        .where('ended_at', 'is', null)
        .execute()
      return rows.map(wallRow)
    },
    async openWall(id, session, at) {
      return Number(open.run(session, at, id).changes) === 1
    },
    async endWall(id, { at, by, why }) {
      return Number(end.run(at, by, why, id).changes) === 1
    },
    async openViolationsOfRegisters(states) {
      return ofRegisters.all(OF_REGISTERS, JSON.stringify(states)).map((row) => ({
        department: row['department'] as string | null,
        severity: row['severity'] as Severity,
        count: Number(row['count']),
      }))
    },
    async openViolationsByComputer(states) {
      return lists.byComputer(states)
    },
    async addWatchLook(day, { proven, unproven, broken }) {
      look.run(day, proven, unproven, broken)
    },
    async watchDays(sinceDay) {
      const rows = await query
        .selectFrom('watch_days')
        .selectAll()
        .where('day', '>=', sinceDay)
        .orderBy('day')
        .execute()
      return rows.map(({ day, looks, proven, unproven, broken }) => ({
        day: Number(day),
        looks: Number(looks),
        proven: Number(proven),
        unproven: Number(unproven),
        broken: Number(broken),
      }))
    },
  }
}

function wallRow(row: Selectable<WallTables['walls']>): WallRow {
  return {
    id: Number(row.id),
    account: row.account,
    address: row.address,
    reason: row.reason,
    madeBy: row.made_by,
    madeAt: Number(row.made_at),
    expiresAt: Number(row.expires_at),
    code: row.code,
    codeUntil: Number(row.code_until),
    openedAt: numberOrNull(row.opened_at),
    session: row.session,
    endedAt: numberOrNull(row.ended_at),
    endedBy: row.ended_by,
    endedWhy: row.ended_why,
  }
}

function numberOrNull(value: number | bigint | null): number | null {
  return value === null ? null : Number(value)
}

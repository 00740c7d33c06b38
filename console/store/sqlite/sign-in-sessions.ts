/** Sessions, those that last and those whose owners are still to be told why they are over. On SQLite, in the thread that opened it. */
import type { Selectable } from 'kysely'
import type { Role } from '../ports.ts'
import type { SessionEnding, SessionReach, SessionRow, SignInFactor, SignInStore } from '../sign-in-ports.ts'
import type { SignInTables } from '../sign-in-schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

type Sessions = Pick<
  SignInStore,
  'addSession' | 'session' | 'touchSession' | 'endSession' | 'endSessionsOf' | 'sessionsOf' | 'sweepSessions'
>

export function sessionsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Sessions {
  const endOne = connection.prepare(
    'update sessions set ended_at = ?, ending = ? where id = ? and ended_at is null',
  )
  return {
    async addSession(session: SessionRow): Promise<void> {
      await query
        .insertInto('sessions')
        .values({
          id: session.id,
          account: session.account,
          role: session.role,
          created_at: session.createdAt,
          last_used_at: session.lastUsedAt,
          address: session.address,
          browser: session.browser,
          factors: session.factors.join(','),
          certificate: session.certificate,
          reach: session.reach,
          ended_at: session.endedAt,
          ending: session.ending,
        })
        .execute()
    },
    async session(id: string): Promise<SessionRow | null> {
      const row = await query.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : sessionRow(row)
    },
    async touchSession(id: string, lastUsedAt: number): Promise<void> {
      await query
        .updateTable('sessions')
        .set({ last_used_at: lastUsedAt })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .execute()
    },
    async endSession(id: string, ending: SessionEnding, at: number): Promise<boolean> {
      return Number(endOne.run(at, ending, id).changes) === 1
    },
    async endSessionsOf(account, { ending, at, except }): Promise<readonly string[]> {
      return ingest.transaction(() => {
        const open = connection
          .prepare('select id from sessions where account = ? and ended_at is null')
          .all(account) as { id: string }[]
        const ended = open.map(({ id }) => id).filter((id) => id !== except)
        for (const id of ended) endOne.run(at, ending, id)
        return ended
      })
    },
    async sessionsOf(account: string): Promise<readonly SessionRow[]> {
      const rows = await query
        .selectFrom('sessions')
        .selectAll()
        .where('account', '=', account)
        .where('ended_at', 'is', null)
        .orderBy('created_at', 'desc')
        .execute()
      return rows.map(sessionRow)
    },
    async sweepSessions({ at, usedBefore, createdBefore, endedBefore }): Promise<readonly SessionRow[]> {
      return ingest.transaction(() => {
        connection.prepare('delete from sessions where ended_at < ?').run(endedBefore)
        const over = connection
          .prepare(
            "select * from sessions where ended_at is null and reach <> 'wall' and (last_used_at <= ? or created_at <= ?)",
          )
          .all(usedBefore, createdBefore) as unknown as Selectable<SignInTables['sessions']>[]
        return over.map((row) => {
          const ending = Number(row.created_at) <= createdBefore ? 'too-old' : 'idle'
          endOne.run(at, ending, row.id)
          return sessionRow({ ...row, ended_at: at, ending })
        })
      })
    },
  }
}

function sessionRow(row: Selectable<SignInTables['sessions']>): SessionRow {
  return {
    id: row.id,
    account: row.account,
    role: row.role as Role,
    createdAt: Number(row.created_at),
    lastUsedAt: Number(row.last_used_at),
    address: row.address,
    browser: row.browser,
    factors: row.factors.split(',') as SignInFactor[],
    certificate: row.certificate,
    reach: row.reach as SessionReach,
    endedAt: numberOrNull(row.ended_at),
    ending: row.ending as SessionEnding | null,
  }
}

function numberOrNull(value: number | bigint | null): number | null {
  return value === null ? null : Number(value)
}

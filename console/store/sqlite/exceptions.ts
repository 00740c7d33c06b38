/**
 * Exceptions: what is allowed on one computer until a day, and what falls under it. On SQLite.
 *
 * Whatever falls under one says so in its own row, written when it is added. What lasts is taken in when an exception is
 * made, and comes back when that is over; what happened once in an exception's time stays what it was.
 */
import { isGraver, type ViolationId } from '@shoukou/protocol'
import { type Kysely, type Selectable, sql } from 'kysely'
import { OF_REGISTERS } from '../clock-ports.ts'
import type { ExceptionRow, HandlingStore } from '../handling-ports.ts'
import type { ViolationRow } from '../ports.ts'
import { violationRow } from '../rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { weighed } from './standing.ts'
import { selectViolations } from './violations.ts'

type Part = Pick<
  HandlingStore,
  'addException' | 'exceptions' | 'exception' | 'revokeException' | 'expireExceptions'
>

/** Looked through at once; the rest comes with the next look. */
const expiredMax = 500

export function exceptionsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const statements = {
    ofProposal: connection.prepare('select id from exceptions where proposal = ?'),
    inForce: connection.prepare(
      'select 1 from exceptions where agent = ? and type = ? and subject = ? and until_ms > ? and not exists (select 1 from exception_ends where exception = exceptions.id)',
    ),
    add: connection.prepare(
      'insert into exceptions (type, agent, subject, violation, from_ms, until_ms, reason, account, proposal) values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id',
    ),
    // One row that stands for something else as well goes on counting: nothing is hidden under another one's exception.
    lasting: connection.prepare(
      'select id, severity, level, evidence from violations where agent = ? and type = ? and subject = ? and lasting is not null and ended_at is null and not exists (select 1 from violations r where r.repeat_of = violations.id and r.subject is not violations.subject)',
    ),
    cause: connection.prepare('select severity, level, evidence from violations where id = ?'),
    cover: connection.prepare('update violations set exception = ? where id = ?'),
    end: connection.prepare(
      'insert into exception_ends (exception, at, account, reason) select id, ?, ?, ? from exceptions where id = ? and until_ms > ? on conflict (exception) do nothing',
    ),
    uncover: connection.prepare(
      'update violations set exception = null where exception = ? and lasting is not null and ended_at is null returning id',
    ),
  }

  async function rowsOf(ids: readonly number[]): Promise<readonly ViolationRow[]> {
    if (ids.length === 0) return []
    const rows = await selectViolations(query)
      .where('violations.id', 'in', [...ids])
      .orderBy('violations.id')
      .execute()
    return rows.map(violationRow)
  }
  const uncover = (exception: number): number[] =>
    statements.uncover.all(exception).map((row) => Number(row['id']))

  return {
    async addException(made) {
      const id = ingest.transaction(() => {
        const { type, agent, subject, violation, from, until, reason, account, proposal } = made
        const done = proposal === null ? undefined : statements.ofProposal.get(proposal)
        if (done !== undefined) return Number(done['id'])
        if (statements.inForce.get(agent, type, subject, from) !== undefined) return null
        const values = [type, agent, subject, violation, from, until, reason, account, proposal]
        const row = statements.add.get(...values) as { id: number }
        const cause = statements.cause.get(violation)
        for (const lasting of statements.lasting.all(agent, type, subject))
          if (cause !== undefined && !isGraver(weighed(lasting), weighed(cause)))
            statements.cover.run(row.id, Number(lasting['id']))
        return Number(row.id)
      })
      return id === null ? null : one(query, id)
    },
    async exceptions({ inForceAt, department, beforeId, limit }) {
      let selected = selectExceptions(query)
      if (inForceAt !== undefined)
        selected = selected.where('exceptions.until_ms', '>', inForceAt).where('ends.at', 'is', null)
      if (department !== undefined)
        selected = selected.where((e) =>
          e.or([
            e('computers.department', '=', department),
            e.and([
              e('exceptions.agent', '=', OF_REGISTERS),
              e(
                'exceptions.subject',
                'in',
                e
                  .selectFrom('media')
                  .select(sql<string>`'medium:' || media.number`.as('subject'))
                  .where('department', '=', department),
              ),
            ]),
          ]),
        )
      if (beforeId !== undefined) selected = selected.where('exceptions.id', '<', beforeId)
      return (await selected.orderBy('exceptions.id', 'desc').limit(limit).execute()).map(exceptionRow)
    },
    async exception(id) {
      return one(query, id)
    },
    async revokeException(id, { at, account, reason }) {
      const back = ingest.transaction(() =>
        Number(statements.end.run(at, account, reason, id, at).changes) === 1 ? uncover(id) : null,
      )
      return back === null ? null : rowsOf(back)
    },
    async expireExceptions(now) {
      const over = await query
        .selectFrom('violations')
        .innerJoin('exceptions', 'exceptions.id', 'violations.exception')
        .select('exceptions.id')
        .distinct()
        .where('violations.exception', 'is not', null)
        .where('violations.lasting', 'is not', null)
        .where('violations.ended_at', 'is', null)
        .where('exceptions.until_ms', '<=', now)
        .limit(expiredMax)
        .execute()
      return rowsOf(ingest.transaction(() => over.flatMap(({ id }) => uncover(Number(id)))))
    },
  }
}

function selectExceptions(query: Kysely<Tables>) {
  return (
    query
      .selectFrom('exceptions')
      // Of what the registers say there is no computer.
      .leftJoin('computers', 'computers.agent', 'exceptions.agent')
      .leftJoin('exception_ends as ends', 'ends.exception', 'exceptions.id')
      .selectAll('exceptions')
      .select([
        sql<string>`coalesce(computers.number, '')`.as('number'),
        'ends.at as revoked_at',
        'ends.account as revoked_by',
        'ends.reason as revoke_reason',
      ])
      .select(
        sql<number>`(select count(*) from violations v where v.exception = exceptions.id)`.as('covered'),
      )
  )
}

async function one(query: Kysely<Tables>, id: number): Promise<ExceptionRow | null> {
  const row = await selectExceptions(query).where('exceptions.id', '=', id).executeTakeFirst()
  return row === undefined ? null : exceptionRow(row)
}

function exceptionRow(
  row: Selectable<Tables['exceptions']> & {
    readonly number: string
    readonly revoked_at: number | null
    readonly revoked_by: string | null
    readonly revoke_reason: string | null
    readonly covered: number
  },
): ExceptionRow {
  return {
    id: Number(row.id),
    type: row.type as ViolationId,
    agent: row.agent,
    number: row.number,
    subject: row.subject,
    violation: Number(row.violation),
    from: Number(row.from_ms),
    until: Number(row.until_ms),
    reason: row.reason,
    account: row.account,
    proposal: row.proposal === null ? null : Number(row.proposal),
    revokedAt: row.revoked_at === null ? null : Number(row.revoked_at),
    revokedBy: row.revoked_by,
    revokeReason: row.revoke_reason,
    covered: Number(row.covered),
  }
}

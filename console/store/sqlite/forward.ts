/** Forwarding's targets, progress and events. On SQLite, in the thread that opened it. */
import type { Expression, ExpressionBuilder, Kysely, Selectable, SqlBool } from 'kysely'
import type {
  ForwardBatch,
  ForwardEventRow,
  ForwardFilter,
  ForwardProgressRow,
  ForwardStore,
  ForwardTargetRow,
} from '../forward-ports.ts'
import type { ForwardTables } from '../forward-tables.ts'
import type { ViolationRow } from '../ports.ts'
import { violationRow } from '../rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { selectViolations } from './violations.ts'

export function forwardIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): ForwardStore {
  const newest = connection.prepare('select coalesce(max(id), 0) as id from forward_events')
  const readWatch = connection.prepare('select state from forward_watch where agent = ?')
  const setWatch = connection.prepare(
    'insert into forward_watch (agent, state) values (?, ?) on conflict (agent) do update set state = excluded.state',
  )
  const addEvent = connection.prepare(
    "insert into forward_events (at, kind, agent, body) values (?, 'watch', ?, ?)",
  )
  const prune = connection.prepare(
    `delete from forward_events where id in (
       select id from forward_events
       where at < ? and id <= (select coalesce(min(cursor), (select max(id) from forward_events)) from forward_progress)
       order by id limit ?)`,
  )
  return {
    async forwardTargets(): Promise<readonly ForwardTargetRow[]> {
      const rows = await query.selectFrom('forward_targets').selectAll().orderBy('created_at').execute()
      return rows.map(targetRow)
    },
    async forwardTarget(id: string): Promise<ForwardTargetRow | null> {
      const row = await query
        .selectFrom('forward_targets')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : targetRow(row)
    },
    async addForwardTarget(target: ForwardTargetRow): Promise<void> {
      await query.transaction().execute(async (trx) => {
        await trx.insertInto('forward_targets').values(targetValues(target)).execute()
        await trx
          .insertInto('forward_progress')
          .values({
            target: target.id,
            cursor: Number(newest.get()?.['id'] ?? 0),
            sequence: 0,
            sent: 0,
            failures: 0,
          })
          .execute()
      })
    },
    async changeForwardTarget(target: ForwardTargetRow): Promise<boolean> {
      const { numUpdatedRows } = await query
        .updateTable('forward_targets')
        .set(targetValues(target))
        .where('id', '=', target.id)
        .where('version', '=', target.version - 1)
        .executeTakeFirst()
      return Number(numUpdatedRows) === 1
    },
    async removeForwardTarget(id: string): Promise<void> {
      await query.transaction().execute(async (trx) => {
        await trx.deleteFrom('forward_progress').where('target', '=', id).execute()
        await trx.deleteFrom('forward_targets').where('id', '=', id).execute()
      })
    },
    async forwardProgress(id: string): Promise<ForwardProgressRow | null> {
      const row = await query
        .selectFrom('forward_progress')
        .selectAll()
        .where('target', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : progressRow(row)
    },
    async forwardBatch(
      filter: ForwardFilter,
      after: number,
      limit: number,
      upTo?: number,
    ): Promise<ForwardBatch> {
      const last = upTo ?? Number(newest.get()?.['id'] ?? 0)
      const rows = await query
        .selectFrom('forward_events')
        .leftJoin('computers', 'computers.agent', 'forward_events.agent')
        .selectAll('forward_events')
        .select('computers.number')
        .where(passes(filter))
        .where('forward_events.id', '>', after)
        .where('forward_events.id', '<=', last)
        .orderBy('forward_events.id')
        .limit(limit)
        .execute()
      const violations = await violationsOf(query, rows)
      const events = rows.map((row) => eventRow(row, violations))
      // A whole batch may have more behind it; otherwise everything up to `last` is passed.
      return { events, upTo: events.length === limit ? (events.at(-1)?.id ?? last) : Math.max(after, last) }
    },
    async countForwardWaiting(filter: ForwardFilter, after: number, limit: number): Promise<number> {
      const { count } = await query
        .selectFrom((e) =>
          e
            .selectFrom('forward_events')
            .select('forward_events.id')
            .where(passes(filter))
            .where('forward_events.id', '>', after)
            .limit(limit)
            .as('waiting'),
        )
        .select((e) => e.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
    async setForwardProgress(progress: ForwardProgressRow): Promise<void> {
      const { target, ...values } = progressValues(progress)
      await query.updateTable('forward_progress').set(values).where('target', '=', target).execute()
    },
    async noteWatchState(
      agent: string,
      state: string,
      reasons: readonly string[],
      at: number,
    ): Promise<boolean> {
      return ingest.transaction(() => {
        const told = readWatch.get(agent)?.['state']
        if (told === state) return false
        setWatch.run(agent, state)
        if (told === undefined) return false
        addEvent.run(at, agent, JSON.stringify({ from: told, to: state, reasons }))
        return true
      })
    },
    async pruneForwardEvents(before: number, limit: number): Promise<number> {
      return Number(prune.run(before, limit).changes)
    },
  }
}

function passes(filter: ForwardFilter) {
  return (e: ExpressionBuilder<Tables, 'forward_events'>): Expression<SqlBool> => {
    const ofViolation: Expression<SqlBool>[] = []
    if (filter.severities.length > 0) {
      ofViolation.push(
        e.or([
          e('forward_events.severity', 'is', null),
          e('forward_events.severity', 'in', [...filter.severities]),
        ]),
      )
    }
    if (filter.types.length > 0) {
      ofViolation.push(
        e.or([e('forward_events.type', 'is', null), e('forward_events.type', 'in', [...filter.types])]),
      )
    }
    return e.and([
      // `in ()` is nothing, in words that every engine takes.
      e('forward_events.kind', 'in', filter.events.length === 0 ? [''] : [...filter.events]),
      ...ofViolation,
    ])
  }
}

async function violationsOf(
  query: Kysely<Tables>,
  rows: readonly { readonly kind: string; readonly ref: number | null }[],
): Promise<ReadonlyMap<number, ViolationRow>> {
  const ids = rows.flatMap(({ kind, ref }) => (kind.startsWith('violation') && ref !== null ? [ref] : []))
  if (ids.length === 0) return new Map()
  const found = await selectViolations(query)
    .where('violations.id', 'in', [...new Set(ids)])
    .execute()
  return new Map(found.map((row) => [Number(row.id), violationRow(row)]))
}

function eventRow(
  row: Selectable<ForwardTables['forward_events']> & { readonly number: string | null },
  violations: ReadonlyMap<number, ViolationRow>,
): ForwardEventRow {
  const ref = row.ref === null ? null : Number(row.ref)
  return {
    id: Number(row.id),
    at: Number(row.at),
    kind: row.kind as ForwardEventRow['kind'],
    agent: row.agent,
    number: row.number,
    ref,
    severity: row.severity as ForwardEventRow['severity'],
    type: row.type,
    body: row.body,
    violation: row.kind.startsWith('violation') && ref !== null ? (violations.get(ref) ?? null) : null,
  }
}

function targetRow(row: ForwardTables['forward_targets']): ForwardTargetRow {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as ForwardTargetRow['kind'],
    settings: row.settings,
    secrets: row.secrets,
    content: row.content as ForwardTargetRow['content'],
    language: row.language as ForwardTargetRow['language'],
    events: JSON.parse(row.events) as ForwardTargetRow['events'],
    severities: JSON.parse(row.severities) as ForwardTargetRow['severities'],
    types: JSON.parse(row.types) as string[],
    isPaused: row.is_paused === 1,
    version: Number(row.version),
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
  }
}

function targetValues(target: ForwardTargetRow): ForwardTables['forward_targets'] {
  return {
    id: target.id,
    name: target.name,
    kind: target.kind,
    settings: target.settings,
    secrets: target.secrets,
    content: target.content,
    language: target.language,
    events: JSON.stringify(target.events),
    severities: JSON.stringify(target.severities),
    types: JSON.stringify(target.types),
    is_paused: target.isPaused ? 1 : 0,
    version: target.version,
    created_at: target.createdAt,
    created_by: target.createdBy,
  }
}

const numberOrNull = (value: number | null): number | null => (value === null ? null : Number(value))

function progressRow(row: ForwardTables['forward_progress']): ForwardProgressRow {
  return {
    target: row.target,
    cursor: Number(row.cursor),
    sequence: Number(row.sequence),
    plannedTo: numberOrNull(row.planned_to),
    lastHash: row.last_hash,
    sent: Number(row.sent),
    lastSentAt: numberOrNull(row.last_sent_at),
    lastAnswer: row.last_answer,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as ForwardProgressRow['failure']),
    failedAt: numberOrNull(row.failed_at),
    failures: Number(row.failures),
    nextTryAt: numberOrNull(row.next_try_at),
  }
}

function progressValues(row: ForwardProgressRow): ForwardTables['forward_progress'] {
  return {
    target: row.target,
    cursor: row.cursor,
    sequence: row.sequence,
    planned_to: row.plannedTo,
    last_hash: row.lastHash,
    sent: row.sent,
    last_sent_at: row.lastSentAt,
    last_answer: row.lastAnswer,
    failure: row.failure === null ? null : JSON.stringify(row.failure),
    failed_at: row.failedAt,
    failures: row.failures,
    next_try_at: row.nextTryAt,
  }
}

/** Steps of handling violations, repeats, saved views. On SQLite, in the thread that opened it. */
import type { Selectable } from 'kysely'
import type {
  HandlingKind,
  HandlingRow,
  HandlingStanding,
  HandlingStore,
  MergeBy,
  NewHandling,
  SavedViewRow,
} from '../handling-ports.ts'
import type { ViolationRow } from '../ports.ts'
import { violationRow } from '../rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { selectViolations } from './violations.ts'

type Part = Pick<
  HandlingStore,
  | 'handling'
  | 'addHandling'
  | 'mergeViolations'
  | 'unmergeViolation'
  | 'repeatsOf'
  | 'savedViews'
  | 'addSavedView'
  | 'removeSavedView'
>

/** Of one account. */
const savedViewsMax = 50

export function handlingIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const statements = {
    newest: connection.prepare('select max(id) as id from violation_handling where violation = ?'),
    ofProposal: connection.prepare('select * from violation_handling where proposal = ?'),
    handle: connection.prepare(
      'insert into violation_handling (violation, at, account, kind, reason, proposal, detail) values (?, ?, ?, ?, ?, ?, ?) returning *',
    ),
    stand: connection.prepare(
      'update violations set state = ?, disposition = ?, is_incident = ?, assignee = ? where id = ? or repeat_of = ?',
    ),
    row: connection.prepare('select id, repeat_of from violations where id = ?'),
    merge: connection.prepare(
      'update violations set repeat_of = ?, place = null, repeats = 1, (state, disposition, is_incident, assignee) = (select state, disposition, is_incident, assignee from violations l where l.id = ?) where id = ? or repeat_of = ?',
    ),
    unmerge: connection.prepare(
      'update violations set repeat_of = null, place = id, repeats = 1, last_at = received_at where id = ?',
    ),
    // What is left of a group counts itself anew, whichever of them went.
    count: connection.prepare(
      'update violations set repeats = 1 + (select count(*) from violations r where r.repeat_of = violations.id), place = max(id, coalesce((select max(id) from violations r where r.repeat_of = violations.id), id)), last_at = max(received_at, coalesce((select max(received_at) from violations r where r.repeat_of = violations.id), received_at)) where id = ?',
    ),
    viewCount: connection.prepare('select count(*) as count from saved_views where account = ?'),
    addView: connection.prepare(
      'insert into saved_views (account, name, address, at) values (?, ?, ?, ?) on conflict (account, name) do nothing returning *',
    ),
    removeView: connection.prepare('delete from saved_views where account = ? and id = ?'),
  }

  function add({ violation, at, account, kind, reason, proposal, detail }: NewHandling): HandlingRow {
    const row = statements.handle.get(violation, at, account, kind, reason, proposal, detail ?? null)
    return handlingRow(row as unknown as HandlingColumns)
  }

  function stand(violation: number, { state, disposition, isIncident, assignee }: HandlingStanding): void {
    statements.stand.run(state, disposition, isIncident ? 1 : 0, assignee, violation, violation)
  }

  function leadOf(violation: number): number | null | undefined {
    const row = statements.row.get(violation)
    if (row === undefined) return undefined
    return row['repeat_of'] === null ? null : Number(row['repeat_of'])
  }

  const noteOf = (kind: HandlingKind, violation: number, other: number, by: MergeBy) =>
    add({ violation, ...by, kind, proposal: null, detail: String(other) })

  return {
    async handling(violation) {
      const rows = await query
        .selectFrom('violation_handling')
        .selectAll()
        .where('violation', '=', violation)
        .orderBy('id')
        .execute()
      return rows.map(handlingRow)
    },
    async addHandling(step, after, standing) {
      return ingest.transaction(() => {
        if (step.proposal !== null) {
          const done = statements.ofProposal.get(step.proposal)
          if (done !== undefined) return handlingRow(done as unknown as HandlingColumns)
        }
        const { id } = statements.newest.get(step.violation) as { id: number | null }
        if (id !== after) return null
        stand(step.violation, standing)
        return add(step)
      })
    },
    async mergeViolations(lead, violation, by) {
      return ingest.transaction(() => {
        if (lead === violation || leadOf(lead) !== null || leadOf(violation) !== null) return false
        statements.merge.run(lead, lead, violation, violation)
        statements.count.run(lead)
        noteOf('merge', violation, lead, by)
        noteOf('merge', lead, violation, by)
        return true
      })
    },
    async unmergeViolation(violation, by, standing) {
      return ingest.transaction(() => {
        const lead = leadOf(violation)
        if (lead === undefined || lead === null) return false
        statements.unmerge.run(violation)
        statements.count.run(lead)
        stand(violation, standing)
        noteOf('unmerge', violation, lead, by)
        noteOf('unmerge', lead, violation, by)
        return true
      })
    },
    async repeatsOf(lead, { beforeId, limit }): Promise<readonly ViolationRow[]> {
      let selected = selectViolations(query).where('violations.repeat_of', '=', lead)
      if (beforeId !== undefined) selected = selected.where('violations.id', '<', beforeId)
      return (await selected.orderBy('violations.id', 'desc').limit(limit).execute()).map(violationRow)
    },
    async savedViews(account) {
      const rows = await query
        .selectFrom('saved_views')
        .selectAll()
        .where('account', '=', account)
        .orderBy('name')
        .limit(savedViewsMax)
        .execute()
      return rows.map(savedViewRow)
    },
    async addSavedView({ account, name, address, at }) {
      return ingest.transaction(() => {
        const { count } = statements.viewCount.get(account) as { count: number }
        if (count >= savedViewsMax) return null
        const row = statements.addView.get(account, name, address, at)
        return row === undefined ? null : savedViewRow(row as unknown as Selectable<Tables['saved_views']>)
      })
    },
    async removeSavedView(account, id) {
      return Number(statements.removeView.run(account, id).changes) === 1
    },
  }
}

type HandlingColumns = Selectable<Tables['violation_handling']>

function handlingRow(row: HandlingColumns): HandlingRow {
  return {
    id: Number(row.id),
    violation: Number(row.violation),
    at: Number(row.at),
    account: row.account,
    kind: row.kind as HandlingKind,
    reason: row.reason,
    proposal: row.proposal === null ? null : Number(row.proposal),
    detail: row.detail ?? '',
  }
}

function savedViewRow({ id, account, name, address, at }: Selectable<Tables['saved_views']>): SavedViewRow {
  return { id: Number(id), account, name, address, at: Number(at) }
}

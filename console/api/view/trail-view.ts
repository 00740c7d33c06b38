/** Entries of the log as the API says them: an intention together with what came of it. Pure. */
import { parseTrailEntry, type TrailEntry } from '@shoukou/protocol'
import type { TrailRow } from '../../store/trail-ports.ts'
import type { Action, ActionDetail } from '../contract-trail.ts'

/** `ended`: the entry that says what came of it, where there is one. */
export function actionItem(row: TrailRow, ended: TrailRow | null): Action {
  const entry = parseTrailEntry(row.raw)
  const { outcome } = ended === null ? entry : parseTrailEntry(ended.raw)
  return {
    id: entry.seq,
    at: entry.atMs,
    account: entry.account,
    role: entry.role,
    person: entry.person ?? null,
    action: entry.act,
    object: entry.object,
    detail: entry.outcome.kind === 'refused' && entry.detail === entry.outcome.code ? '' : entry.detail,
    reason: entry.reason ?? null,
    address: entry.address,
    outcome: outcome.kind,
    code: outcome.kind === 'refused' ? outcome.code : null,
    hasValues: entry.before !== undefined || entry.after !== undefined,
    isEarlier: entry.isEarlier === true,
  }
}

export function actionDetail(row: TrailRow, ended: TrailRow | null): ActionDetail {
  const entry = parseTrailEntry(row.raw)
  return {
    action: actionItem(row, ended),
    before: entry.before ?? null,
    after: entry.after ?? null,
    session: entry.session ?? null,
    head: row.head,
    raw: Buffer.from(row.raw).toString('utf8'),
    endedBy: ended === null ? null : { id: ended.seq, at: parseTrailEntry(ended.raw).atMs, head: ended.head },
  }
}

/** Which entry an entry is about; null where it stands by itself. */
export function aboutOf(row: TrailRow): number | null {
  const { outcome }: TrailEntry = parseTrailEntry(row.raw)
  return outcome.kind === 'intended' ? null : (outcome.of ?? null)
}

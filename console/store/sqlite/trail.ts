/**
 * The administrators' log and its checkpoints. On SQLite, in the thread that opened it.
 *
 * Numbers have no hole: the next one and the head before it are read in the transaction that writes, since the command
 * line may write beside the running console.
 */
import type { DatabaseSync } from 'node:sqlite'
import {
  EVIDENCE_CHAIN,
  encodeTrailEntry,
  journalsRoot,
  parseTrailEntry,
  TRAIL_CHAIN,
  type TrailEntry,
  type TrailOutcome,
} from '@shoukou/protocol'
import type { Store } from '../ports.ts'
import type {
  ActionRow,
  CheckpointRow,
  DraftCheckpoint,
  TrailEnd,
  TrailFilter,
  TrailRow,
  TrailStore,
} from '../trail-ports.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { originOf } from './kept.ts'

type Part = Pick<Store, keyof TrailStore>

export function trailIn({ connection, query }: OpenDatabase, ingest: SqliteIngest): Part {
  const origin = originOf(connection)
  const trailEnd = (): TrailEnd => {
    const end = connection.prepare('select seq, head from trail order by seq desc limit 1').get() as
      | { seq: number; head: Uint8Array }
      | undefined
    const head = end?.head ?? TRAIL_CHAIN.genesis(origin)
    return { origin, seq: end?.seq ?? 0, head: hex(head) }
  }
  const select = () => query.selectFrom('trail').select(['seq', 'raw', 'head'])
  return {
    async addAction(action: ActionRow): Promise<number> {
      return ingest.transaction(() => add(connection, action, trailEnd()))
    },
    async actions(filter): Promise<readonly ActionRow[]> {
      let selected = select()
        .where((e) => e.or([e('about', 'is', null), e('outcome', '<>', 'done')]))
        .orderBy('seq', 'desc')
        .limit(filter.limit)
      if (filter.beforeId !== undefined) selected = selected.where('seq', '<', filter.beforeId)
      return (await selected.execute()).map(({ raw }) => actionRow(parseTrailEntry(raw)))
    },
    async trailEnd(): Promise<TrailEnd> {
      return trailEnd()
    },
    async trailHeadAt(seq: number): Promise<string | null> {
      if (seq === 0) return hex(TRAIL_CHAIN.genesis(origin))
      const row = connection.prepare('select head from trail where seq = ?').get(seq) as
        | { head: Uint8Array }
        | undefined
      return row === undefined ? null : hex(row.head)
    },
    async trailRows(filter: TrailFilter): Promise<readonly TrailRow[]> {
      let selected = select().orderBy('seq', 'desc').limit(filter.limit)
      if (filter.about !== undefined) selected = selected.where('about', 'in', [...filter.about])
      else if (filter.isFolded === true) selected = selected.where('about', 'is', null)
      if (filter.beforeSeq !== undefined) selected = selected.where('seq', '<', filter.beforeSeq)
      if (filter.seq !== undefined) selected = selected.where('seq', '=', filter.seq)
      if (filter.account !== undefined) selected = selected.where('account', '=', filter.account)
      if (filter.acts !== undefined) selected = selected.where('act', 'in', [...filter.acts])
      if (filter.object !== undefined) selected = selected.where('object', '=', filter.object)
      if (filter.fromMs !== undefined) selected = selected.where('at', '>=', filter.fromMs)
      if (filter.toMs !== undefined) selected = selected.where('at', '<=', filter.toMs)
      return (await selected.execute()).map(({ seq, raw, head }) => ({
        seq: Number(seq),
        raw,
        head: hex(head),
      }))
    },
    async trailActs(): Promise<readonly string[]> {
      const rows = await query.selectFrom('trail').select('act').distinct().orderBy('act').execute()
      return rows.map(({ act }) => act)
    },
    async draftCheckpoint(atMs: number): Promise<DraftCheckpoint> {
      return ingest.transaction(() => draft(connection, trailEnd(), atMs))
    },
    async addCheckpoint(made: CheckpointRow): Promise<CheckpointRow> {
      return ingest.transaction(() => addCheckpoint(connection, made))
    },
    async checkpoints(limit: number): Promise<readonly CheckpointRow[]> {
      const rows = await query
        .selectFrom('checkpoints')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        id: Number(row.id),
        origin,
        seq: Number(row.seq),
        head: row.head,
        atMs: Number(row.at),
        kept: Number(row.kept),
        keptHead: row.kept_head,
        journals: Number(row.journals),
        journalsRoot: row.journals_root,
        signature: row.signature,
        cause: row.cause,
      }))
    },
  }
}

function add(connection: DatabaseSync, action: ActionRow, end: TrailEnd): number {
  const seq = end.seq + 1
  const { act, outcome } = actOf(action)
  const raw = encodeTrailEntry({
    v: 1,
    seq,
    atMs: action.at,
    account: action.account,
    role: action.role ?? null,
    ...(action.person === undefined ? {} : { person: action.person }),
    act,
    object: action.object,
    detail: action.detail,
    ...(action.before === undefined ? {} : { before: action.before }),
    ...(action.after === undefined ? {} : { after: action.after }),
    ...(action.reason === undefined ? {} : { reason: action.reason }),
    outcome,
    address: action.address,
    ...(action.session === undefined ? {} : { session: action.session }),
  })
  // What stands in the columns is what the entry says, bounded as it is there.
  const entry = parseTrailEntry(raw)
  connection
    .prepare(
      'insert into trail (seq, raw, head, at, account, act, object, outcome, about) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      seq,
      raw,
      TRAIL_CHAIN.after(Buffer.from(end.head, 'hex'), seq, raw),
      entry.atMs,
      entry.account,
      entry.act,
      entry.object,
      outcome.kind,
      outcome.kind === 'intended' ? null : (outcome.of ?? null),
    )
  return seq
}

const refusedEnding = '-refused'

/** The names of acts come with what became of them: `policy-change-refused`. */
function actOf({ action, detail, isIntent, about }: ActionRow): { act: string; outcome: TrailOutcome } {
  const of = about === undefined ? {} : { of: about }
  if (action === 'refused') return { act: action, outcome: { kind: 'refused', code: detail, ...of } }
  if (action.endsWith(refusedEnding)) {
    const act = action.slice(0, -refusedEnding.length)
    return { act, outcome: { kind: 'refused', code: detail, ...of } }
  }
  return { act: action, outcome: isIntent === true ? { kind: 'intended' } : { kind: 'done', ...of } }
}

function actionRow(entry: TrailEntry): ActionRow {
  const { seq: id, atMs: at, act, outcome, account, role, object, detail, address } = entry
  const isRefused = outcome.kind === 'refused' && act !== 'refused'
  return {
    id,
    at,
    account,
    role,
    action: isRefused ? `${act}${refusedEnding}` : act,
    object,
    detail,
    address,
    ...(entry.person === undefined ? {} : { person: entry.person }),
    ...(entry.before === undefined ? {} : { before: entry.before }),
    ...(entry.after === undefined ? {} : { after: entry.after }),
    ...(entry.reason === undefined ? {} : { reason: entry.reason }),
    ...(entry.session === undefined ? {} : { session: entry.session }),
  }
}

/** Everything of one moment: the log's end, what was kept, where each journal stood (which is written down at once). */
function draft(connection: DatabaseSync, end: TrailEnd, atMs: number): DraftCheckpoint {
  const kept = connection.prepare('select seq, head from kept order by seq desc limit 1').get() as
    | { seq: number; head: Uint8Array }
    | undefined
  const { id } = connection
    .prepare(
      'select 1 + max((select coalesce(max(id), 0) from checkpoints), (select coalesce(max(checkpoint), 0) from checkpoint_places)) id',
    )
    .get() as { id: number }
  const root = journalsRoot()
  let journals = 0
  const places = connection.prepare('select agent, epoch, seq, head from journals where seq > 0 order by id')
  for (const row of places.iterate()) {
    const { agent, epoch, seq, head } = row as { agent: string; epoch: string; seq: number; head: string }
    root.add({ agent, epoch, seq, head: Buffer.from(head, 'hex') })
    journals += 1
  }
  connection
    .prepare(
      'insert into checkpoint_places (checkpoint, journal, seq, head) select ?, id, seq, unhex(head) from journals where seq > 0',
    )
    .run(id)
  return {
    id,
    origin: end.origin,
    seq: end.seq,
    head: end.head,
    atMs,
    kept: kept?.seq ?? 0,
    keptHead: hex(kept?.head ?? EVIDENCE_CHAIN.genesis(end.origin)),
    journals,
    journalsRoot: root.root(),
  }
}

function addCheckpoint(connection: DatabaseSync, made: CheckpointRow): CheckpointRow {
  const { id, seq, head, atMs, kept, keptHead, journals, journalsRoot: root, signature, cause } = made
  connection
    .prepare(
      'insert into checkpoints (id, seq, head, at, kept, kept_head, journals, journals_root, signature, cause) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(id, seq, head, atMs, kept, keptHead, journals, root, signature, cause)
  return made
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

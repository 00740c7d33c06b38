/** The administrators' log: read, verified and exported by the auditor, and every such reading is an entry of it. */
import { checkpointText, parseTrailEntry, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import type { CheckpointRow, TrailFilter, TrailRow } from '../../store/trail-ports.ts'
import type { TrailPort } from '../../trail/ports.ts'
import { readSetBack, SET_BACK_SEEN_ACT } from '../../trail/witnesses.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  ActionDetailSchema,
  type ActionsAnswer,
  ActionsAnswerSchema,
  type CheckpointItem,
  CheckpointSchema,
  CheckpointsAnswerSchema,
  DoneSchema,
  SetBackSeenSchema,
  type TrailQuery,
  TrailQuerySchema,
  type TrailState,
  TrailStateSchema,
  WarningsAnswerSchema,
} from '../contract-trail.ts'
import type { Api } from '../fastify.ts'
import { API_LIMITS } from '../limits.ts'
import type { NoteSeen } from '../seen-note.ts'
import { CSV_HEAD, csvLine } from '../view/trail-csv.ts'
import { actionDetail, actionItem } from '../view/trail-view.ts'
import { answers } from './answers.ts'

export interface TrailOptions {
  readonly store: Store
  readonly trail: TrailPort
  readonly note: NoteAction
  readonly seen: NoteSeen
}

const EntryParamsSchema = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)
const checkpointsShown = 400
const actsMax = 64

export function registerTrail(api: Api, options: TrailOptions): void {
  registerEntries(api, options)
  registerProofs(api, options)
}

function registerEntries(api: Api, { store, note, seen }: TrailOptions): void {
  api.get(
    '/api/actions',
    {
      config: { access: 'actions.read' },
      schema: {
        summary: 'What administrators did and saw, newest first, each with what came of it',
        querystring: TrailQuerySchema,
        response: answers(ActionsAnswerSchema),
      },
    },
    async (request): Promise<ActionsAnswer> => {
      const { limit = API_LIMITS.actionsPerPage, ...query } = request.query
      const found = await store.trailRows({ ...filterOf(query), limit: limit + 1 })
      const rows = found.slice(0, limit)
      const actions = await withEnds(store, rows)
      await seen(request, { action: 'log-read', object: '', detail: wordsOf(query) })
      return { actions, nextBefore: found.length > limit ? (rows.at(-1)?.seq ?? null) : null }
    },
  )
  api.get(
    '/api/actions/:id',
    {
      config: { access: 'actions.read' },
      schema: {
        summary: 'One entry: values before and after, its very bytes, its head',
        params: EntryParamsSchema,
        response: answers(ActionDetailSchema),
      },
    },
    async (request) => {
      const [row] = await store.trailRows({ seq: request.params.id, limit: 1 })
      if (row === undefined) throw new ShoukouError('not-found', 'There is no such entry; check its number.')
      const [ended = null] = await store.trailRows({ about: [row.seq], limit: 1 })
      await seen(request, { action: 'log-entry-read', object: String(row.seq), detail: '' })
      return actionDetail(row, ended)
    },
  )
  api.get(
    '/api/actions.csv',
    {
      config: { access: 'actions.read' },
      schema: { summary: 'What the filter finds, as CSV', querystring: TrailQuerySchema },
    },
    async (request, reply) => {
      const { limit = API_LIMITS.actionsPerExport, ...query } = request.query
      await note(request, { action: 'log-export', object: '', detail: wordsOf(query) })
      const lines = [CSV_HEAD]
      let filter: TrailFilter = { ...filterOf(query), limit: API_LIMITS.actionsPerPage }
      for (let left: number = limit; left > 0; ) {
        const rows = await store.trailRows({ ...filter, limit: Math.min(left, API_LIMITS.actionsPerPage) })
        lines.push(...(await withEnds(store, rows)).map(csvLine))
        const last = rows.at(-1)
        if (last === undefined || rows.length < API_LIMITS.actionsPerPage) break
        left -= rows.length
        filter = { ...filter, beforeSeq: last.seq }
      }
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="administrators-log.csv"')
        .send(lines.join(''))
    },
  )
}

function registerProofs(api: Api, { store, trail, note }: TrailOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/trail',
    {
      config: { access: 'actions.read' },
      schema: {
        summary: 'The log’s end, its proofs, and whether it was set back',
        response: answers(TrailStateSchema),
      },
    },
    async (): Promise<TrailState> => {
      const [end, acts, setBack] = await Promise.all([
        store.trailEnd(),
        store.trailActs(),
        readSetBack(store),
      ])
      return {
        ...end,
        keyName: trail.checkpoints.keyName,
        acts: [...acts],
        ...proofOf(trail),
        setBack: setBackView(setBack),
      }
    },
  )
  api.get(
    '/api/warnings',
    {
      config: { access: 'warnings.read' },
      schema: {
        summary: 'What whoever runs or guards this console must know of it',
        response: answers(WarningsAnswerSchema),
      },
    },
    async () => {
      const row = await readSetBack(store)
      return { setBack: row === null ? null : { at: parseTrailEntry(row.raw).atMs } }
    },
  )
  api.post(
    '/api/trail/verification',
    {
      config: { access: 'actions.verify' },
      schema: {
        summary: 'Verify the whole database now, beside the running console',
        response: answers(DoneSchema),
      },
    },
    async (request) => {
      await note(request, { action: 'log-verify', object: '', detail: '' })
      trail.verification.begin()
      return {}
    },
  )
  api.get(
    '/api/trail/checkpoints',
    {
      config: { access: 'actions.read' },
      schema: { summary: 'Checkpoints, newest first', response: answers(CheckpointsAnswerSchema) },
    },
    async () => ({
      checkpoints: (await store.checkpoints(checkpointsShown)).map(checkpointItem),
      keyName: trail.checkpoints.keyName,
    }),
  )
  api.post(
    '/api/trail/checkpoints',
    {
      config: { access: 'actions.verify' },
      schema: { summary: 'Sign a checkpoint now', response: answers(CheckpointSchema) },
    },
    async (request) => {
      const act = () => trail.checkpoints.make('asked')
      const names = ['log-checkpoint-ask', 'log-checkpoint-ask-refused'] as const
      return checkpointItem(await recorded(request, names, { object: '', detail: '', act }))
    },
  )
  api.post(
    '/api/trail/set-back',
    {
      config: { access: 'actions.verify' },
      schema: {
        summary: 'Say why the database was set back: the warning ends, the entries stay',
        body: SetBackSeenSchema,
        response: answers(DoneSchema),
      },
    },
    async (request) => {
      const row = await readSetBack(store)
      if (row === null) throw new ShoukouError('not-found', 'No such warning stands.')
      await note(request, {
        action: SET_BACK_SEEN_ACT,
        object: String(row.seq),
        detail: '',
        reason: request.body.reason,
      })
      return {}
    },
  )
}

type Filters = Omit<TrailQuery, 'limit'>

function filterOf({ before, account, acts, object, from, to }: Filters): Omit<TrailFilter, 'limit'> {
  const named = acts?.split(',').filter((act) => act !== '')
  if (
    named !== undefined &&
    (named.length > actsMax || named.some((act) => !/^[a-z][a-z-]{0,63}$/.test(act)))
  ) {
    throw new ShoukouError('invalid-request', 'acts: names of acts, joined by commas.')
  }
  return {
    isFolded: true,
    ...(before === undefined ? {} : { beforeSeq: before }),
    ...(account === undefined ? {} : { account }),
    ...(named === undefined || named.length === 0 ? {} : { acts: named }),
    ...(object === undefined ? {} : { object }),
    ...(from === undefined ? {} : { fromMs: from }),
    ...(to === undefined ? {} : { toMs: to }),
  }
}

/** What was looked for, without the page. */
function wordsOf({ before: _before, ...query }: Filters): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

async function withEnds(store: Store, rows: readonly TrailRow[]): Promise<ActionsAnswer['actions']> {
  if (rows.length === 0) return []
  const ends = await store.trailRows({ about: rows.map(({ seq }) => seq), limit: rows.length * 2 })
  const byAbout = new Map<number, TrailRow>()
  for (const end of ends) {
    const { outcome } = parseTrailEntry(end.raw)
    if (outcome.kind !== 'intended' && outcome.of !== undefined) byAbout.set(outcome.of, end)
  }
  return rows.map((row) => actionItem(row, byAbout.get(row.seq) ?? null))
}

function checkpointItem(row: CheckpointRow): CheckpointItem {
  const { id, origin, seq, head, atMs, kept, keptHead, journals, journalsRoot, signature, cause } = row
  const text = checkpointText(row)
  return { id, origin, seq, head, atMs, kept, keptHead, journals, journalsRoot, signature, cause, text }
}

function proofOf({ verification }: TrailPort): Pick<TrailState, 'progress' | 'failed' | 'verified'> {
  const { progress, last, failed } = verification.state
  if (last === null) return { progress, failed, verified: null }
  const { report, atMs } = last
  const verified = {
    at: atMs,
    isWhole: report.isWhole,
    entries: report.trail.entries,
    records: report.records.records,
    journals: report.journals.journals,
    violations: report.kept.violations,
    policies: report.kept.policies,
    checkpoints: report.checkpoints.checkpoints,
    tookMs: report.tookMs,
    findings: report.findings.slice(0, findingsShown),
    findingsTotal: report.findingsTotal,
  }
  return { progress, failed, verified }
}

const findingsShown = 50

function setBackView(row: { readonly seq: number; readonly raw: Uint8Array } | null): TrailState['setBack'] {
  if (row === null) return null
  const { atMs, detail, object } = parseTrailEntry(row.raw)
  return { at: atMs, seq: Number(object.split(' ', 1)[0]), how: detail, entry: row.seq }
}

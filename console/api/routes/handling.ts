/** How a violation is handled: what was done, by whom and why, the next step; and what is shown as one of several. */
import { mayRole, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Store, ViolationRow } from '../../store/ports.ts'
import { EXCEPTION_DAYS_MAX } from '../../workflows/handling/exceptions.ts'
import type { Handling } from '../../workflows/handling/handle-violation.ts'
import { actOfStep, nextSteps } from '../../workflows/handling/handling-state.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { ViolationItemSchema } from '../contract.ts'
import {
  AssignSchema,
  BulkAnswerSchema,
  BulkStepSchema,
  HANDLING_API_LIMITS,
  HandlersAnswerSchema,
  type HandlingAnswer,
  HandlingAnswerSchema,
  HandlingReasonSchema,
  HandlingStepSchema,
  MergeSchema,
} from '../contract-handling.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { notFound } from '../scope.ts'
import { violationItem } from '../view/violation-view.ts'
import { answers } from './answers.ts'

export const ViolationParamsSchema = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)
const RepeatsQuerySchema = Type.Object(
  { before: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })) },
  { additionalProperties: false },
)
const RepeatsAnswerSchema = Type.Object(
  {
    repeats: Type.Array(ViolationItemSchema),
    nextBefore: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  },
  { additionalProperties: false },
)
/** Steps that say enough by themselves. */
const mayBeSilent: ReadonlySet<string> = new Set(['acknowledge', 'unacknowledge'])

export interface HandlingOptions {
  readonly store: Store
  readonly handling: Handling
  readonly note: NoteAction
}

export function registerHandling(api: Api, { store, handling, note }: HandlingOptions): void {
  const recorded = recordedBy(note)
  const answer = async (id: number) => readHandling(store, handling, await violationOf(store, id))

  api.get(
    '/api/violations/:id/handling',
    {
      config: { access: 'violations.read', scope: 'violation' },
      schema: {
        summary: 'How a violation is handled: its steps, oldest first, those that may follow, and its papers',
        params: ViolationParamsSchema,
        response: answers(HandlingAnswerSchema),
      },
    },
    (request) => answer(request.params.id),
  )
  api.post(
    '/api/violations/:id/handling',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary: 'Take a step; where two people must want it, ask for it',
        params: ViolationParamsSchema,
        body: HandlingStepSchema,
        response: answers(HandlingAnswerSchema),
      },
    },
    async (request) => {
      const violation = await violationOf(store, request.params.id)
      const { kind, disposition } = request.body
      const reason = request.body.reason.trim()
      if (reason === '' && !mayBeSilent.has(kind))
        throw new ShoukouError('invalid-request', 'Say why: it stands in the record.')
      await recorded(request, ['violation-handle', 'violation-handle-refused'], {
        object: String(violation.id),
        detail: `${kind}${disposition === undefined ? '' : ` (${disposition})`}: ${violation.type} ${violation.number}`,
        ...(reason === '' ? {} : { reason }),
        act: () => handling.step(violation, { ...request.body, reason }, signedInOf(request).account),
      })
      return answer(violation.id)
    },
  )
  api.post(
    '/api/violations/steps',
    {
      config: { access: 'violations.handle' },
      schema: {
        summary: 'Acknowledge many violations at once, or take that back; each is done, or left with why',
        body: BulkStepSchema,
        response: answers(BulkAnswerSchema),
      },
    },
    async (request) => {
      const { kind, violations } = request.body
      const reason = request.body.reason.trim()
      const { account } = signedInOf(request)
      const ids = violations.map(({ id }) => id)
      return recorded(request, ['violations-acknowledge', 'violations-acknowledge-refused'], {
        object: `${ids.length} violations`,
        detail: `${kind}: ${ids.join(' ')}`,
        ...(reason === '' ? {} : { reason }),
        act: async () => {
          const done: { id: number; step: number }[] = []
          const left: { id: number; code: string }[] = []
          for (const { id, after } of violations) {
            try {
              await handling.step(await violationOf(store, id), { kind, reason, after }, account)
              done.push({ id, step: (await store.handling(id)).at(-1)?.id ?? 0 })
            } catch (error) {
              // Another one's step meanwhile leaves the rest to be done.
              if (!(error instanceof ShoukouError)) throw error
              left.push({ id, code: error.code })
            }
          }
          return { done, left }
        },
      })
    },
  )
  api.get(
    '/api/handlers',
    {
      config: { access: 'violations.handle' },
      schema: {
        summary: 'Accounts that a violation may be given to',
        response: answers(HandlersAnswerSchema),
      },
    },
    async () => ({
      handlers: (await store.accounts())
        .filter(({ state, role }) => state === 'active' && mayRole(role, 'violations.handle'))
        .map(({ name, person }) => ({ name, person })),
    }),
  )
  api.post(
    '/api/violations/:id/assignee',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary: 'Give it to an account; an empty one: to nobody',
        params: ViolationParamsSchema,
        body: AssignSchema,
        response: answers(HandlingAnswerSchema),
      },
    },
    async (request) => {
      const violation = await violationOf(store, request.params.id)
      const reason = request.body.reason.trim()
      await recorded(request, ['violation-assign', 'violation-assign-refused'], {
        object: String(violation.id),
        detail: request.body.account,
        ...(reason === '' ? {} : { reason }),
        act: () => handling.assign(violation, { ...request.body, reason }, signedInOf(request).account),
      })
      return answer(violation.id)
    },
  )
  registerRepeats(api, { store, handling, note })
}

function registerRepeats(api: Api, { store, handling, note }: HandlingOptions): void {
  const recorded = recordedBy(note)
  const answer = async (id: number) => readHandling(store, handling, await violationOf(store, id))

  api.get(
    '/api/violations/:id/repeats',
    {
      config: { access: 'violations.read', scope: 'violation' },
      schema: {
        summary:
          'The repeats that one violation stands for, newest first; each has its own evidence and proof',
        params: ViolationParamsSchema,
        querystring: RepeatsQuerySchema,
        response: answers(RepeatsAnswerSchema),
      },
    },
    async (request) => {
      const { before } = request.query
      const limit = HANDLING_API_LIMITS.rowsPerPage
      const page = { limit: limit + 1, ...(before === undefined ? {} : { beforeId: before }) }
      const rows = await store.repeatsOf(request.params.id, page)
      const shown = rows.slice(0, limit)
      return {
        repeats: shown.map(violationItem),
        nextBefore: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
      }
    },
  )
  api.post(
    '/api/violations/:id/repeats',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary: 'Show it as a repeat of another one of its type on its computer',
        params: ViolationParamsSchema,
        body: MergeSchema,
        response: answers(HandlingAnswerSchema),
      },
    },
    async (request) => {
      const [violation, lead] = await Promise.all([
        violationOf(store, request.params.id),
        violationOf(store, request.body.lead),
      ])
      const { name } = signedInOf(request).account
      const reason = request.body.reason.trim()
      await recorded(request, ['violation-merge', 'violation-merge-refused'], {
        object: String(violation.id),
        detail: `into ${lead.id}: ${violation.type} ${violation.number}`,
        reason,
        act: () => handling.merge(violation, lead, { reason, account: name }),
      })
      return answer(violation.id)
    },
  )
  api.post(
    '/api/violations/:id/repeats/end',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary: 'Let a repeat stand for itself again',
        params: ViolationParamsSchema,
        body: HandlingReasonSchema,
        response: answers(HandlingAnswerSchema),
      },
    },
    async (request) => {
      const violation = await violationOf(store, request.params.id)
      const { name } = signedInOf(request).account
      const reason = request.body.reason.trim()
      await recorded(request, ['violation-unmerge', 'violation-unmerge-refused'], {
        object: String(violation.id),
        detail: `out of ${violation.standing?.repeatOf ?? '-'}: ${violation.type} ${violation.number}`,
        reason,
        act: () => handling.unmerge(violation, { reason, account: name }),
      })
      return answer(violation.id)
    },
  )
}

/** Returns one violation. Throws ShoukouError `not-found`. */
export async function violationOf(store: Store, id: number): Promise<ViolationRow> {
  const row = await store.violation(id)
  if (row === null) throw notFound('violation')
  return row
}

async function readHandling(
  store: Store,
  handling: Handling,
  violation: ViolationRow,
): Promise<HandlingAnswer> {
  const { severity, standing } = violation
  const [{ handled, steps, open }, attachments, requests, statements] = await Promise.all([
    handling.read(violation.id),
    store.attachments(violation.id),
    store.statementRequests(violation.id),
    store.statements(violation.id),
  ])
  const repeatOf = standing?.repeatOf ?? null
  // A repeat stands as its first one stands.
  const shown = repeatOf === null || standing === undefined ? handled : standing
  const next = repeatOf === null ? nextSteps(handled, severity) : []
  return {
    ...{ state: shown.state, disposition: shown.disposition, isIncident: shown.isIncident },
    ...{ assignee: shown.assignee, repeatOf, repeats: standing?.repeats ?? 1 },
    steps: steps.map((one) => ({
      ...{ id: one.id, at: one.at, account: one.account, kind: one.kind },
      ...{ reason: one.reason, detail: one.detail, proposal: one.proposal },
    })),
    next: next.map((kind) => ({ kind, needsTwo: actOfStep(kind, severity, handled) !== null })),
    open: open.map(({ id, act, askedBy, askedAt, expiresAt, reason }) => ({
      ...{ id, act, askedBy, askedAt, expiresAt, reason },
    })),
    attachments: attachments.map(withoutViolation),
    requests: requests.map(withoutViolation),
    statements: statements.map(withoutViolation),
    exception:
      (standing?.subject ?? null) === null
        ? null
        : { needsTwo: severity === 'critical', daysMax: EXCEPTION_DAYS_MAX[severity] },
  }
}

/** A paper stands in its violation's own answer. */
export function withoutViolation<Row extends { readonly violation: number }>(
  row: Row,
): Omit<Row, 'violation'> {
  const { violation: _violation, ...rest } = row
  return rest
}

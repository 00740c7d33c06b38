/** How a violation is handled: what was done, by whom and why, and the next step. */

import { ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Store, ViolationRow } from '../../store/ports.ts'
import type { Handling, HandlingNow } from '../../workflows/handling/handle-violation.ts'
import { actOfStep, NEXT_STEPS } from '../../workflows/handling/handling-state.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { type HandlingAnswer, HandlingAnswerSchema, HandlingStepSchema } from '../contract-access.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { notFound } from '../scope.ts'
import { answers } from './answers.ts'

const ViolationParamsSchema = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)

export interface HandlingOptions {
  readonly store: Store
  readonly handling: Handling
  readonly note: NoteAction
}

export function registerHandling(api: Api, { store, handling, note }: HandlingOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/violations/:id/handling',
    {
      config: { access: 'violations.read', scope: 'violation' },
      schema: {
        summary: 'How a violation is handled: its steps, oldest first, and those that may follow',
        params: ViolationParamsSchema,
        response: answers(HandlingAnswerSchema),
      },
    },
    async (request) => {
      const violation = await violationOf(store, request.params.id)
      return handlingAnswer(await handling.read(violation.id), violation)
    },
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
      const { kind } = request.body
      const reason = request.body.reason.trim()
      if (reason === '' && kind !== 'acknowledge')
        throw new ShoukouError('invalid-request', 'Say why: it stands in the record.')
      await recorded(request, ['violation-handle', 'violation-handle-refused'], {
        object: String(violation.id),
        detail: `${kind}: ${violation.type} ${violation.number}`,
        ...(reason === '' ? {} : { reason }),
        act: () => handling.step(violation, { ...request.body, reason }, signedInOf(request).account),
      })
      return handlingAnswer(await handling.read(violation.id), violation)
    },
  )
}

async function violationOf(store: Store, id: number): Promise<ViolationRow> {
  const row = await store.violation(id)
  if (row === null) throw notFound('violation')
  return row
}

function handlingAnswer({ state, steps, open }: HandlingNow, { severity }: ViolationRow): HandlingAnswer {
  return {
    state,
    steps: steps.map(({ id, at, account, kind, reason, proposal }) => ({
      ...{ id, at, account, kind, reason, proposal },
    })),
    next: NEXT_STEPS[state].map((kind) => ({ kind, needsTwo: actOfStep(kind, severity) !== null })),
    open: open.map(({ id, act, askedBy, askedAt, expiresAt, reason }) => ({
      ...{ id, act, askedBy, askedAt, expiresAt, reason },
    })),
  }
}

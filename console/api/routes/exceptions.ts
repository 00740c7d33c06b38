/** Exceptions: what is allowed until when and why, made of a violation, taken back before its day. */
import { mayReach, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { ExceptionRow } from '../../store/handling-ports.ts'
import type { Store } from '../../store/ports.ts'
import type { Exceptions } from '../../workflows/handling/exceptions.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  type Exception,
  ExceptionSchema,
  ExceptionsAnswerSchema,
  ExceptionsQuerySchema,
  HANDLING_API_LIMITS,
  HandlingReasonSchema,
  NewExceptionAnswerSchema,
  NewExceptionSchema,
} from '../contract-handling.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { departmentFilter, scopeOf } from '../scope.ts'
import { answers } from './answers.ts'
import { ViolationParamsSchema, violationOf } from './handling.ts'

const ExceptionParamsSchema = Type.Object(
  { exception: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)

export interface ExceptionsOptions {
  readonly store: Store
  readonly exceptions: Exceptions
  readonly note: NoteAction
  readonly now: () => number
}

export function registerExceptions(api: Api, { store, exceptions, note, now }: ExceptionsOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/exceptions',
    {
      config: { access: 'violations.read', scope: 'filtered' },
      schema: {
        summary: 'Exceptions, newest first: those in force, or all that ever were',
        querystring: ExceptionsQuerySchema,
        response: answers(ExceptionsAnswerSchema),
      },
    },
    async (request) => {
      const { state = 'in-force', before } = request.query
      const limit = HANDLING_API_LIMITS.rowsPerPage
      const rows = await store.exceptions({
        ...departmentFilter(scopeOf(request)),
        ...(state === 'in-force' ? { inForceAt: now() } : {}),
        ...(before === undefined ? {} : { beforeId: before }),
        limit: limit + 1,
      })
      const shown = rows.slice(0, limit)
      return {
        exceptions: shown.map(exceptionView),
        nextBefore: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
      }
    },
  )
  api.post(
    '/api/violations/:id/exception',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary:
          'Allow the like of a violation on its computer until a day; of what may be a leak, ask for it',
        params: ViolationParamsSchema,
        body: NewExceptionSchema,
        response: answers(NewExceptionAnswerSchema),
      },
    },
    async (request) => {
      const violation = await violationOf(store, request.params.id)
      const { until } = request.body
      const reason = request.body.reason.trim()
      const made = await recorded(request, ['exception-ask', 'exception-ask-refused'], {
        object: String(violation.id),
        detail: `until ${new Date(until).toISOString()}: ${violation.type} ${violation.number} ${violation.standing?.subject ?? ''}`,
        reason,
        act: () => exceptions.make(violation, { until, reason }, signedInOf(request).account),
      })
      const { exception, proposal } = made
      return {
        exception: exception === null ? null : exceptionView(exception),
        proposal: proposal?.id ?? null,
      }
    },
  )
  api.post(
    '/api/exceptions/:exception/revoke',
    {
      config: { access: 'violations.handle', scope: 'filtered' },
      schema: {
        summary: 'End an exception before its day',
        params: ExceptionParamsSchema,
        body: HandlingReasonSchema,
        response: answers(ExceptionSchema),
      },
    },
    async (request) => {
      const { exception: id } = request.params
      const missing = () =>
        new ShoukouError('not-found', 'There is no exception of this number; see the list.')
      const found = await store.exception(id)
      if (found === null) throw missing()
      const place = await store.departmentOf('computer', found.agent)
      if (!mayReach(scopeOf(request), place?.department ?? null)) throw missing()
      const reason = request.body.reason.trim()
      const { name } = signedInOf(request).account
      await recorded(request, ['exception-revoke', 'exception-revoke-refused'], {
        object: String(id),
        detail: `${found.type} ${found.number} ${found.subject}`,
        reason,
        act: () => exceptions.revoke(id, { account: name, reason }),
      })
      const row = await store.exception(id)
      if (row === null) throw missing()
      return exceptionView(row)
    },
  )
}

export function exceptionView({ proposal: _proposal, ...row }: ExceptionRow): Exception {
  return row
}

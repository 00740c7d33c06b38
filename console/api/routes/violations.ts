/** Violations: the list with its counts, one with its evidence, proof and surroundings, and the overview. */
import { LEVELS, VIOLATION_IDS } from '@shoukou/protocol'
import type { Static } from 'typebox'
import { Type } from 'typebox'
import { HANDLING_STATES } from '../../store/handling-ports.ts'
import type { Store, ViolationFilter, ViolationRow } from '../../store/ports.ts'
import { OPEN_STATES } from '../../workflows/handling/handling-state.ts'
import {
  type Overview,
  OverviewSchema,
  SEVERITIES,
  type ViolationDetail,
  ViolationDetailSchema,
  type ViolationsAnswer,
  ViolationsAnswerSchema,
  ViolationsQuerySchema,
} from '../contract.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { ComputerReader } from '../read-computers.ts'
import { createOverviewReader } from '../read-overview.ts'
import { readViolationDetail } from '../read-violation.ts'
import { departmentFilter, notFound, scopeOf } from '../scope.ts'
import type { NoteSeen } from '../seen-note.ts'
import { violationItem } from '../view/violation-view.ts'
import { answers } from './answers.ts'
import { parseList } from './list-parameter.ts'

const ViolationParamsSchema = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)

export interface ViolationsOptions {
  readonly store: Store
  readonly computers: ComputerReader
  readonly seen: NoteSeen
  readonly now: () => number
}

export function registerViolations(api: Api, { store, computers, seen, now }: ViolationsOptions): void {
  const watchOverview = createOverviewReader(computers)
  api.get(
    '/api/violations',
    {
      config: { access: 'violations.read', scope: 'filtered' },
      schema: {
        summary:
          'Violations, newest first; `from` and `to` are times of receipt; counts are of all that the filter finds',
        querystring: ViolationsQuerySchema,
        response: answers(ViolationsAnswerSchema),
      },
    },
    async (request): Promise<ViolationsAnswer> => {
      const { before, limit = API_LIMITS.violationsPerPage } = request.query
      const { name } = signedInOf(request).account
      // Whose role sees one department alone sees no other one by asking for it.
      const filter = { ...filterOf(request.query, name), ...departmentFilter(scopeOf(request)) }
      const page = { ...filter, limit: limit + 1, ...(before === undefined ? {} : { beforeId: before }) }
      const [found, counts] = await Promise.all([store.violations(page), store.countViolations(filter)])
      const rows = found.slice(0, limit)
      return {
        violations: rows.map(violationItem),
        counts: counts.map(({ severity, count }) => ({ severity, count })),
        nextBefore: found.length > limit ? placeOf(rows.at(-1), request.query.repeats === 'one') : null,
      }
    },
  )

  api.get(
    '/api/violations/:id',
    {
      config: { access: 'violations.read', scope: 'violation' },
      schema: {
        summary: 'One violation: evidence, legal basis, proof computed anew, what happened around it',
        params: ViolationParamsSchema,
        response: answers(ViolationDetailSchema),
      },
    },
    async (request): Promise<ViolationDetail> => {
      const row = await store.violation(request.params.id)
      if (row === null) throw notFound('violation')
      await seen(request, {
        action: 'violation-read',
        object: String(row.id),
        detail: `${row.type} ${row.number}`,
      })
      return readViolationDetail(store, row)
    },
  )

  api.get(
    '/api/overview',
    {
      config: { access: 'overview.read', scope: 'filtered' },
      schema: { summary: 'What happens, what is watched', response: answers(OverviewSchema) },
    },
    async (request): Promise<Overview> => {
      const scope = scopeOf(request)
      const filter = departmentFilter(scope)
      const [counts, newest, watched] = await Promise.all([
        // What is to be done: open, and not allowed for a time. Repeats are one.
        store.countViolations({ ...filter, state: OPEN_STATES, isExcepted: false, isGrouped: true }),
        store.violations({ ...filter, isGrouped: true, limit: API_LIMITS.newestViolations }),
        watchOverview(scope),
      ])
      return {
        now: now(),
        counts: counts.map(({ severity, count }) => ({ severity, count })),
        newest: newest.map(violationItem),
        lastViolationAt: newest[0]?.receivedAt ?? null,
        ...watched,
      }
    },
  )
}

function placeOf(last: ViolationRow | undefined, isGrouped: boolean): number | null {
  if (last === undefined) return null
  return isGrouped ? (last.standing?.place ?? last.id) : last.id
}

export function filterOf(
  query: Static<typeof ViolationsQuerySchema>,
  account: string,
): Omit<ViolationFilter, 'limit' | 'beforeId'> {
  const severity = parseList('severity', query.severity ?? '', SEVERITIES)
  const type = parseList('type', query.type ?? '', VIOLATION_IDS)
  const level = parseList('level', query.level ?? '', LEVELS)
  const state = parseList('state', query.state ?? '', HANDLING_STATES)
  return {
    ...(state === undefined ? {} : { state }),
    ...(query.assignee === undefined ? {} : { assignee: query.assignee === 'me' ? account : query.assignee }),
    ...(query.excepted === undefined ? {} : { isExcepted: query.excepted === 'yes' }),
    ...(query.department === undefined ? {} : { department: query.department }),
    ...(query.repeats === undefined ? {} : { isGrouped: true }),
    ...(severity === undefined ? {} : { severity }),
    ...(type === undefined ? {} : { type }),
    ...(level === undefined ? {} : { level }),
    ...(query.agent === undefined ? {} : { agent: query.agent }),
    ...(query.from === undefined ? {} : { sinceMs: query.from }),
    ...(query.to === undefined ? {} : { untilMs: query.to }),
  }
}

/** The ledger against reality: the work list, what people do with it, and after how many days a thing counts as unseen. */
import { mayReach, mayRole, ShoukouError, type ViewScope } from '@shoukou/protocol'
import { Type } from 'typebox'
import { FINDING_KINDS } from '../../ledger/reality.ts'
import type { FindingFilter, FindingRow } from '../../store/findings-ports.ts'
import type { Store } from '../../store/ports.ts'
import { withAllBelow } from '../../workflows/registers/departments.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  FINDING_PLACES,
  FINDING_SEVERITIES,
  type Finding,
  FindingActsAnswerSchema,
  FindingActsSchema,
  FindingDaysSchema,
  FindingEventsAnswerSchema,
  type FindingsAnswer,
  FindingsAnswerSchema,
  FindingsQuerySchema,
} from '../contract-findings.ts'
import type { AnyRequest, Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { RegistersPort } from '../ports.ts'
import { scopeOf } from '../scope.ts'
import { answers } from './answers.ts'
import { parseList } from './list-parameter.ts'

const closed = { additionalProperties: false } as const
const countedMax = 10_000
const perPage = 50
const eventsMax = 100

export interface FindingsRoutesOptions {
  readonly store: Store
  readonly registers: RegistersPort
  readonly note: NoteAction
  readonly now: () => number
}

export function registerFindings(api: Api, { store, registers, note, now }: FindingsRoutesOptions): void {
  const recorded = recordedBy(note)
  const { findings } = registers

  api.get(
    '/api/findings',
    {
      config: { access: 'registers.read', scope: 'filtered' },
      schema: {
        summary: 'Where the registers and what agents see do not agree: the gravest first, then the oldest',
        querystring: FindingsQuerySchema,
        response: answers(FindingsAnswerSchema),
      },
    },
    async (request): Promise<FindingsAnswer> => {
      const { offset = 0, limit = perPage, ...query } = request.query
      const { name, role } = signedInOf(request).account
      const filter = await findingFilter(store, query, { scope: scopeOf(request), account: name, at: now() })
      const { kinds: _kinds, ...others } = filter
      const [rows, total, kinds, unseenDays] = await Promise.all([
        store.findings(filter, { offset, limit }),
        store.countFindings(filter, countedMax),
        store.countFindingKinds(others),
        findings.unseenDays(),
      ])
      return {
        findings: rows.map(findingView),
        ...{ total, countedTo: countedMax, kinds: kinds.map((one) => ({ ...one })), unseenDays },
        mayAct: mayRole(role, 'registers.write'),
        mayKeep: mayRole(role, 'registers.keep'),
      }
    },
  )
  api.get(
    '/api/findings/:id/events',
    {
      config: { access: 'registers.read', scope: 'filtered' },
      schema: {
        summary: 'What became of one finding, newest first',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) }, closed),
        response: answers(FindingEventsAnswerSchema),
      },
    },
    async (request) => {
      const { id } = await findingOf(store, request, request.params.id)
      return { events: (await store.findingEvents(id, eventsMax)).map((one) => ({ ...one })) }
    },
  )
  api.post(
    '/api/findings/acts',
    {
      config: { access: 'registers.write', scope: 'filtered' },
      schema: {
        summary:
          'Take findings on, give them back, note something, or let them rest until a day: all or none',
        body: FindingActsSchema,
        response: answers(FindingActsAnswerSchema),
      },
    },
    async (request) => {
      const { findings: of, act } = request.body
      for (const { id } of of) await findingOf(store, request, id)
      const { name } = signedInOf(request).account
      const words = of.map(({ id }) => id).join(', ')
      return recorded(request, ['finding-act', 'finding-act-refused'], {
        object: of.length === 1 ? (of[0]?.id ?? '') : `${of.length} findings`,
        detail: `${act.kind}: ${words}`.slice(0, 500),
        ...('text' in act && act.text !== '' ? { reason: act.text } : {}),
        act: async () => {
          await findings.act(of, act, name)
          return { done: of.length }
        },
      })
    },
  )
  api.put(
    '/api/findings/days',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'After how many days without a sight a registered thing is a finding',
        body: FindingDaysSchema,
        response: answers(FindingDaysSchema),
      },
    },
    async (request) => {
      const { days, reason } = request.body
      return recorded(request, ['finding-days', 'finding-days-refused'], {
        object: 'unseen-days',
        detail: String(days),
        before: { days: await findings.unseenDays() },
        after: { days },
        reason,
        act: async () => {
          await findings.setUnseenDays(days)
          await findings.look()
          return { days, reason }
        },
      })
    },
  )
}

interface Query {
  readonly state?: 'open' | 'snoozed' | 'resolved'
  readonly kind?: string
  readonly severity?: string
  readonly place?: string
  readonly department?: string
  readonly taken?: string
  readonly search?: string
  readonly sort?: 'since' | 'number' | 'department'
  readonly order?: 'asc' | 'desc'
}

/** Returns the filter that a query asks for, narrowed to what is reached. List and export ask the same. */
export async function findingFilter(
  store: Store,
  query: Query,
  by: { readonly scope: ViewScope; readonly account: string; readonly at: number },
): Promise<FindingFilter> {
  const { scope, account, at } = by
  const kinds = parseList('kind', query.kind ?? '', FINDING_KINDS)
  const severities = parseList('severity', query.severity ?? '', FINDING_SEVERITIES)
  const places = parseList('place', query.place ?? '', FINDING_PLACES)
  const asked =
    query.department === undefined ? null : withAllBelow(await store.departmentTree(), query.department)
  const own = scope.kind === 'unit' ? null : [scope.department ?? '']
  const departments = own === null ? asked : asked === null ? own : own.filter((one) => asked.includes(one))
  const { taken, search, state = 'open' } = query
  const takenBy = taken === 'nobody' ? null : taken === 'me' ? account : taken
  return {
    ...{ state, at },
    ...(kinds === undefined ? {} : { kinds }),
    ...(severities === undefined ? {} : { severities }),
    ...(places === undefined ? {} : { places }),
    ...(departments === null ? {} : { departments: departments.length === 0 ? [''] : departments }),
    ...(takenBy === undefined ? {} : { takenBy }),
    ...(search === undefined ? {} : { search }),
    ...(query.sort === undefined ? {} : { sort: query.sort, isDescending: query.order === 'desc' }),
  }
}

async function findingOf(store: Store, request: AnyRequest, id: string): Promise<FindingRow> {
  const row = await store.finding(id)
  if (row !== null && mayReach(scopeOf(request), row.department)) return row
  throw new ShoukouError('not-found', 'There is no finding of this name; load the list again.')
}

export function findingView(row: FindingRow): Finding {
  const { row: _row, ...rest } = row
  return { ...rest, told: { ...row.told } } as Finding
}

/** The registers: lists, entries, steps, numbers. Which fields a kind has, and what they must be, is `console/ledger`. */
import { LEVELS, mayReach, mayRole, ShoukouError, type ViewScope } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { LedgerKindName } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import type { LedgerEntryRow, LedgerFilter, LedgerPlace } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'
import type { By } from '../../workflows/registers/create-registers.ts'
import { withAllBelow } from '../../workflows/registers/departments.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  type LedgerEntryAnswer,
  LedgerEntryAnswerSchema,
  LedgerEntryChangeSchema,
  LedgerKindSchema,
  LedgerStepSchema,
  NewLedgerEntrySchema,
  NextNumberAnswerSchema,
  NextNumberQuerySchema,
  type RegisterAnswer,
  RegisterAnswerSchema,
  RegisterQuerySchema,
} from '../contract-registers.ts'
import type { AnyRequest, Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { RegistersPort } from '../ports.ts'
import { scopeOf } from '../scope.ts'
import { changedParts } from '../view/changed-parts.ts'
import { entryView, handoverView } from '../view/register-view.ts'
import { answers } from './answers.ts'
import { parseList } from './list-parameter.ts'

const closed = { additionalProperties: false } as const
const KindParamsSchema = Type.Object({ kind: LedgerKindSchema }, closed)
const EntryParamsSchema = Type.Object(
  { kind: LedgerKindSchema, number: Type.String({ minLength: 1, maxLength: 64 }) },
  closed,
)
const countedMax = 10_000
const namedByMax = 200
const handoversMax = 100

export interface RegistersRoutesOptions {
  readonly store: Store
  readonly registers: RegistersPort
  readonly note: NoteAction
}

export function registerRegisters(api: Api, { store, registers, note }: RegistersRoutesOptions): void {
  const recorded = recordedBy(note)
  const { book, filing } = registers

  async function answerOf(request: AnyRequest, row: LedgerEntryRow): Promise<LedgerEntryAnswer> {
    const { kind, number } = row
    const scope = scopeOf(request)
    const { role } = signedInOf(request).account
    const [history, printings, namedBy, handovers, agent] = await Promise.all([
      store.ledgerHistory(kind, number, API_LIMITS.mediumHistoryMax),
      mayRole(role, 'prints.read') ? store.printingsOf({ kind, number }, API_LIMITS.mediumHistoryMax) : [],
      store.ledgerNamedBy(kind, number, namedByMax),
      kind === 'carriers' ? store.handovers(kind, number, handoversMax) : [],
      kind === 'computers' ? filing.agentOf(number) : null,
    ])
    const reached = await reachedOf(store, scope, namedBy)
    return {
      entry: entryView(row),
      history: history.map((one) => ({ ...one })),
      printings: printings.map((one) => ({ ...one })),
      namedBy: reached.map((one) => ({ ...one, kind: one.kind as LedgerKindName })),
      handovers: handovers.map(handoverView),
      agent: agent !== null && mayReach(scope, agent.computer.department) ? agent.computer.agent : null,
      mayChange: mayRole(role, 'registers.write'),
      mayKeep: mayRole(role, 'registers.keep'),
    }
  }

  api.get(
    '/api/registers/:kind',
    {
      config: { access: 'registers.read', scope: 'filtered' },
      schema: {
        summary: 'Entries of a register, page by page; `total` is counted no further than `countedTo`',
        params: KindParamsSchema,
        querystring: RegisterQuerySchema,
        response: answers(RegisterAnswerSchema),
      },
    },
    async (request): Promise<RegisterAnswer> => {
      const {
        sort = 'number',
        order = 'asc',
        after,
        limit = API_LIMITS.registerEntriesPerPage,
      } = request.query
      const filter = await filterOf(store, request.params.kind, request.query, scopeOf(request))
      const page = { filter, sort, isDescending: order === 'desc', limit }
      const [found, total] = await Promise.all([
        store.ledgerEntries(after === undefined ? page : { ...page, after: placeOf(after) }),
        store.countLedger(filter, countedMax),
      ])
      return {
        entries: found.entries.map(entryView),
        next: found.next === null ? null : textOfPlace(found.next),
        total,
        countedTo: countedMax,
      }
    },
  )
  api.get(
    '/api/registers/:kind/next-number',
    {
      config: { access: 'registers.write', scope: 'filtered' },
      schema: {
        summary: 'The number that the next entry would be given; it is counted off when the entry is made',
        params: KindParamsSchema,
        querystring: NextNumberQuerySchema,
        response: answers(NextNumberAnswerSchema),
      },
    },
    async (request) => {
      const { level = null, department = '' } = request.query
      return { number: await book.nextNumber(request.params.kind, { level, department }) }
    },
  )
  api.get(
    '/api/registers/:kind/:number',
    {
      config: { access: 'registers.read', scope: 'filtered' },
      schema: {
        summary: 'One entry, its history newest first, what names it',
        params: EntryParamsSchema,
        response: answers(LedgerEntryAnswerSchema),
      },
    },
    async (request) => answerOf(request, await entryOf(store, request, request.params)),
  )
  api.post(
    '/api/registers/:kind',
    {
      config: { access: 'registers.write', scope: 'filtered' },
      schema: {
        summary: 'Register one; its number is the unit’s next where none is given',
        params: KindParamsSchema,
        body: NewLedgerEntrySchema,
        response: answers(LedgerEntryAnswerSchema),
      },
    },
    async (request) => {
      const { kind } = request.params
      const { body } = request
      assertOwn(request, body.department)
      const { reason, number = '', ...details } = body
      const row = await recorded(request, ['ledger-register', 'ledger-register-refused'], {
        object: number,
        detail: kind,
        ...changedParts(null, details),
        reason,
        act: () => book.register(kind, { ...body, fields: details.fields }, byOf(request)),
      })
      return answerOf(request, row)
    },
  )
  api.put(
    '/api/registers/:kind/:number',
    {
      config: { access: 'registers.write', scope: 'filtered' },
      schema: {
        summary: 'Change what people filled in; another level needs who keeps the registers',
        params: EntryParamsSchema,
        body: LedgerEntryChangeSchema,
        response: answers(LedgerEntryAnswerSchema),
      },
    },
    async (request) => {
      const { kind } = request.params
      const before = await entryOf(store, request, request.params)
      const { body } = request
      assertOwn(request, body.department)
      if (body.level !== before.level) assertKeeper(request)
      if (kind === 'people' && before.state !== 'proposed') assertClearanceKept(request, before, body)
      const { reason, baseVersion, officer: _officer, ...details } = body
      const row = await recorded(request, ['ledger-change', 'ledger-change-refused'], {
        object: before.number,
        detail: `${kind}, from version ${baseVersion}`,
        ...changedParts(before, details),
        reason,
        act: () => book.change(kind, before.number, { ...body, fields: details.fields }, byOf(request)),
      })
      return answerOf(request, row)
    },
  )
  api.post(
    '/api/registers/:kind/:number/state',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'Take the next step of an entry’s life: file, put in use, repair, retire, destroy …',
        params: EntryParamsSchema,
        body: LedgerStepSchema,
        response: answers(LedgerEntryAnswerSchema),
      },
    },
    async (request) => {
      const { kind } = request.params
      const before = await entryOf(store, request, request.params)
      const { body } = request
      const row = await recorded(request, ['ledger-state', 'ledger-state-refused'], {
        object: before.number,
        detail: `${kind}: ${before.state} -> ${body.state}`,
        before: { state: before.state },
        after: { state: body.state, ...body.fields },
        reason: body.reason,
        act: () => book.step(kind, before.number, { ...body, fields: body.fields }, byOf(request)),
      })
      return answerOf(request, row)
    },
  )
}

/** Who acts, for the history. */
export function byOf(request: AnyRequest): By {
  const { name, person } = signedInOf(request).account
  return { account: name, person }
}

/** Returns the entry that an address names. @throws ShoukouError `not-found`, in one wording where it is another department's. */
export async function entryOf(
  store: Store,
  request: AnyRequest,
  { kind, number }: { readonly kind: LedgerKindName; readonly number: string },
): Promise<LedgerEntryRow> {
  const row = await store.ledgerEntry(kind, number)
  if (row !== null && mayReach(scopeOf(request), row.department)) return row
  throw new ShoukouError('not-found', `There is no ${kindOf(kind).one.en} of this number; see the register.`)
}

/** @throws ShoukouError `not-permitted` where whoever sees one department alone would write another's. */
export function assertOwn(request: AnyRequest, department: string): void {
  if (mayReach(scopeOf(request), department)) return
  throw new ShoukouError('not-permitted', 'You keep your own department’s entries; ask the security office.')
}

function assertKeeper(request: AnyRequest): void {
  if (mayRole(signedInOf(request).account.role, 'registers.keep')) return
  throw new ShoukouError('not-permitted', 'Levels are set by the security office; ask it.')
}

/** @throws ShoukouError `not-permitted` where who keeps no register would clear somebody for more, or for a post at all. */
function assertClearanceKept(
  request: AnyRequest,
  before: Pick<LedgerEntryRow, 'fields'>,
  after: Pick<LedgerEntryRow, 'fields'>,
): void {
  const isSame = ['tier', 'isTemporary'].every(
    (key) => (before.fields[key] || null) === (after.fields[key] || null),
  )
  if (isSame || mayRole(signedInOf(request).account.role, 'registers.keep')) return
  throw new ShoukouError('not-permitted', 'Clearance tiers are set by the security office; ask it.')
}

/** Entries that name another one, of departments that are reached. */
async function reachedOf<One extends { readonly kind: string; readonly number: string }>(
  store: Store,
  scope: ViewScope,
  named: readonly One[],
): Promise<readonly One[]> {
  if (scope.kind === 'unit') return named
  const rows = await Promise.all(named.map(({ kind, number }) => store.ledgerEntry(kind, number)))
  return named.filter((_one, at) => mayReach(scope, rows[at]?.department ?? null))
}

export interface RegisterQuery {
  readonly state?: string
  readonly level?: string
  readonly department?: string
  readonly custodian?: string
  readonly search?: string
}

/** Returns the filter that a query asks for, narrowed to what is reached. Export and list ask the same. */
export async function filterOf(
  store: Store,
  kind: LedgerKindName,
  query: RegisterQuery,
  scope: ViewScope,
): Promise<LedgerFilter> {
  const states = parseList(
    'state',
    query.state ?? '',
    kindOf(kind).states.map(({ key }) => key),
  )
  const levels = parseList('level', query.level ?? '', LEVELS)
  const asked =
    query.department === undefined ? null : withAllBelow(await store.departmentTree(), query.department)
  const own = scope.kind === 'unit' ? null : [scope.department ?? '']
  const departments = own === null ? asked : asked === null ? own : own.filter((one) => asked.includes(one))
  return {
    kind,
    ...(states === undefined ? {} : { states }),
    ...(levels === undefined ? {} : { levels }),
    // None is given to no department, so that an account of none finds nothing.
    ...(departments === null ? {} : { departments: departments.length === 0 ? [''] : departments }),
    ...(query.custodian === undefined ? {} : { custodian: query.custodian }),
    ...(query.search === undefined ? {} : { search: query.search }),
  }
}

function textOfPlace({ value, id }: LedgerPlace): string {
  return `${id}:${value}`
}

function placeOf(text: string): LedgerPlace {
  const [id, value] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)]
  if (!/^[1-9]\d{0,15}$/.test(id) || value === '')
    throw new ShoukouError('invalid-request', 'The query: "after" is `next` of the page before.')
  return { value, id: Number(id) }
}

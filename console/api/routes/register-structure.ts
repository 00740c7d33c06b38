/** What stands around the registers: departments, patterns of numbers, hand-overs, which computer an entry is. */
import { mayReach, mayRole, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import { FILED_STATES } from '../../ledger/computers.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { FIRST_MEDIA_PATTERN, PATTERN_KINDS } from '../../ledger/number-pattern.ts'
import type { Store } from '../../store/ports.ts'
import { nextMediumNumber } from '../../workflows/media/number-media.ts'
import { setNumberPattern } from '../../workflows/registers/patterns.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  AgentRegisterAnswerSchema,
  DepartmentChangeSchema,
  DepartmentRemovalSchema,
  type DepartmentTreeAnswer,
  DepartmentTreeAnswerSchema,
  HandoverSchema,
  HandoverSignSchema,
  MeasuredAnswerSchema,
  NewDepartmentSchema,
  NewHandoverSchema,
  NumberPatternChangeSchema,
  type NumberPatternsAnswer,
  NumberPatternsAnswerSchema,
  RegisterLinkAnswerSchema,
  RegisterLinkSchema,
  type UnfiledAnswer,
  UnfiledAnswerSchema,
} from '../contract-registers.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { RegistersPort } from '../ports.ts'
import { measuredAnswer } from '../read-measured.ts'
import { scopeOf } from '../scope.ts'
import { handoverView } from '../view/register-view.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'
import { byOf, entryOf } from './registers.ts'

const closed = { additionalProperties: false } as const
const NumberParamsSchema = Type.Object({ number: Type.String({ minLength: 1, maxLength: 64 }) }, closed)
const HandoverParamsSchema = Type.Object({ id: Type.Integer({ minimum: 1 }) }, closed)
const DepartmentParamsSchema = Type.Object(
  { department: Type.String({ minLength: 1, maxLength: 16 }) },
  closed,
)
const KindParamsSchema = Type.Object({ kind: Type.Enum([...PATTERN_KINDS]) }, closed)

export interface StructureRoutesOptions {
  readonly store: Store
  readonly registers: RegistersPort
  readonly note: NoteAction
  readonly now: () => number
}

export function registerStructure(api: Api, options: StructureRoutesOptions): void {
  registerFiling(api, options)
  registerHandovers(api, options)
  registerDepartmentTree(api, options)
  registerPatterns(api, options)
}

function registerFiling(api: Api, { store, registers, note }: StructureRoutesOptions): void {
  const recorded = recordedBy(note)
  const { filing } = registers
  api.get(
    '/api/registers/computers/:number/measured',
    {
      config: { access: 'registers.read', scope: 'filtered' },
      schema: {
        summary: 'What the register says of a computer beside what its agent told, and where they differ',
        params: NumberParamsSchema,
        response: answers(MeasuredAnswerSchema),
      },
    },
    async (request) => {
      const { number } = request.params
      return measuredAnswer(store, filing, await entryOf(store, request, { kind: 'computers', number }))
    },
  )
  api.get(
    '/api/registers/unfiled',
    {
      config: { access: 'registers.read', scope: 'filtered' },
      schema: {
        summary: 'Computers with an agent and without a filing',
        response: answers(UnfiledAnswerSchema),
      },
    },
    async (request): Promise<UnfiledAnswer> => {
      const scope = scopeOf(request)
      const found = await filing.unfiled()
      return {
        computers: found
          .filter(({ computer }) => mayReach(scope, computer.department))
          .map(({ computer: { agent, number, hostname, enrolledAt }, state, standing }) => ({
            ...{ agent, number, hostname, enrolledAt, state },
            isBefore: standing === 'before',
          })),
      }
    },
  )
  api.get(
    '/api/computers/:agent/register-entry',
    {
      config: { access: 'registers.read', scope: 'computer' },
      schema: {
        summary: 'Which entry of the register a computer is, and how that is known',
        params: AgentParamsSchema,
        response: answers(AgentRegisterAnswerSchema),
      },
    },
    async (request) => {
      const { entry, by } = await filing.entryOf(await computerOf(store, request.params.agent))
      const isReached = entry !== null && mayReach(scopeOf(request), entry.department)
      return {
        number: isReached ? entry.number : null,
        state: isReached ? entry.state : null,
        linkedBy: by,
        isFiled: entry !== null && FILED_STATES.has(entry.state),
      }
    },
  )
  api.post(
    '/api/computers/:agent/register-link',
    {
      config: { access: 'registers.keep', scope: 'computer' },
      schema: {
        summary: 'Say which entry of the register a computer is; null: none of them',
        params: AgentParamsSchema,
        body: RegisterLinkSchema,
        response: answers(RegisterLinkAnswerSchema),
      },
    },
    async (request) => {
      const computer = await computerOf(store, request.params.agent)
      const { number, reason } = request.body
      const before = await filing.entryOf(computer)
      await recorded(request, ['ledger-link', 'ledger-link-refused'], {
        object: computer.agent,
        detail: computer.number,
        before: { number: before.entry?.number ?? null },
        after: { number },
        reason,
        act: () => filing.link(computer.agent, number, { account: signedInOf(request).account.name, reason }),
      })
      return { number: (await filing.entryOf(computer)).entry?.number ?? null }
    },
  )
}

function registerHandovers(api: Api, { store, registers, note }: StructureRoutesOptions): void {
  const recorded = recordedBy(note)
  const { handovers } = registers
  api.post(
    '/api/registers/carriers/:number/handovers',
    {
      config: { access: 'registers.write', scope: 'filtered' },
      schema: {
        summary: 'Ask for a hand-over; it is done once giver and receiver have signed',
        params: NumberParamsSchema,
        body: NewHandoverSchema,
        response: answers(HandoverSchema),
      },
    },
    async (request) => {
      const { number } = await entryOf(store, request, {
        kind: 'carriers',
        number: request.params.number,
      })
      const { receiver, department, reason } = request.body
      const row = await recorded(request, ['ledger-handover', 'ledger-handover-refused'], {
        object: number,
        detail: receiver,
        after: { receiver, department },
        reason,
        act: () => handovers.ask(number, request.body, byOf(request)),
      })
      return handoverView(row)
    },
  )
  api.post(
    '/api/handovers/:id/sign',
    {
      config: { access: 'registers.sign', scope: 'filtered' },
      schema: {
        summary: 'Sign for one side, in one’s own session or by the number of the paper form',
        params: HandoverParamsSchema,
        body: HandoverSignSchema,
        response: answers(HandoverSchema),
      },
    },
    async (request) => {
      const { id } = request.params
      const before = await store.handover(id)
      const scope = scopeOf(request)
      const entry = before === null ? null : await store.ledgerEntry(before.kind, before.number)
      // The receiver may be of another department than the carrier: the hand-over itself names it.
      const isReached =
        before !== null &&
        entry !== null &&
        (mayReach(scope, entry.department) || mayReach(scope, before.department))
      if (!isReached) throw new ShoukouError('not-found', 'There is no such hand-over; see the entry.')
      const { side, paper } = request.body
      if (paper !== null && !mayRole(signedInOf(request).account.role, 'registers.keep'))
        throw new ShoukouError(
          'not-permitted',
          'The security office writes the number of a signed paper form down; sign in your own session, or ask it.',
        )
      const row = await recorded(request, ['ledger-handover-sign', 'ledger-handover-sign-refused'], {
        object: before.number,
        detail: `${side}${paper === null ? '' : `, paper ${paper}`}`,
        act: () => handovers.sign(id, request.body, byOf(request)),
      })
      return handoverView(row)
    },
  )
  api.post(
    '/api/handovers/:id/withdraw',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'Withdraw a hand-over that waits',
        params: HandoverParamsSchema,
        body: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, closed),
        response: answers(HandoverSchema),
      },
    },
    async (request) => {
      const { id } = request.params
      const row = await recorded(request, ['ledger-handover-withdraw', 'ledger-handover-withdraw-refused'], {
        object: String(id),
        detail: '',
        reason: request.body.reason,
        act: () => handovers.withdraw(id),
      })
      return handoverView(row)
    },
  )
}

function registerDepartmentTree(api: Api, { store, registers, note }: StructureRoutesOptions): void {
  const recorded = recordedBy(note)
  const { departments } = registers
  const tree = async (): Promise<DepartmentTreeAnswer> => {
    const [rows, named] = await Promise.all([
      store.departmentTree(),
      store.departments(API_LIMITS.departmentsMax),
    ])
    const listed = new Set(rows.map(({ name }) => name))
    return { departments: rows.map((row) => ({ ...row })), unlisted: named.filter((one) => !listed.has(one)) }
  }
  const treeAnswers = answers(DepartmentTreeAnswerSchema)
  api.get(
    '/api/department-tree',
    {
      config: { access: 'registers.read', scope: 'filtered' },
      schema: { summary: 'The unit’s departments, as a tree by their parents’ codes', response: treeAnswers },
    },
    tree,
  )
  api.post(
    '/api/department-tree',
    {
      config: { access: 'registers.keep' },
      schema: { summary: 'Add a department', body: NewDepartmentSchema, response: treeAnswers },
    },
    async (request) => {
      const { code, reason, ...after } = request.body
      await recorded(request, ['department-make', 'department-make-refused'], {
        object: code,
        detail: after.name,
        after,
        reason,
        act: () => departments.make(request.body, signedInOf(request).account.name),
      })
      return tree()
    },
  )
  api.put(
    '/api/department-tree/:department',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'Rename or move a department; what is given to it goes with its name',
        params: DepartmentParamsSchema,
        body: DepartmentChangeSchema,
        response: treeAnswers,
      },
    },
    async (request) => {
      const { department: code } = request.params
      const { reason, baseVersion, ...after } = request.body
      const before = (await store.departmentTree()).find((row) => row.code === code)
      await recorded(request, ['department-change', 'department-change-refused'], {
        object: code,
        detail: `from version ${baseVersion}`,
        ...(before === undefined ? {} : { before }),
        after,
        reason,
        act: () => departments.change(code, request.body, signedInOf(request).account.name),
      })
      return tree()
    },
  )
  api.delete(
    '/api/department-tree/:department',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'Take a department out that has nothing',
        params: DepartmentParamsSchema,
        body: DepartmentRemovalSchema,
        response: treeAnswers,
      },
    },
    async (request) => {
      const { department: code } = request.params
      await recorded(request, ['department-remove', 'department-remove-refused'], {
        object: code,
        detail: '',
        reason: request.body.reason,
        act: () => departments.remove(code, request.body, signedInOf(request).account.name),
      })
      return tree()
    },
  )
}

function registerPatterns(api: Api, { store, registers, note, now }: StructureRoutesOptions): void {
  const recorded = recordedBy(note)
  const patterns = async (): Promise<NumberPatternsAnswer> => {
    const own = await store.numberPatterns()
    const listed = PATTERN_KINDS.map(async (kind) => {
      const set = own.find((one) => one.kind === kind)
      const none = { level: null, department: '' }
      return {
        kind,
        pattern: set?.pattern ?? (kind === 'media' ? FIRST_MEDIA_PATTERN : kindOf(kind).pattern),
        isDefault: set === undefined,
        version: set?.version ?? 0,
        next: await (kind === 'media'
          ? nextMediumNumber(store, none, now())
          : registers.book.nextNumber(kind, none)),
      }
    })
    return { patterns: await Promise.all(listed) }
  }
  const patternAnswers = answers(NumberPatternsAnswerSchema)
  api.get(
    '/api/number-patterns',
    {
      config: { access: 'registers.read', scope: 'filtered' },
      schema: { summary: 'How each register’s numbers are made', response: patternAnswers },
    },
    patterns,
  )
  api.put(
    '/api/number-patterns/:kind',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'Set the unit’s own pattern; numbers that are given stay as they are',
        params: KindParamsSchema,
        body: NumberPatternChangeSchema,
        response: patternAnswers,
      },
    },
    async (request) => {
      const { kind } = request.params
      const { pattern, reason } = request.body
      const account = signedInOf(request).account.name
      await recorded(request, ['number-pattern', 'number-pattern-refused'], {
        object: kind,
        detail: pattern,
        after: { pattern },
        reason,
        act: () => setNumberPattern(store, kind, request.body, { account, now: now() }),
      })
      return patterns()
    },
  )
}

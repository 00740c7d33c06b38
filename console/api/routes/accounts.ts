/** Accounts: who has which, made and changed by the system administrator; departments of computers. */
import { departmentName } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Feed } from '../../feed/ports.ts'
import type { AccountRow, Store } from '../../store/ports.ts'
import type { Accounts } from '../../workflows/accounts/manage-accounts.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { ComputerSchema } from '../contract.ts'
import {
  AccountHistorySchema,
  type AccountItem,
  AccountItemSchema,
  AccountsAnswerSchema,
  DepartmentSchema,
  DepartmentsAnswerSchema,
  NewAccountAnswerSchema,
  NewAccountSchema,
  PersonSchema,
  ProposalAnswerSchema,
  ReasonSchema,
  RoleChangeSchema,
} from '../contract-access.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import type { ComputerReader } from '../read-computers.ts'
import { notFound } from '../scope.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf, mayReadViolations } from './computers.ts'

const NameParamsSchema = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
)

export interface AccountsOptions {
  readonly store: Store
  readonly accounts: Accounts
  readonly computers: ComputerReader
  readonly feed: Feed
  readonly feeds: OpenFeeds
  readonly note: NoteAction
  readonly now: () => number
}

export function registerAccounts(api: Api, options: AccountsOptions): void {
  const { store, accounts, feeds, note } = options
  const recorded = recordedBy(note)

  api.get(
    '/api/accounts',
    {
      config: { access: 'accounts.read' },
      schema: { summary: 'All accounts, disabled ones too', response: answers(AccountsAnswerSchema) },
    },
    async () => ({ accounts: (await store.accounts()).map(accountItem) }),
  )
  api.get(
    '/api/accounts/:name/history',
    {
      config: { access: 'accounts.read' },
      schema: {
        summary: 'What was done with an account, newest first',
        params: NameParamsSchema,
        response: answers(AccountHistorySchema),
      },
    },
    async (request) => ({
      events: (await accounts.history(request.params.name)).map(({ account: _account, ...event }) => event),
    }),
  )
  api.post(
    '/api/accounts',
    {
      config: { access: 'accounts.write' },
      schema: {
        summary: 'Make an account; its one-time password is in this answer and nowhere else',
        body: NewAccountSchema,
        response: answers(NewAccountAnswerSchema),
      },
    },
    async (request) => {
      const { account: by } = signedInOf(request)
      const { name, role, person, department, reason } = request.body
      const made = await recorded(request, ['account-make', 'account-make-refused'], {
        object: name,
        detail: '',
        after: { role, person, department },
        reason,
        act: () => accounts.make(request.body, by),
      })
      return {
        account: accountItem(made.account),
        password: made.password,
        proposal: made.proposal?.id ?? null,
      }
    },
  )
  for (const act of ['disable', 'enable'] as const) {
    api.post(
      `/api/accounts/:name/${act}`,
      {
        config: { access: 'accounts.write' },
        schema: {
          summary: act === 'disable' ? 'Disable an account and end its sessions' : 'Enable it again',
          params: NameParamsSchema,
          body: ReasonSchema,
          response: answers(AccountItemSchema),
        },
      },
      async (request) => {
        const { account: by } = signedInOf(request)
        const { name } = request.params
        const { reason } = request.body
        const row = await recorded(request, [`account-${act}`, `account-${act}-refused`], {
          object: name,
          detail: '',
          reason,
          act: () => accounts[act](name, reason, by),
        })
        if (act === 'disable') feeds.end({ account: name })
        return accountItem(row)
      },
    )
  }
  api.post(
    '/api/accounts/:name/person',
    {
      config: { access: 'accounts.write' },
      schema: {
        summary: 'Name the person behind an account, once',
        params: NameParamsSchema,
        body: PersonSchema,
        response: answers(AccountItemSchema),
      },
    },
    async (request) => {
      const { account: by } = signedInOf(request)
      const { name } = request.params
      const { person, reason } = request.body
      const row = await recorded(request, ['account-person', 'account-person-refused'], {
        object: name,
        detail: '',
        after: { person },
        reason,
        act: () => accounts.namePerson(name, person, reason, by),
      })
      return accountItem(row)
    },
  )
  api.post(
    '/api/accounts/:name/role',
    {
      config: { access: 'accounts.write' },
      schema: {
        summary: 'Ask for another role of an account; a security administrator must agree',
        params: NameParamsSchema,
        body: RoleChangeSchema,
        response: answers(ProposalAnswerSchema),
      },
    },
    async (request) => {
      const { account: by } = signedInOf(request)
      const { name } = request.params
      const { role, department, reason } = request.body
      const { id, expiresAt } = await recorded(request, ['role-ask', 'role-ask-refused'], {
        object: name,
        detail: '',
        after: { role, department },
        reason,
        act: () => accounts.askRole(name, request.body, by),
      })
      return { proposal: id, expiresAt }
    },
  )
  registerDepartments(api, options)
}

function registerDepartments(api: Api, { store, computers, feed, note, now }: AccountsOptions): void {
  const recorded = recordedBy(note)
  api.get(
    '/api/departments',
    {
      config: { access: 'accounts.read' },
      schema: {
        summary: 'Departments that computers and media are given to',
        response: answers(DepartmentsAnswerSchema),
      },
    },
    async () => ({ departments: [...(await store.departments(API_LIMITS.departmentsMax))] }),
  )
  api.put(
    '/api/computers/:agent/department',
    {
      config: { access: 'computers.write', scope: 'computer' },
      schema: {
        summary: 'Give a computer to a department; null: to none, and no custodian sees it',
        params: AgentParamsSchema,
        body: DepartmentSchema,
        response: answers(ComputerSchema),
      },
    },
    async (request) => {
      const before = await computerOf(store, request.params.agent)
      const { reason } = request.body
      const department = request.body.department === null ? null : departmentName(request.body.department)
      const row = await recorded(request, ['department-set', 'department-set-refused'], {
        object: before.agent,
        detail: before.number,
        before: { department: before.department },
        after: { department },
        reason,
        act: () =>
          store.setDepartment(before.agent, department, {
            at: now(),
            account: signedInOf(request).account.name,
            reason,
          }),
      })
      if (row === null) throw notFound('computer')
      feed.publish({ kind: 'departments' })
      feed.publish({ kind: 'computer', computer: row })
      return computers.one(row, mayReadViolations(request))
    },
  )
}

/** Never the hash, nor how often somebody tried. */
export function accountItem(row: AccountRow): AccountItem {
  const { name, role, person, department, state, mustChange, lockedUntil, createdAt } = row
  return { name, role, person, department, state, mustChangePassword: mustChange, lockedUntil, createdAt }
}

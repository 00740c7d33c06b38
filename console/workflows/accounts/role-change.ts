/** Another role for an account, or the first one of a new account: carried out once a second person has agreed. */
import { conflictingAccount, isLastOfRole, ROLES, type Role, ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { Type } from 'typebox'
import type { AccountRow, Store } from '../../store/ports.ts'
import type { ActExecutor } from '../two-person/executor.ts'
import { refusedWrite } from './refused-write.ts'

export interface RolePayload {
  readonly account: string
  readonly role: Role
  readonly department: string | null
}

const RolePayloadSchema = Type.Object(
  {
    account: Type.String({ minLength: 1, maxLength: 64 }),
    role: Type.Enum([...ROLES]),
    department: Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()]),
  },
  { additionalProperties: false },
)
const check = checkOf(RolePayloadSchema)

/** Names of roles in the words of the office. */
export const roleWords: Readonly<Record<Role, { readonly zh: string; readonly en: string }>> = {
  'sys-admin': { zh: '系统管理员', en: 'system administrator' },
  'sec-admin': { zh: '安全保密管理员', en: 'security administrator' },
  auditor: { zh: '安全审计员', en: 'auditor' },
  custodian: { zh: '部门保管员', en: 'department custodian' },
  'station-operator': { zh: '登记站操作员', en: 'station operator' },
  viewer: { zh: '只读查看者', en: 'viewer' },
}

export function roleChangeExecutor(store: Store): ActExecutor<RolePayload> {
  return {
    act: 'role-change',
    isRepeatable: true,
    async prepare(payload) {
      assertPayload(payload)
      const accounts = await store.accounts()
      const account = accounts.find(({ name }) => name === payload.account)
      if (account === undefined) throw refusedWrite({ kind: 'not-found' })
      assertPossible(accounts, account, payload)
      const { state, role, person, department } = account
      return {
        object: account.name,
        basis: JSON.stringify([state, role, person, department]),
        words: wordsOf(account, payload),
      }
    },
    async carryOut({ payload, reason, askedBy, agreedBy, proposal, now }) {
      const account = await store.account(payload.account)
      if (account === null) throw refusedWrite({ kind: 'not-found' })
      const detail = `${account.name}: ${account.role} -> ${payload.role}`
      if (account.state === 'active' && isSame(account, payload)) return { detail, ended: [account.name] }
      const changes = {
        role: [account.role, payload.role],
        department: [account.department, payload.department],
        state: [account.state, 'active'],
      }
      const written = await store.changeAccount(
        account.name,
        account,
        { role: payload.role, department: payload.department, state: 'active' },
        {
          at: now,
          by: `${askedBy}, ${agreedBy}`,
          kind: 'role',
          changes: JSON.stringify(changes),
          reason: `#${proposal}: ${reason}`,
        },
      )
      if (written.kind !== 'done') throw refusedWrite(written)
      await store.endSessionsOf(account.name, { ending: 'role-changed', at: now })
      return { detail, ended: [account.name] }
    },
  }
}

function assertPayload(payload: unknown): asserts payload is RolePayload {
  if (!check.Check(payload)) throw new ShoukouError('invalid-request', 'This is no change of a role.')
}

function assertPossible(accounts: readonly AccountRow[], account: AccountRow, payload: RolePayload): void {
  if (account.state === 'disabled')
    throw new ShoukouError('account-disabled', 'The account is disabled; enable it first.')
  if (account.state === 'active' && isSame(account, payload))
    throw new ShoukouError('edit-conflict', 'The account has this role already.')
  if (account.person === null)
    throw new ShoukouError('invalid-request', 'First name the person behind the account.')
  const conflict = conflictingAccount(accounts, { ...account, role: payload.role })
  if (conflict !== null)
    throw refusedWrite({ kind: 'role-conflict', account: conflict.name, role: conflict.role })
  if (account.role !== payload.role && isLastOfRole(accounts, account))
    throw refusedWrite({ kind: 'last-of-role' })
}

function isSame(account: AccountRow, { role, department }: RolePayload): boolean {
  return account.role === role && account.department === department
}

function wordsOf(account: AccountRow, payload: RolePayload): { zh: string; en: string } {
  const to = roleWords[payload.role]
  const [zhOf, enOf] =
    payload.department === null ? ['', ''] : [`（${payload.department}）`, ` (${payload.department})`]
  const person = account.person ?? ''
  if (account.state === 'waiting') {
    return {
      zh: `新账户 ${account.name}（${person}）启用，角色为${to.zh}${zhOf}`,
      en: `The new account ${account.name} (${person}) is put into use as ${to.en}${enOf}`,
    }
  }
  const from = roleWords[account.role]
  return {
    zh: `账户 ${account.name}（${person}）的角色由${from.zh}改为${to.zh}${zhOf}；其会话立即结束`,
    en: `The account ${account.name} (${person}) changes from ${from.en} to ${to.en}${enOf}; its sessions end at once`,
  }
}

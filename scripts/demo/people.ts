/** The administrators of the demonstration: named, and of the second security administrator a second person, as a unit begins. */
import type { RunningConsole } from '../../console/main.ts'
import type { ActingAccount } from '../../console/workflows/two-person/two-person.ts'

export interface Administrators {
  readonly first: ActingAccount
  readonly second: ActingAccount
}

type Parts = Pick<RunningConsole, 'store' | 'workflows'>
const reason = '演示单位任命'

/** Names who is behind the first accounts, makes another security administrator, and has the first one agree. */
export async function nameAdministrators({ store, workflows }: Parts): Promise<Administrators> {
  const { accounts, acts } = workflows.access
  for (const [name, person] of [
    ['sysadmin', '系统管理员甲（演示）'],
    ['secadmin', '保密管理员乙（演示）'],
    ['auditor', '审计员丙（演示）'],
  ] as const)
    await accounts.namePerson(name, person, reason, await accountOf(store, 'sysadmin'))
  const { proposal } = await accounts.make(
    { name: 'secadmin2', role: 'sec-admin', person: '保密管理员丁（演示）', department: null, reason },
    await accountOf(store, 'sysadmin'),
  )
  const first = await accountOf(store, 'secadmin')
  if (proposal !== null) await acts.agree(proposal.id, { hash: proposal.hash, reason }, first)
  return { first, second: await accountOf(store, 'secadmin2') }
}

async function accountOf(store: Parts['store'], name: string): Promise<ActingAccount> {
  const account = await store.account(name)
  if (account === null) throw new Error(`the console made no account ${name}`)
  return account
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ErrorCode, ROLES, type Role, ShoukouError } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSqliteStoreHere } from '../../store/open-store.ts'
import type { AccountRow, Store } from '../../store/ports.ts'
import type { ActExecutor } from '../two-person/executor.ts'
import { createTwoPerson, type TwoPerson } from '../two-person/two-person.ts'
import { createFirstAccounts } from './first-accounts.ts'
import { type Accounts, createAccounts } from './manage-accounts.ts'
import { isPassword } from './password-hash.ts'
import { roleChangeExecutor } from './role-change.ts'

// Hashing is slow on purpose.
vi.setConfig({ testTimeout: 30_000 })

let folder: string
let store: Store
let acts: TwoPerson
let accounts: Accounts

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-accounts-'))
  store = await openSqliteStoreHere(join(folder, 'console.db'))
  const executors = [roleChangeExecutor(store) as ActExecutor<never>]
  acts = createTwoPerson({ store, now: () => 5_000, executors, log: { error: () => undefined } })
  accounts = createAccounts({ store, acts, now: () => 5_000 })
  await add('wang', 'sys-admin', 'Wang')
  await add('li', 'sec-admin', 'Li')
  await add('zhao', 'auditor', 'Zhao')
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const add = (name: string, role: Role, person: string | null) =>
  store.addAccount({
    name,
    role,
    person,
    passwordHash: 'x',
    mustChange: false,
    failures: 0,
    lockedUntil: null,
    createdAt: 1,
  })
const who = async (name: string): Promise<AccountRow> => {
  const row = await store.account(name)
  if (row === null) throw new Error(`no account ${name}`)
  return row
}
const codeOf = async (work: Promise<unknown>): Promise<ErrorCode | 'done'> =>
  work.then(
    () => 'done' as const,
    (error: unknown) => {
      if (error instanceof ShoukouError) return error.code
      throw error
    },
  )
const asked = (name: string, role: Role, person: string, department: string | null = null) => ({
  name,
  role,
  person,
  department,
  reason: 'joins the office',
})

describe('a new account', () => {
  it('has a one-time password that is in the answer alone, a person, and a first line of history', async () => {
    const made = await accounts.make(asked('sun', 'custodian', 'Sun', ' 财务  处 '), await who('wang'))
    expect(made.account).toMatchObject({
      state: 'waiting',
      mustChange: true,
      person: 'Sun',
      department: '财务 处',
    })
    expect(await isPassword(made.password, (await who('sun')).passwordHash)).toBe(true)
    const history = await accounts.history('sun')
    expect(history).toMatchObject([{ kind: 'made', by: 'wang', reason: 'joins the office' }])
    expect(JSON.stringify(history)).not.toContain(made.password)
  })

  it('waits for a second person whatever of the roles it has: each of them sees facts or is one of the three', async () => {
    for (const role of ROLES) {
      const { account, proposal } = await accounts.make(
        asked(`new-${role}`, role, `Somebody ${role}`, role === 'custodian' ? 'Finance' : null),
        await who('wang'),
      )
      expect([account.state, proposal?.act], role).toEqual(['waiting', 'role-change'])
    }
  })

  it('of a viewer is used by nobody until somebody else has agreed to that person', async () => {
    const { proposal } = await accounts.make(asked('sun', 'viewer', 'Sun'), await who('wang'))
    expect(await codeOf(accounts.enable('sun', 'now', await who('wang')))).toBe('second-person-needed')
    const { id = 0, hash = '' } = proposal ?? {}
    expect(await codeOf(acts.agree(id, { hash, reason: '' }, await who('wang')))).toBe('not-permitted')
    expect((await who('sun')).state).toBe('waiting')
    await acts.agree(id, { hash, reason: '' }, await who('li'))
    expect(await who('sun')).toMatchObject({ state: 'active', role: 'viewer' })
  })

  it('waits for a second person where its role is one of the three, and works from then on', async () => {
    const { account, proposal } = await accounts.make(asked('chen', 'sec-admin', 'Chen'), await who('wang'))
    expect(account.state).toBe('waiting')
    expect(proposal?.words).toContain('Chen')
    expect(await codeOf(accounts.enable('chen', 'now', await who('wang')))).toBe('second-person-needed')
    expect(await codeOf(accounts.disable('chen', 'now', await who('wang')))).toBe('edit-conflict')
    const { id = 0, hash = '' } = proposal ?? {}
    // Who audits reads it; who asked may not decide; the security administrator may.
    expect(await codeOf(acts.agree(id, { hash, reason: '' }, await who('zhao')))).toBe('not-permitted')
    expect(await codeOf(acts.agree(id, { hash, reason: '' }, await who('wang')))).toBe('not-permitted')
    await acts.agree(id, { hash, reason: '' }, await who('li'))
    expect(await who('chen')).toMatchObject({ state: 'active', role: 'sec-admin' })
  })

  it('is refused to a person who holds a role that may not be held with it, under whatever name', async () => {
    const by = await who('wang')
    for (const role of ['sys-admin', 'sec-admin'] as const)
      expect(await codeOf(accounts.make(asked(`new-${role}`, role, '  ZHAO '), by)), role).toBe(
        'role-conflict',
      )
    expect(await codeOf(accounts.make(asked('new-auditor', 'auditor', 'li'), by))).toBe('role-conflict')
    expect(await codeOf(accounts.make(asked('new-viewer', 'viewer', 'zhao'), by))).toBe('done')
  })

  it('is refused to oneself, and for a name that is taken in any case', async () => {
    expect(await codeOf(accounts.make(asked('me', 'sec-admin', 'wang '), await who('wang')))).toBe(
      'not-permitted',
    )
    expect(await codeOf(accounts.make(asked('ZHAO', 'viewer', 'Sun'), await who('wang')))).toBe(
      'edit-conflict',
    )
  })

  it('of a role that sees one department must name it', async () => {
    const by = await who('wang')
    expect(await codeOf(accounts.make(asked('sun', 'custodian', 'Sun'), by))).toBe('invalid-request')
    expect(await codeOf(accounts.make(asked('sun', 'custodian', 'Sun', '  '), by))).toBe('invalid-request')
  })

  it('needs one person alone where nobody else could ever agree', async () => {
    await add('wang-sec', 'sec-admin', 'Wang')
    await accounts.disable('li', 'has left', await who('zhao'))
    const { account, proposal } = await accounts.make(asked('chen', 'sec-admin', 'Chen'), await who('wang'))
    expect([account.state, proposal]).toEqual(['active', null])
  })

  it('is not made by an account behind which nobody is named', async () => {
    await add('nobody', 'sys-admin', null)
    expect(await codeOf(accounts.make(asked('chen', 'sec-admin', 'Chen'), await who('nobody')))).toBe(
      'second-person-needed',
    )
    expect(await store.account('chen')).toBeNull()
    await accounts.namePerson('nobody', 'He', 'is Mr He', await who('wang'))
    expect(await codeOf(accounts.make(asked('chen', 'sec-admin', 'Chen'), await who('nobody')))).toBe('done')
  })
})

describe('an account', () => {
  it('is never the last of the three roles when it is disabled, also where many are at the same time', async () => {
    const by = await who('wang')
    for (const name of ['wang', 'li', 'zhao'])
      expect(await codeOf(accounts.disable(name, 'x', by)), name).toBe('not-permitted')
    await add('zhao2', 'auditor', 'Qian')
    const answers = await Promise.all([
      codeOf(accounts.disable('zhao', 'x', by)),
      codeOf(accounts.disable('zhao2', 'x', by)),
    ])
    expect(answers.toSorted()).toEqual(['done', 'not-permitted'])
  })

  it('is enabled again with its history, unless its person holds a conflicting role by now', async () => {
    const by = await who('wang')
    await add('zhao2', 'auditor', 'Qian')
    await accounts.disable('zhao2', 'leaves the office', by)
    expect(await codeOf(accounts.make(asked('qian', 'viewer', 'Qian'), by))).toBe('done')
    await accounts.enable('zhao2', 'is back', by)
    expect((await accounts.history('zhao2')).map(({ kind, reason }) => [kind, reason])).toEqual([
      ['enabled', 'is back'],
      ['disabled', 'leaves the office'],
    ])
    await accounts.disable('zhao2', 'changes', by)
    await add('qian-sec', 'sec-admin', 'Qian')
    expect(await codeOf(accounts.enable('zhao2', 'is back', by))).toBe('role-conflict')
  })

  it('is given to a person once, and never to one whom its role is closed to', async () => {
    const by = await who('wang')
    await add('sec2', 'sec-admin', null)
    expect(await codeOf(accounts.namePerson('sec2', 'Zhao', 'x', by))).toBe('role-conflict')
    expect(await codeOf(accounts.namePerson('sec2', 'Chen', 'x', by))).toBe('done')
    expect(await codeOf(accounts.namePerson('sec2', 'Sun', 'x', by))).toBe('edit-conflict')
  })

  it('is not given the name of whoever names, where it could agree: nobody would be left to ask', async () => {
    await add('root', 'sys-admin', null)
    await add('sec3', 'sec-admin', null)
    const root = await who('root')
    expect(await codeOf(accounts.namePerson('root', 'Li', 'x', root))).toBe('not-permitted')
    expect(await codeOf(accounts.namePerson('root', 'Chu', 'x', root))).toBe('done')
    const named = await who('root')
    expect(await codeOf(accounts.namePerson('sec3', ' chu ', 'x', named))).toBe('not-permitted')
    expect(await codeOf(accounts.namePerson('sec3', 'Wei', 'x', named))).toBe('done')
  })

  it('changes its role by two people, and neither of them is the one whose role it is', async () => {
    await add('sun', 'viewer', 'Sun')
    await add('wang2', 'viewer', 'wang')
    const by = await who('wang')
    const role = (to: Role, department: string | null = null) => ({ role: to, department, reason: 'moves' })
    expect(await codeOf(accounts.askRole('wang', role('sec-admin'), by))).toBe('not-permitted')
    expect(await codeOf(accounts.askRole('wang2', role('sec-admin'), by))).toBe('not-permitted')
    const { id, hash } = await accounts.askRole('sun', role('custodian', 'Finance'), by)
    expect((await who('sun')).role).toBe('viewer')
    const { outcome } = await acts.agree(id, { hash, reason: '' }, await who('li'))
    expect(outcome?.ended).toEqual(['sun'])
    expect(await who('sun')).toMatchObject({ role: 'custodian', department: 'Finance' })
    expect((await accounts.history('sun'))[0]).toMatchObject({ kind: 'role', by: 'wang, li' })
  })

  it('keeps its role where the one who holds the other of a conflict, or the last of a role, would change', async () => {
    const by = await who('wang')
    await add('wang2', 'sys-admin', 'Sun')
    await add('qian', 'viewer', 'Zhao')
    const role = { role: 'sec-admin' as const, department: null, reason: 'moves' }
    expect(await codeOf(accounts.askRole('qian', role, by))).toBe('role-conflict')
    expect(await codeOf(accounts.askRole('zhao', role, by))).toBe('not-permitted')
  })

  it('is not changed by an agreement to what it no longer is', async () => {
    await add('sun', 'viewer', 'Sun')
    const by = await who('wang')
    const { id, hash } = await accounts.askRole(
      'sun',
      { role: 'custodian', department: 'Finance', reason: 'moves' },
      by,
    )
    await accounts.disable('sun', 'has left', by)
    expect(await codeOf(acts.agree(id, { hash, reason: '' }, await who('li')))).toBe('edit-conflict')
    expect(await who('sun')).toMatchObject({ role: 'viewer', state: 'disabled' })
  })
})

describe('the first accounts', () => {
  const fresh = async () => {
    const path = join(folder, 'fresh.db')
    return { path, own: await openSqliteStoreHere(path) }
  }

  it('are made once in the life of a console: not where all are disabled, nor where their rows are gone', async () => {
    const { path, own } = await fresh()
    expect((await createFirstAccounts(own, 1)).map(({ role }) => role)).toEqual([
      'sys-admin',
      'sec-admin',
      'auditor',
    ])
    const raw = new DatabaseSync(path)
    raw.exec("update accounts set state = 'disabled'")
    expect(await createFirstAccounts(own, 2)).toEqual([])
    raw.exec('delete from accounts')
    expect(await createFirstAccounts(own, 3)).toEqual([])
    expect(await own.accounts()).toEqual([])
    expect(() => raw.exec('delete from console_marks')).toThrow('never changed')
    raw.close()
    await own.close()
  })

  it('are not made by two starts at one time', async () => {
    const { own } = await fresh()
    const made = await Promise.all([createFirstAccounts(own, 1), createFirstAccounts(own, 1)])
    expect(made.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([0, 3])
    await own.close()
  })
})

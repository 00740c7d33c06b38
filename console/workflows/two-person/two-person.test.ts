import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ErrorCode, ShoukouError } from '@shoukou/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteStoreHere } from '../../store/open-store.ts'
import type { Store } from '../../store/ports.ts'
import type { ActExecutor, AgreedAct } from './executor.ts'
import { TWO_PERSON_LIMITS } from './limits.ts'
import { type ActingAccount, createTwoPerson, type TwoPerson } from './two-person.ts'

interface Wish {
  readonly object: string
}

const li: ActingAccount = { name: 'li', role: 'sec-admin', person: 'Li' }
const chen: ActingAccount = { name: 'chen', role: 'sec-admin', person: 'Chen' }
const liAgain: ActingAccount = { name: 'li2', role: 'sec-admin', person: ' LI ' }
const nobody: ActingAccount = { name: 'ghost', role: 'sec-admin', person: null }
const zhao: ActingAccount = { name: 'zhao', role: 'auditor', person: 'Zhao' }

let folder: string
let store: Store
let clock: number
let states: Map<string, string>
let done: AgreedAct<Wish>[]
let failing: Error | null
let acts: TwoPerson

/** An act whose object is one name, whose state is one word. */
const executor = (isRepeatable: boolean): ActExecutor<Wish> => ({
  act: 'isolation-release',
  isRepeatable,
  prepare: async ({ object }) => {
    const state = states.get(object)
    if (state === undefined) throw new ShoukouError('not-found', 'It is gone.')
    return { object, basis: state, words: { zh: `放开 ${object}`, en: `Release ${object}` } }
  },
  carryOut: async (agreed) => {
    done.push(agreed)
    await Promise.resolve()
    if (failing !== null) throw failing
    return { detail: `released ${agreed.payload.object}` }
  },
})

const withExecutor = (isRepeatable: boolean): TwoPerson =>
  createTwoPerson({
    store,
    now: () => clock,
    executors: [executor(isRepeatable)],
    log: { error: () => undefined },
  })

const addAccount = (name: string, role: ActingAccount['role'], person: string | null) =>
  store.addAccount({
    ...{ name, role, person, passwordHash: 'x', mustChange: false },
    ...{ failures: 0, lockedUntil: null, createdAt: 1 },
  })
let round = 0
const ask = async (by = li) => {
  round += 1
  const object = `thing-${round}`
  states.set(object, 'held')
  return acts.ask('isolation-release', { object }, 'it is clean', by)
}
const codeOf = async (work: Promise<unknown>): Promise<ErrorCode | 'done'> =>
  work.then(
    () => 'done' as const,
    (error: unknown) => {
      if (error instanceof ShoukouError) return error.code
      throw error
    },
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-two-'))
  store = await openSqliteStoreHere(join(folder, 'console.db'))
  for (const { name, role, person } of [li, chen]) await addAccount(name, role, person)
})
beforeEach(() => {
  clock = 1_000_000
  states = new Map()
  done = []
  failing = null
  acts = withExecutor(true)
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

describe('an act of two people', () => {
  it('is carried out once, as it was asked, when another person agrees', async () => {
    const { id, hash } = await ask()
    expect(done).toEqual([])
    const { proposal } = await acts.agree(id, { hash, reason: 'seen' }, chen)
    expect(proposal.decision).toMatchObject({ kind: 'agreed', by: 'chen', person: 'Chen', reason: 'seen' })
    expect(proposal.outcome).toMatchObject({ result: 'done', detail: `released ${proposal.object}` })
    expect(done).toEqual([
      expect.objectContaining({
        proposal: id,
        payload: { object: proposal.object },
        reason: 'it is clean',
        askedBy: 'li',
        agreedBy: 'chen',
      }),
    ])
    expect(await codeOf(acts.agree(id, { hash, reason: '' }, chen))).toBe('edit-conflict')
    expect(done).toHaveLength(1)
  })

  it('is refused to who asked, to another account of that person, and to an account of nobody', async () => {
    const { id, hash } = await ask()
    for (const by of [li, liAgain, nobody]) {
      expect(await codeOf(acts.agree(id, { hash, reason: '' }, by)), by.name).toBe('second-person-needed')
      expect(await codeOf(acts.refuse(id, 'no', by)), by.name).toBe('second-person-needed')
    }
    expect(await codeOf(acts.agree(id, { hash, reason: '' }, zhao))).toBe('not-permitted')
    expect((await store.proposal(id))?.decision).toBeNull()
  })

  it('is not asked for by a role that may not, nor by an account of nobody', async () => {
    expect(await codeOf(ask(zhao))).toBe('not-permitted')
    expect(await codeOf(ask(nobody))).toBe('second-person-needed')
  })

  it('is carried out once where many agree at the same time', async () => {
    const { id, hash } = await ask()
    const others = Array.from({ length: 8 }, (_, at) => ({ ...chen, name: `c${at}`, person: `P${at}` }))
    const answers = await Promise.all(
      others.map(async (by) => codeOf(acts.agree(id, { hash, reason: '' }, by))),
    )
    expect(answers.filter((one) => one === 'done')).toHaveLength(1)
    expect(answers.filter((one) => one === 'edit-conflict')).toHaveLength(7)
    expect(done).toHaveLength(1)
  })

  it('has one end where one agrees, one refuses and the first withdraws at the same time', async () => {
    const { id, hash } = await ask()
    const answers = await Promise.all([
      codeOf(acts.refuse(id, 'not yet', chen)),
      codeOf(acts.agree(id, { hash, reason: '' }, { ...chen, name: 'wei', person: 'Wei' })),
      codeOf(acts.withdraw(id, 'my mistake', li)),
    ])
    expect(answers.toSorted()).toEqual(['done', 'edit-conflict', 'edit-conflict'])
    const row = await store.proposal(id)
    expect(done).toHaveLength(row?.decision?.kind === 'agreed' ? 1 : 0)
  })

  it('is not carried out where its object has changed since, or is gone: that is said and on record', async () => {
    for (const after of ['isolated anew', null]) {
      const { id, hash, object } = await ask()
      if (after === null) states.delete(object)
      else states.set(object, after)
      await expect(acts.agree(id, { hash, reason: '' }, chen)).rejects.toThrow(/Nothing was done/)
      expect((await store.proposal(id))?.decision).toMatchObject({ kind: 'outdated', by: '' })
    }
    expect(done).toEqual([])
  })

  it('is not carried out where who asked has left, or has another role, since', async () => {
    for (const after of [{ state: 'disabled' }, { role: 'viewer' }] as const) {
      const asker: ActingAccount = { name: `asker-${round}`, role: 'sec-admin', person: `Asker ${round}` }
      await addAccount(asker.name, asker.role, asker.person)
      const { id, hash } = await ask(asker)
      const row = await store.account(asker.name)
      if (row === null) throw new Error('no account')
      await store.changeAccount(asker.name, row, after, {
        ...{ at: 1, by: 'wang', kind: 'disabled', changes: '{}', reason: 'has left' },
      })
      expect(await codeOf(acts.agree(id, { hash, reason: '' }, chen))).toBe('edit-conflict')
      expect((await store.proposal(id))?.decision).toMatchObject({ kind: 'outdated' })
    }
    expect(done).toEqual([])
  })

  it('is agreed to only as it was seen', async () => {
    const { id } = await ask()
    const other = await ask()
    expect(await codeOf(acts.agree(id, { hash: other.hash, reason: '' }, chen))).toBe('edit-conflict')
    expect((await store.proposal(id))?.decision).toBeNull()
  })

  it('waits for 72 hours and not a millisecond more', async () => {
    const early = await ask()
    const late = await ask()
    clock += TWO_PERSON_LIMITS.openMsMax - 1
    expect(await codeOf(acts.agree(early.id, { hash: early.hash, reason: '' }, chen))).toBe('done')
    clock += 1
    expect(await codeOf(acts.agree(late.id, { hash: late.hash, reason: '' }, chen))).toBe('edit-conflict')
    expect((await store.proposal(late.id))?.decision).toMatchObject({ kind: 'expired' })
    expect(done).toHaveLength(1)
  })

  it('expires by itself where nobody looks', async () => {
    const { id } = await ask()
    clock += TWO_PERSON_LIMITS.openMsMax
    await acts.expire()
    expect((await store.proposal(id))?.decision).toMatchObject({ kind: 'expired', by: '' })
  })

  it('is asked for once at a time, and again after a refusal', async () => {
    const { id, object } = await ask()
    const again = () => acts.ask('isolation-release', { object }, 'please', li)
    expect(await codeOf(again())).toBe('edit-conflict')
    await acts.refuse(id, 'not yet', chen)
    expect(await codeOf(again())).toBe('done')
  })

  it('is withdrawn by who asked, under that account alone', async () => {
    const { id } = await ask()
    expect(await codeOf(acts.withdraw(id, 'x', chen))).toBe('not-permitted')
    expect(await codeOf(acts.withdraw(id, 'my mistake', li))).toBe('done')
    expect((await store.proposal(id))?.decision).toMatchObject({ kind: 'withdrawn', reason: 'my mistake' })
  })

  it('says in its outcome what failed', async () => {
    failing = new ShoukouError('store-unavailable', 'The disk is full.')
    const { id, hash } = await ask()
    const { proposal } = await acts.agree(id, { hash, reason: '' }, chen)
    expect(proposal.outcome).toMatchObject({
      result: 'failed',
      detail: 'store-unavailable: The disk is full.',
    })
  })

  it('goes on after an end of the console in the middle of it, where that changes nothing twice', async () => {
    const { id } = await ask()
    const decision = { kind: 'agreed', at: clock, by: 'chen', person: 'Chen', reason: '' } as const
    await store.decideProposal(id, decision)
    await withExecutor(true).resume()
    expect(done).toMatchObject([{ proposal: id, agreedBy: 'chen' }])
    expect((await store.proposal(id))?.outcome).toMatchObject({ result: 'done' })
    await withExecutor(true).resume()
    expect(done).toHaveLength(1)
  })

  it('is left to people where doing it twice would change something', async () => {
    const { id } = await ask()
    const decision = { kind: 'agreed', at: clock, by: 'chen', person: 'Chen', reason: '' } as const
    await store.decideProposal(id, decision)
    await withExecutor(false).resume()
    expect(done).toEqual([])
    const row = await store.proposal(id)
    expect(row?.outcome).toMatchObject({ result: 'failed' })
    expect(row?.outcome?.detail).toContain('ended while it was carried out')
  })

  it('is never changed in the database, by the database itself', async () => {
    const { id } = await ask()
    await acts.refuse(id, 'no', chen)
    const raw = new DatabaseSync(join(folder, 'console.db'))
    const run = (statement: string) => () => raw.prepare(statement).run(id)
    expect(run("update proposals set payload = '{}' where id = ?")).toThrow('never changed')
    expect(run('delete from proposals where id = ?')).toThrow('never changed')
    expect(run("update proposal_decisions set kind = 'agreed' where proposal = ?")).toThrow('never changed')
    expect(run('delete from proposal_decisions where proposal = ?')).toThrow('never changed')
    raw.close()
  })

  it('is not carried out where the stored wish was altered behind the console', async () => {
    const { id, hash, object } = await ask()
    const raw = new DatabaseSync(join(folder, 'console.db'))
    raw.exec('drop trigger proposals_no_update')
    raw
      .prepare('update proposals set payload = ? where id = ?')
      .run(JSON.stringify({ object, all: true }), id)
    raw.close()
    expect(await codeOf(acts.agree(id, { hash, reason: '' }, chen))).toBe('edit-conflict')
    expect(done).toEqual([])
  })
})

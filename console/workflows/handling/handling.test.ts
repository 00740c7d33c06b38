import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ErrorCode, ShoukouError } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HANDLING_STATES, type StepKind } from '../../store/handling-ports.ts'
import { openSqliteStoreHere } from '../../store/open-store.ts'
import type { Severity, Store, ViolationRow } from '../../store/ports.ts'
import { type ActingAccount, createTwoPerson, type TwoPerson } from '../two-person/two-person.ts'
import { closingExecutors } from './closing-acts.ts'
import { createHandling, type Handling } from './handle-violation.ts'
import { actOfStep, handledBy, nextSteps, UNHANDLED } from './handling-state.ts'

const li: ActingAccount = { name: 'li', role: 'sec-admin', person: 'Li' }
const chen: ActingAccount = { name: 'chen', role: 'sec-admin', person: 'Chen' }
let folder: string
let store: Store
let acts: TwoPerson
let handling: Handling

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-handling-'))
  const own = await openSqliteStoreHere(join(folder, 'console.db'))
  await own.addAccount({
    ...{ name: 'li', role: 'sec-admin', person: 'Li', passwordHash: 'x', mustChange: false },
    ...{ failures: 0, lockedUntil: null, createdAt: 1 },
  })
  // Violations come from a journal elsewhere: here one is there for each number, of the severity that it is asked for.
  store = { ...own, violation: async (id) => (id < 1_000 ? violation(id) : null) }
  const executors = closingExecutors({
    store,
    headlineOf: ({ number }) => ({ zh: `计算机 ${number}`, en: `PC ${number}` }),
    changed: async () => undefined,
  })
  acts = createTwoPerson({
    store,
    now: () => 9_000,
    executors,
    log: { error: () => undefined },
  })
  handling = createHandling({ store, acts, now: () => 9_000, changed: async () => undefined })
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low']
let last = 0
function violation(id: number): ViolationRow {
  return {
    id,
    agent: 'agent-1',
    number: 'JM-0001',
    key: String(id),
    type: 'unregistered-media-inserted',
    severity: severities[id % 4] ?? 'low',
    level: 'secret',
    policyVersion: 1,
    evidence: '{}',
    epoch: 'e',
    seq: 1,
    occurredAt: 1,
    receivedAt: 1,
    endedAt: null,
  }
}
function fresh(severity: Severity): ViolationRow {
  do last += 1
  while (violation(last).severity !== severity)
  return violation(last)
}
const step = async (of: ViolationRow, kind: StepKind, by = li) => {
  const { steps } = await handling.read(of.id)
  const came = kind === 'close' ? ({ disposition: 'warning' } as const) : {}
  return handling.step(of, { kind, reason: 'as found', after: steps.at(-1)?.id ?? null, ...came }, by)
}
const codeOf = async (work: Promise<unknown>): Promise<ErrorCode | 'done'> =>
  work.then(
    () => 'done' as const,
    (error: unknown) => {
      if (error instanceof ShoukouError) return error.code
      throw error
    },
  )

describe('the handling of a violation', () => {
  it('is derived from its steps: each changes the state, a comment does not', () => {
    expect(handledBy([]).state).toBe('detected')
    const kinds = ['acknowledge', 'comment', 'confirm', 'comment', 'close'] as const
    const states = kinds.map((_, at) => handledBy(kinds.slice(0, at + 1).map((kind) => ({ kind }))).state)
    expect(states).toEqual(['acknowledged', 'acknowledged', 'confirmed', 'confirmed', 'closed'])
  })

  it('has a next step in each state, and two people for the ends of what is serious', () => {
    for (const state of HANDLING_STATES)
      expect(nextSteps({ state, isIncident: false }, 'low')).toContain('comment')
    const two = severities.map((severity) => [
      actOfStep('close', severity, UNHANDLED) !== null,
      actOfStep('false-positive', severity, UNHANDLED) !== null,
    ])
    expect(two).toEqual([
      [true, true],
      [true, true],
      [false, true],
      [false, true],
    ])
    for (const severity of severities)
      for (const kind of ['acknowledge', 'confirm', 'comment'] as const)
        expect(actOfStep(kind, severity, UNHANDLED)).toBeNull()
  })

  it('of a low one is one person from the first look to the end', async () => {
    const of = fresh('low')
    for (const kind of ['acknowledge', 'comment', 'confirm', 'close'] as const)
      expect(await step(of, kind)).toBeNull()
    const { handled, steps } = await handling.read(of.id)
    expect(handled).toMatchObject({ state: 'closed', disposition: 'warning' })
    expect(steps.map(({ kind, account, reason }) => [kind, account, reason])).toEqual([
      ['acknowledge', 'li', 'as found'],
      ['comment', 'li', 'as found'],
      ['confirm', 'li', 'as found'],
      ['close', 'li', 'as found'],
    ])
    expect(await codeOf(step(of, 'confirm'))).toBe('edit-conflict')
  })

  it('of a serious one is closed when a second person has agreed, and stays open until then', async () => {
    const of = fresh('high')
    await step(of, 'confirm')
    const proposal = await step(of, 'close')
    expect(proposal?.words).toContain('JM-0001')
    const waiting = await handling.read(of.id)
    expect([waiting.handled.state, waiting.open.length]).toEqual(['confirmed', 1])
    const { id = 0, hash = '' } = proposal ?? {}
    await acts.agree(id, { hash, reason: '' }, chen)
    const { handled, steps, open } = await handling.read(of.id)
    expect([handled.state, open.length]).toEqual(['closed', 0])
    expect(steps.at(-1)).toMatchObject({ kind: 'close', account: 'li, chen', proposal: id })
  })

  it('tells whoever agrees to close what may be a leak that nobody was told of it', async () => {
    const told = async (severity: Severity, isReported: boolean): Promise<string> => {
      const of = fresh(severity)
      await step(of, 'confirm')
      const report = { what: 'report', recipient: 'bureau', office: 'o', person: 'p', number: '' } as const
      if (isReported)
        await store.addClockReport({
          ...{ ...report, violation: of.id, at: 9_000, account: 'li', reportedAt: 9_000, note: '' },
        })
      return (await step(of, 'close'))?.words ?? ''
    }
    expect(await told('critical', false)).toContain('没有登记过')
    expect(await told('critical', true)).not.toContain('没有登记过')
    expect(await told('high', false)).not.toContain('没有登记过')
  })

  it('is called a false positive by two people, whatever it weighs', async () => {
    for (const severity of severities) {
      const of = fresh(severity)
      const { id = 0, hash = '' } = (await step(of, 'false-positive')) ?? {}
      expect((await handling.read(of.id)).handled.state).toBe('detected')
      await acts.agree(id, { hash, reason: '' }, chen)
      expect((await handling.read(of.id)).handled.state).toBe('false-positive')
    }
  })

  it('goes on under a comment while a second person is waited for, and not under another step', async () => {
    const commented = fresh('high')
    await step(commented, 'confirm')
    const first = await step(commented, 'close')
    await step(commented, 'comment', chen)
    expect(await codeOf(acts.agree(first?.id ?? 0, { hash: first?.hash ?? '', reason: '' }, chen))).toBe(
      'done',
    )
    const moved = fresh('high')
    await step(moved, 'confirm')
    const second = await step(moved, 'close')
    await step(moved, 'remedy', chen)
    expect(await codeOf(acts.agree(second?.id ?? 0, { hash: second?.hash ?? '', reason: '' }, chen))).toBe(
      'edit-conflict',
    )
    expect((await handling.read(moved.id)).handled.state).toBe('remedied')
  })

  it('is not merged into one that an exception allows, nor into one about another medium: its clock would stop unasked', async () => {
    const [lead, other] = [fresh('critical'), fresh('critical')]
    const standing: ViolationRow['standing'] = {
      ...{ state: 'detected', disposition: null, isIncident: false, assignee: null, subject: 'device:1' },
      ...{ repeatOf: null, repeats: 1, lastAt: 1, place: lead.id, isOngoing: false },
      exception: { id: 1, until: 99_000 },
    }
    const by = { reason: 'the same stick', account: 'li' }
    const one = { ...lead, agent: '', standing: { ...standing, exception: null, subject: 'medium:U-1' } }
    const missing = { ...other, agent: '', standing: { ...one.standing, subject: 'medium:U-2' } }
    expect(await codeOf(handling.merge(missing, one, by))).toBe('edit-conflict')
    expect(await codeOf(handling.merge(other, { ...lead, standing }, by))).toBe('edit-conflict')
    expect(await codeOf(handling.merge({ ...lead, standing }, other, by))).toBe('edit-conflict')
  })

  it('takes one of two steps at the same time, and tells the other', async () => {
    const of = fresh('low')
    const both = await Promise.all([
      codeOf(handling.step(of, { kind: 'acknowledge', reason: '', after: null }, li)),
      codeOf(handling.step(of, { kind: 'confirm', reason: 'sure', after: null }, chen)),
    ])
    expect(both.toSorted()).toEqual(['done', 'edit-conflict'])
    expect((await handling.read(of.id)).steps).toHaveLength(1)
  })
})

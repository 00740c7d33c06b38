/** Who was logged on, in a computer's timeline: over a real store. */
import type { Fact, Session } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { TimelineAnswer } from './contract-timeline.ts'
import { startTestApi, type TestApi } from './test-api.ts'
import { AGENT, addComputer, appendFacts, EPOCH } from './test-data.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const hourMs = 3_600_000
const start = new Date(2026, 2, 2, 8).getTime()
const at = (hours: number): number => start + hours * hourMs
const hostile = { b64: Buffer.from([0xff, 0x3c, 0x62]).toString('base64') }
const local: Session = {
  ...{ id: '0000000000000001', user: 'wang', uid: 1000, line: ':0', seat: 'seat0', remoteHost: null },
  ...{ openedWallMs: at(0), source: 'logind' },
}
const remote: Session = {
  ...{ id: '0000000000000002', user: hostile, uid: null, line: 'pts/0', seat: null },
  ...{ remoteHost: '203.0.113.9', openedWallMs: at(2), source: 'utmp' },
}

let test: TestApi
let cookie: string
beforeAll(async () => {
  test = await startTestApi()
  await addComputer(test)
  const tell = (facts: readonly Fact[], wallMs: number) =>
    appendFacts(test.store, { facts, wallMs, receivedAt: wallMs })
  await tell([{ kind: 'agent.started', previous: 'first-start', pid: 1, uid: 0 }], at(0))
  await tell([{ kind: 'session.opened', origin: 'appeared', session: local }], at(0))
  await tell([{ kind: 'session.opened', origin: 'appeared', session: remote }], at(2))
  await tell(
    [
      {
        ...{ kind: 'session.closed', session: remote, closedWallMs: at(3), ending: 'logged-out' },
        found: 'while-watching',
      },
    ],
    at(3),
  )
  test.clock.now = at(21)
  cookie = await test.signIn('sec-admin')
})
afterAll(() => test[Symbol.asyncDispose]())

async function timeline(fromMs: number, toMs: number) {
  const answer = await test.call('GET', `/api/computers/${AGENT}/timeline?from=${fromMs}&to=${toMs}`, {
    cookie,
  })
  expect(answer.status).toBe(200)
  return answer.json as TimelineAnswer
}

describe('sessions in the timeline', () => {
  it('stand from log-on to log-off, and open where no end was told', async () => {
    const { sessions, buckets } = await timeline(at(-24), at(10))
    expect(sessions).toEqual([
      {
        ...{ user: 'wang', uid: 1000, line: ':0', seat: 'seat0', remoteHost: null },
        ...{ fromMs: at(0), toMs: null, end: 'not-ended', epoch: EPOCH, seq: 2 },
      },
      {
        ...{ user: hostile, uid: null, line: 'pts/0', seat: null, remoteHost: '203.0.113.9' },
        ...{ fromMs: at(2), toMs: at(3), end: 'logged-out', epoch: EPOCH, seq: 3 },
      },
    ])
    const counted = buckets.filter(({ lane }) => lane === 'sessions')
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(3)
  })

  it('are found in a span in which nothing of them was recorded, and not in one before or after them', async () => {
    const during = await timeline(at(2.4), at(2.5))
    expect(during.sessions?.map(({ line }) => line)).toEqual([':0', 'pts/0'])
    const later = await timeline(at(5), at(6))
    expect(later.sessions?.map(({ line }) => line)).toEqual([':0'])
    expect((await timeline(at(-6), at(-5))).sessions).toEqual([])
  })

  it('end with the computer', async () => {
    const stopping = { kind: 'agent.stopping', reason: 'shutdown' } as const
    await appendFacts(test.store, { facts: [stopping], wallMs: at(9), receivedAt: at(9) })
    const { sessions } = await timeline(at(5), at(10))
    expect(sessions).toMatchObject([{ line: ':0', toMs: at(9), end: 'shutdown' }])
    expect((await timeline(at(9.5), at(10))).sessions).toEqual([])
  })

  it('are only counted where they are too many to be told one by one', async () => {
    const spread = Array.from({ length: 2_000 }, (_, one): Fact => {
      const id = one.toString(16).padStart(16, 'f')
      return { kind: 'session.opened', origin: 'appeared', session: { ...local, id, openedWallMs: null } }
    })
    await appendFacts(test.store, { facts: spread, wallMs: at(20), receivedAt: at(20) })
    const { sessions, buckets } = await timeline(at(19), at(21))
    expect(sessions).toBeNull()
    expect(buckets.find(({ lane }) => lane === 'sessions')?.count).toBe(2_000)
  })
})

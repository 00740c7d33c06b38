import type { FactNamed, Session } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { type SessionRecord, type SessionRun, sessionSpans } from './session-spans.ts'

const t0 = Date.UTC(2026, 2, 2, 8)
const minute = 60_000
const session = (id: string, more: Partial<Session> = {}): Session => ({
  ...{ id: id.padEnd(16, '0'), user: 'wang', uid: 1000, line: 'tty1', seat: null, remoteHost: null },
  ...{ openedWallMs: t0, source: 'utmp' },
  ...more,
})
const opened = (
  seq: number,
  one: Session,
  origin: FactNamed<'session.opened'>['origin'] = 'appeared',
): SessionRecord => ({
  ...{ epoch: 'e', seq, wallMs: t0 + seq * minute },
  fact: { kind: 'session.opened', origin, session: one },
})
const closed = (
  seq: number,
  one: Session,
  more: Partial<FactNamed<'session.closed'>> = {},
): SessionRecord => ({
  ...{ epoch: 'e', seq, wallMs: t0 + seq * minute },
  fact: {
    ...{ kind: 'session.closed', session: one, closedWallMs: null, ending: 'logged-out' },
    found: 'while-watching',
    ...more,
  },
})
/** From record to record, one each minute. */
const run = (firstSeq: number, lastSeq: number, more: Partial<SessionRun> = {}): SessionRun => ({
  ...{ epoch: 'e', firstSeq, lastSeq, bootId: 'b1', began: 'clean-stop', stop: null },
  ...{ fromMs: t0 + firstSeq * minute, toMs: t0 + lastSeq * minute },
  ...more,
})
const stopAt = (seq: number, reason: string) => ({ stop: { reason, atMs: t0 + seq * minute } })
const spans = (records: readonly SessionRecord[], runs: readonly SessionRun[]) =>
  sessionSpans(records, runs).map(({ fromMs, toMs, end, seq }) => [
    ...[(fromMs - t0) / minute, toMs === null ? null : (toMs - t0) / minute, end, seq],
  ])

describe('sessions', () => {
  const one = session('a')
  it('last from the log-on to the log-off, as the system has both', () => {
    expect(spans([opened(2, one), closed(30, one)], [run(1, 40)])).toEqual([[0, 30, 'logged-out', 2]])
    const told = closed(30, one, { closedWallMs: t0 + 29 * minute, ending: 'process-gone' })
    expect(spans([opened(2, one), told], [run(1, 40)])).toEqual([[0, 29, 'process-gone', 2]])
  })

  it('go on over a restart of the agent, and are one', () => {
    const runs = [run(1, 10, stopAt(10, 'signal')), run(11, 40)]
    expect(spans([opened(2, one), opened(12, one, 'still-present'), closed(30, one)], runs)).toEqual([
      [0, 30, 'logged-out', 2],
    ])
    expect(spans([opened(2, one), opened(12, one, 'still-present')], runs)).toEqual([
      [0, null, 'not-ended', 2],
    ])
  })

  it('have no end yet where none was told and the agent runs on', () => {
    expect(spans([opened(2, one)], [run(1, 40)])).toEqual([[0, null, 'not-ended', 2]])
    const gap = run(43, 60, { began: 'gap', bootId: null })
    expect(spans([opened(2, one)], [run(1, 40), gap])).toEqual([[0, null, 'not-ended', 2]])
  })

  it('end where the agent last could have seen them, and it is said why', () => {
    expect(spans([opened(2, one)], [run(1, 40, stopAt(39, 'shutdown'))])).toEqual([[0, 39, 'shutdown', 2]])
    expect(spans([opened(2, one)], [run(1, 40, stopAt(39, 'stopped-alone')), run(41, 50)])).toEqual([
      [0, 39, 'agent-stopped', 2],
    ])
    expect(spans([opened(2, one)], [run(1, 40), run(41, 50, { bootId: 'b2' })])).toEqual([
      [0, 40, 'next-boot', 2],
    ])
    expect(spans([opened(2, one)], [run(1, 40), run(41, 50)])).toEqual([[0, 40, 'agent-stopped', 2]])
  })

  it('that ended while no agent ran end when they were last seen, not when they were missed', () => {
    const runs = [run(1, 10, stopAt(10, 'signal')), run(100, 140)]
    const missed = closed(101, one, { found: 'while-away', ending: 'gone' })
    expect(spans([opened(2, one), missed], runs)).toEqual([[0, 10, 'while-away', 2]])
  })

  it('never end before they begin, whatever a clock said', () => {
    const odd = session('b', { openedWallMs: t0 + 900 * minute })
    expect(spans([opened(2, odd), closed(3, odd, { closedWallMs: 5 })], [run(1, 40)])).toEqual([
      [2, 2, 'logged-out', 2],
    ])
    const unsaid = session('c', { openedWallMs: null })
    expect(spans([closed(3, unsaid)], [])).toEqual([[3, 3, 'logged-out', 3]])
  })
})

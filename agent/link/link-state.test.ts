import { LIMITS, type WelcomeFrame } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { INITIAL_LINK_STATE, inFlightOf, type LinkEvent, type LinkState, step } from './link-state.ts'

const head = 'ab'.repeat(32)
const welcome: WelcomeFrame = {
  v: 1,
  type: 'welcome',
  consoleVersion: '0.1.0',
  stored: null,
  window: { records: 10, bytes: 2_000_000 },
  heartbeatMs: 10_000,
  wallMs: 0,
  receipt: null,
}

function run(events: readonly LinkEvent[], from: LinkState = INITIAL_LINK_STATE) {
  let state = from
  let effects: readonly { kind: string }[] = []
  for (const event of events) ({ state, effects } = step(state, event))
  return { state, effects: effects.map(({ kind }) => kind), last: effects }
}

const connected: LinkEvent[] = [
  { kind: 'start', at: 0 },
  { kind: 'opened', at: 1 },
  { kind: 'welcome', frame: welcome, at: 2 },
  { kind: 'checked', nextSeq: 1 },
]
const streaming = run(connected).state
const sent = (lastSeq: number, records: number, bytes = records * 100): LinkEvent => ({
  kind: 'sent',
  frame: { lastSeq, head, records, bytes },
})
const ack = (seq: number, with_ = head): LinkEvent => ({
  kind: 'ack',
  stored: { epoch: 'e', seq, head: with_ },
  receipt: head,
})

describe('link state', () => {
  it('says hello when open, compares when welcomed, and sends only after that', () => {
    expect(run(connected.slice(0, 2)).effects).toEqual(['say-hello'])
    expect(run(connected.slice(0, 3)).effects).toEqual(['start-heartbeats', 'check-stored'])
    expect(run(connected).effects).toEqual(['send-records'])
  })

  it('reads one frame at a time, and asks for the next where the window has room', () => {
    expect(run([{ kind: 'journal-grew' }], streaming).effects).toEqual([])
    const { last, state } = run([sent(4, 4)], streaming)
    expect(last).toEqual([
      { kind: 'send-records', fromSeq: 5, window: { records: 6, bytes: expect.any(Number) } },
    ])
    expect(inFlightOf(state)).toEqual({ records: 4, bytes: 400 })
  })

  it('waits at a full window, and goes on when acknowledged', () => {
    const full = run([sent(10, 10)], streaming)
    expect(full.effects).toEqual([])
    expect(run([ack(10)], full.state).effects).toEqual(['acknowledge', 'send-records'])
  })

  it('keeps in flight what an acknowledgement does not cover', () => {
    const { state } = run([sent(3, 3), sent(6, 3), ack(3)], streaming)
    expect(inFlightOf(state)).toEqual({ records: 3, bytes: 300 })
  })

  it('stops reading where there is nothing, until the journal grows', () => {
    const idle = run([{ kind: 'sent', frame: null }], streaming)
    expect(idle.effects).toEqual([])
    expect(run([{ kind: 'journal-grew' }], idle.state).effects).toEqual(['send-records'])
  })

  it('never asks for a frame above what a frame may hold', () => {
    const wide = run([
      ...connected.slice(0, 2),
      {
        kind: 'welcome',
        frame: { ...welcome, window: { records: 4_000, bytes: LIMITS.windowBytesMax } },
        at: 2,
      },
      { kind: 'checked', nextSeq: 1 },
    ])
    const [effect] = wide.last as unknown as [{ window: { records: number; bytes: number } }]
    expect(effect.window.records).toBe(LIMITS.recordsPerFrameMax)
    expect(effect.window.bytes + 4 * LIMITS.recordsPerFrameMax).toBeLessThan(LIMITS.frameBytesMax)
  })

  it.each([
    ['an acknowledgement of what was not sent', ack(7)],
    ['an acknowledgement of other content', ack(4, 'cd'.repeat(32))],
    ['a second welcome', { kind: 'welcome', frame: welcome, at: 3 }],
  ] as const)('refuses %s and closes', (_, event) => {
    expect(run([sent(4, 4), event], streaming).effects).toEqual(['send-error', 'close'])
  })

  it.each(['ack', 'policy', 'command'] as const)('refuses %s before the welcome', (kind) => {
    const early = run(connected.slice(0, 2)).state
    const event = (kind === 'ack' ? ack(1) : { kind, frame: {} }) as LinkEvent
    expect(run([event], early).effects).toEqual(['send-error', 'close'])
  })

  it('closes a connection on which nothing was heard for the limit, and not a moment before', () => {
    const at = 2 + LIMITS.connectionSilentMsMax
    expect(run([{ kind: 'silence-check', at }], streaming).effects).toEqual([])
    expect(run([{ kind: 'silence-check', at: at + 1 }], streaming).effects).toEqual(['close'])
    expect(
      run(
        [
          { kind: 'heard', at: at - 5 },
          { kind: 'silence-check', at: at + 1 },
        ],
        streaming,
      ).effects,
    ).toEqual([])
  })

  it('comes back after a delay that grows and is jittered, and starts anew after a stable connection', () => {
    const delays = (random: number) => {
      let state: LinkState = INITIAL_LINK_STATE
      return Array.from({ length: 12 }, () => {
        state = step(state, { kind: 'retry-due', at: 0 }).state
        const closed = step(state, { kind: 'closed', at: 0, random, trouble: null })
        state = closed.state
        const [effect] = closed.effects
        return effect?.kind === 'retry-in' ? effect.ms : -1
      })
    }
    expect(new Set(delays(0))).toEqual(new Set([LIMITS.reconnectDelayMsMin]))
    const latest = delays(0.999_999)
    expect(latest[0]).toBe(2 * LIMITS.reconnectDelayMsMin)
    expect(Math.max(...latest)).toBe(LIMITS.reconnectDelayMsMax)
    const tired: LinkState = { ...streaming, attempt: 9 } as LinkState
    const [effect] = step(tired, { kind: 'closed', at: 40_000, random: 0.999_999, trouble: null }).effects
    expect(effect).toEqual({ kind: 'retry-in', ms: 2 * LIMITS.reconnectDelayMsMin })
  })

  it('comes back slowly where the console says that trying again is useless', () => {
    const error = {
      v: 1,
      type: 'error',
      code: 'unknown-agent',
      message: 'no',
      retryable: false,
      stored: null,
    } as const
    const told = run([{ kind: 'error', frame: error }], streaming)
    expect(told.effects).toEqual(['close'])
    const { last, state } = run([{ kind: 'closed', at: 5, random: 0, trouble: null }], told.state)
    expect(last).toEqual([{ kind: 'retry-in', ms: LIMITS.reconnectDelayMsMax }])
    expect(state).toMatchObject({ phase: 'waiting', trouble: { code: 'unknown-agent', needsSomebody: true } })
  })

  it('tells the trouble of this attempt, not of an earlier one', () => {
    const refused = { code: 'unknown-agent', message: 'no', needsSomebody: true }
    const away = { code: 'ECONNREFUSED', message: 'refused', needsSomebody: false }
    const closed = (trouble: typeof away | null): LinkEvent => ({ kind: 'closed', at: 5, random: 0, trouble })
    const again: LinkEvent = { kind: 'retry-due', at: 6 }
    const first = run([{ kind: 'start', at: 0 }, closed(refused)])
    expect(run([again, closed(away)], first.state).state).toMatchObject({ trouble: away })
    const other = run([{ kind: 'start', at: 0 }, closed(away), again, closed(refused)])
    expect(other.state).toMatchObject({ trouble: refused })
    expect(other.last).toEqual([{ kind: 'retry-in', ms: LIMITS.reconnectDelayMsMax }])
    const opened = run([again, { kind: 'opened', at: 7 }, closed(null)], other.state)
    expect(opened.state).toMatchObject({ trouble: null })
  })

  it('stays stopped, whatever still arrives', () => {
    const { state } = run(
      [{ kind: 'stop' }, { kind: 'closed', at: 1, random: 0, trouble: null }, { kind: 'retry-due', at: 2 }],
      streaming,
    )
    expect(state).toEqual({ phase: 'stopped' })
  })
})

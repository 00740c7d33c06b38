import { describe, expect, it } from 'vitest'
import {
  beginPauses,
  continued,
  LOOK_EVERY_MS,
  type PauseLook,
  stepPauses,
  UNEXPLAINED_MS_MIN,
} from './pauses.ts'

const start: PauseLook = { wallMs: 1_000_000, bootMs: 50_000, monotonicMs: 40_000, busyMs: 100, tracer: null }

/** The next look, so much later by each clock. */
function later(
  look: PauseLook,
  by: { still?: number; busy?: number; asleep?: number; tracer?: string },
): PauseLook {
  const { still = 0, busy = 0, asleep = 0, tracer = null } = by
  const awake = LOOK_EVERY_MS + still + busy
  return {
    wallMs: look.wallMs + awake + asleep,
    bootMs: look.bootMs + awake + asleep,
    monotonicMs: look.monotonicMs + awake,
    busyMs: (look.busyMs ?? 0) + busy,
    tracer,
  }
}

function tell(by: Parameters<typeof later>[1], signal: 'none' | 'before' | 'after' = 'none') {
  let state = beginPauses(start)
  if (signal === 'before') state = continued(state)
  const seen = later(start, by)
  const first = stepPauses(state, seen)
  state = signal === 'after' ? continued(first.state) : first.state
  const second = stepPauses(state, later(seen, {}))
  return first.fact ?? second.fact
}

describe('pauses', () => {
  it('are a stop signal’s where one ended them, be its word before or after the look', () => {
    for (const signal of ['before', 'after'] as const) {
      expect(tell({ still: 1_500 }, signal)).toMatchObject({
        cause: 'stop-signal',
        fromWallMs: start.wallMs,
        pausedMs: 2_000,
        suspendedMs: 0,
      })
    }
  })

  it('are unexplained where nothing says why, and not told below their bound', () => {
    expect(tell({ still: UNEXPLAINED_MS_MIN })).toMatchObject({ cause: 'unexplained' })
    expect(tell({ still: UNEXPLAINED_MS_MIN - 1 })).toBe(null)
  })

  it('are none on a busy computer, nor on one that slept', () => {
    expect(tell({ busy: 60_000 })).toBe(null)
    expect(tell({ busy: 60_000 }, 'after')).toBe(null)
    expect(tell({ asleep: 8 * 3_600_000 })).toBe(null)
    expect(tell({ asleep: 8 * 3_600_000 }, 'after')).toBe(null)
  })

  it('tell apart what the computer slept of a pause', () => {
    expect(tell({ still: 3_000, asleep: 60_000 })).toMatchObject({ pausedMs: 63_500, suspendedMs: 60_000 })
  })

  it('need a stop: a signal to go on that ended none is nothing, then or later', () => {
    expect(tell({}, 'after')).toBe(null)
    let state = continued(beginPauses(start))
    const seen = later(start, {})
    state = stepPauses(state, seen).state
    const still = later(seen, { still: 2_500 })
    state = stepPauses(state, still).state
    expect(stepPauses(state, later(still, {})).fact).toMatchObject({ cause: 'unexplained' })
  })

  it('name who traces the agent, once', () => {
    const traced = later(start, { tracer: '77 gdb' })
    const first = stepPauses(beginPauses(start), traced)
    expect(first.fact).toMatchObject({ cause: 'unexplained', pausedMs: 0, tracer: '77 gdb' })
    expect(stepPauses(first.state, later(traced, { tracer: '77 gdb' })).fact).toBe(null)
  })
})

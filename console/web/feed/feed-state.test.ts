import { describe, expect, it } from 'vitest'
import { type FeedInput, type FeedState, retryDelay, retryDelayMsMax, stepFeed } from './feed-state.ts'

function run(inputs: readonly FeedInput[], from: FeedState = { kind: 'idle' }) {
  let state = from
  const effects: string[] = []
  for (const input of inputs) {
    const step = stepFeed(state, input)
    state = step.state
    effects.push(...step.effects.map((effect) => effect.kind))
  }
  return { state, effects }
}

describe('the live connection', () => {
  it('opens once; what may have come before anybody listened the console says by itself', () => {
    const { state, effects } = run([{ kind: 'start' }, { kind: 'start' }, { kind: 'opened' }])
    expect(state).toEqual({ kind: 'live' })
    expect(effects).toEqual(['open'])
  })

  it('keeps the time of the first loss through all later failures', () => {
    const { state } = run([
      { kind: 'start' },
      { kind: 'opened' },
      { kind: 'interrupted', now: 1_000 },
      { kind: 'interrupted', now: 2_000 },
      { kind: 'closed', now: 3_000, random: 0.5 },
    ])
    expect(state).toMatchObject({ kind: 'lost', since: 1_000 })
  })

  it('leaves reconnecting to the browser while it tries, and fetches anew once it is back', () => {
    const { state, effects } = run([
      { kind: 'start' },
      { kind: 'opened' },
      { kind: 'interrupted', now: 1_000 },
      { kind: 'opened' },
      { kind: 'opened' },
    ])
    expect(state).toEqual({ kind: 'live' })
    expect(effects).toEqual(['open', 'fetch-anew'])
  })

  it('opens a new connection after a while where the browser gave up, and asks who is signed in', () => {
    const { effects } = run([
      { kind: 'start' },
      { kind: 'opened' },
      { kind: 'closed', now: 1_000, random: 0 },
      { kind: 'retry' },
      { kind: 'opened' },
    ])
    expect(effects).toEqual(['open', 'close', 'retry-after', 'check-session', 'open', 'fetch-anew'])
  })

  it('counts an unanswered question as a loss, but not again while it is lost already', () => {
    const first = run([{ kind: 'start' }, { kind: 'opened' }, { kind: 'unanswered', now: 5, random: 0 }])
    expect(first.state).toMatchObject({ kind: 'lost', since: 5 })
    expect(run([{ kind: 'unanswered', now: 9, random: 0 }], first.state)).toEqual({
      state: first.state,
      effects: [],
    })
  })

  it('does nothing any more once stopped', () => {
    const { state, effects } = run([
      { kind: 'start' },
      { kind: 'stop' },
      { kind: 'opened' },
      { kind: 'closed', now: 1, random: 0 },
      { kind: 'retry' },
    ])
    expect(state).toEqual({ kind: 'idle' })
    expect(effects).toEqual(['open', 'close'])
  })

  it('waits longer each time, never above its bound, never less than half of it', () => {
    expect(retryDelay(0, 0)).toBeLessThan(retryDelay(4, 0))
    expect(retryDelay(99, 1)).toBe(retryDelayMsMax)
    expect(retryDelay(99, 0)).toBe(retryDelayMsMax / 2)
  })
})

/**
 * The life of the live connection, as a state machine: pure. `feed-connection.ts` applies the effects.
 *
 * A browser's EventSource reconnects by itself after a broken connection and sends the last id; it gives up for good
 * when the console answers with an error status. Then this opens a new one, which has no last id: so everything is
 * fetched anew. A cable that was pulled is seen by neither: a small question every few seconds is.
 */
export type FeedState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'live' }
  /** `since`: Unix ms of the console's clock when the connection was last known to stand. */
  | { readonly kind: 'lost'; readonly since: number; readonly attempt: number }

export type FeedInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'opened' }
  /** The browser lost it and is trying again by itself. */
  | { readonly kind: 'interrupted'; readonly now: number }
  /** The browser gave up. */
  | { readonly kind: 'closed'; readonly now: number; readonly random: number }
  /** The console did not answer a small question. */
  | { readonly kind: 'unanswered'; readonly now: number; readonly random: number }
  | { readonly kind: 'retry' }

export type FeedEffect =
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  | { readonly kind: 'retry-after'; readonly delayMs: number }
  | { readonly kind: 'fetch-anew' }
  /** An error status may mean that nobody is signed in any more. */
  | { readonly kind: 'check-session' }

export interface FeedStep {
  readonly state: FeedState
  readonly effects: readonly FeedEffect[]
}

export const retryDelayMsMin = 500
export const retryDelayMsMax = 15_000

/** Returns the next state and what must be done. */
export function stepFeed(state: FeedState, input: FeedInput): FeedStep {
  switch (input.kind) {
    case 'start':
      return state.kind === 'idle'
        ? { state: { kind: 'connecting', attempt: 0 }, effects: [{ kind: 'open' }] }
        : same(state)
    case 'stop':
      return { state: { kind: 'idle' }, effects: [{ kind: 'close' }] }
    case 'opened':
      if (state.kind === 'idle' || state.kind === 'live') return same(state)
      // Whatever came in between nobody listened to. Of the first connection, to which a page brings no place, the console
      // says so itself: asking for everything twice would be most of what a page loads.
      return { state: { kind: 'live' }, effects: state.kind === 'connecting' ? [] : [{ kind: 'fetch-anew' }] }
    case 'interrupted':
      return state.kind === 'live' || state.kind === 'connecting' ? lost(state, input.now, []) : same(state)
    case 'closed':
    case 'unanswered': {
      if (state.kind === 'idle') return same(state)
      if (input.kind === 'unanswered' && state.kind === 'lost') return same(state)
      const delayMs = retryDelay('attempt' in state ? state.attempt : 0, input.random)
      const after: FeedEffect[] = [{ kind: 'close' }, { kind: 'retry-after', delayMs }]
      if (input.kind === 'closed') after.push({ kind: 'check-session' })
      return lost(state, input.now, after)
    }
    case 'retry':
      return state.kind === 'lost' ? { state, effects: [{ kind: 'open' }] } : same(state)
  }
}

/** Returns the wait before attempt n + 1, ms: doubling, with jitter, so that all pages do not come at once. */
export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(retryDelayMsMax, retryDelayMsMin * 2 ** Math.min(attempt, 10))
  return Math.round(ceiling / 2 + (random * ceiling) / 2)
}

function lost(state: FeedState, now: number, effects: readonly FeedEffect[]): FeedStep {
  const since = state.kind === 'lost' ? state.since : now
  const attempt = 'attempt' in state ? state.attempt + 1 : 1
  return { state: { kind: 'lost', since, attempt }, effects }
}

function same(state: FeedState): FeedStep {
  return { state, effects: [] }
}

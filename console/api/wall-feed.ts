/**
 * The feed of a wall display says that something changed, never what. However much happens, a screen is told a few times a
 * second, so that a storm costs it as much as a breeze. Pure but for the timer that is given.
 */
import type { FeedMessage, Subscriber } from '../feed/ports.ts'

/** Between two words; the first one after a quiet while is said at once. */
export const WALL_FEED_GAP_MS = 250

export interface PacedSubscriber extends Subscriber {
  stop(): void
}

/** Passes on the first message, then the newest of each span. */
export function paceSubscriber(
  to: Subscriber,
  gapMs: number,
  schedule: (callback: () => void, delayMs: number) => () => void,
): PacedSubscriber {
  let cancel: (() => void) | null = null
  let newest: FeedMessage | null = null
  let isTaken = true
  const pass = (message: FeedMessage): void => {
    isTaken = to.deliver(message)
    if (!isTaken) return
    cancel = schedule(() => {
      cancel = null
      if (newest === null) return
      const next = newest
      newest = null
      pass(next)
    }, gapMs)
  }
  return {
    deliver(message) {
      if (cancel === null && isTaken) pass(message)
      else newest = message
      return isTaken
    },
    resync: () => to.resync(),
    stop() {
      cancel?.()
      cancel = null
      isTaken = false
    },
  }
}

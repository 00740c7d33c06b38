/**
 * The live feed in memory: tells each event to the open pages, and drops a page that can't follow.
 *
 * Nothing here is evidence: what a page missed is in the store, and `resync` sends it there.
 */
import { randomUUID } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'
import { FEED_LIMITS } from './limits.ts'
import type { Feed, FeedMessage, Subscriber } from './ports.ts'
import { emptyRing, messagesAfter, pushEvent } from './ring.ts'

export interface FeedOptions {
  /** Tells one run of the console from another; a new one each time where left out. */
  readonly session?: string
  readonly ringMessagesMax?: number
  readonly subscribersMax?: number
}

/**
 * Returns a feed without subscribers.
 *
 * `subscribe` throws ShoukouError `rate-limited` where as many pages are open as may be.
 */
export function createFeed(options: FeedOptions = {}): Feed {
  const subscribersMax = options.subscribersMax ?? FEED_LIMITS.subscribersMax
  const subscribers = new Set<Subscriber>()
  let ring = emptyRing(
    options.session ?? randomUUID(),
    options.ringMessagesMax ?? FEED_LIMITS.ringMessagesMax,
  )

  function offer(subscriber: Subscriber, message: FeedMessage): void {
    if (!subscriber.deliver(message)) subscribers.delete(subscriber)
  }

  return {
    publish(event) {
      const pushed = pushEvent(ring, event)
      ring = pushed.ring
      for (const subscriber of subscribers) offer(subscriber, pushed.message)
    },
    subscribe(subscriber, after) {
      if (subscribers.size >= subscribersMax) {
        throw new ShoukouError('rate-limited', 'Too many pages follow the feed; close some, then reload.')
      }
      subscribers.add(subscriber)
      if (after !== null) {
        const catching = messagesAfter(ring, after)
        if (catching.kind === 'resync') subscriber.resync()
        else
          for (const message of catching.messages) if (subscribers.has(subscriber)) offer(subscriber, message)
      }
      return () => void subscribers.delete(subscriber)
    },
    place: () => ({ session: ring.session, id: ring.lastId }),
  }
}

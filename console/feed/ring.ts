/**
 * The last messages of the feed, in order, so that a page that was away for a moment goes on where it was.
 *
 * Pure: ids are given here, by one from 1; the session comes in as an argument.
 */
import type { FeedEvent, FeedMessage } from './ports.ts'

export interface FeedRing {
  readonly session: string
  readonly limit: number
  /** Oldest first; ids without a hole. */
  readonly messages: readonly FeedMessage[]
  readonly lastId: number
}

/** Where a page was: the session and the id of the last message that it had. */
export interface FeedPlace {
  readonly session: string
  readonly id: number
}

export type Catching =
  | { readonly kind: 'messages'; readonly messages: readonly FeedMessage[] }
  | { readonly kind: 'resync' }

/** Returns a ring without a message. */
export function emptyRing(session: string, limit: number): FeedRing {
  return { session, limit, messages: [], lastId: 0 }
}

/** Returns the ring after one more event, and the message that was made of it; the oldest falls out at the limit. */
export function pushEvent(ring: FeedRing, event: FeedEvent): { ring: FeedRing; message: FeedMessage } {
  const message: FeedMessage = { id: ring.lastId + 1, session: ring.session, event }
  const kept =
    ring.messages.length < ring.limit
      ? ring.messages
      : ring.messages.slice(ring.messages.length - ring.limit + 1)
  return { ring: { ...ring, messages: [...kept, message], lastId: message.id }, message }
}

/**
 * Returns what a page missed since its place: the messages, or `resync` where the place is of another session, is
 * ahead of what this session has told, or has fallen out of the ring.
 */
export function messagesAfter(ring: FeedRing, place: FeedPlace): Catching {
  if (place.session !== ring.session || place.id > ring.lastId || place.id < 0) return { kind: 'resync' }
  const firstKept = ring.lastId - ring.messages.length + 1
  if (place.id + 1 < firstKept) return { kind: 'resync' }
  return { kind: 'messages', messages: ring.messages.slice(place.id + 1 - firstKept) }
}

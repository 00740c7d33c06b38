import { describe, expect, it } from 'vitest'
import type { ComputerRow } from '../store/ports.ts'
import { createFeed } from './feed.ts'
import type { FeedEvent, FeedMessage, Subscriber } from './ports.ts'
import { emptyRing, type FeedRing, messagesAfter, pushEvent } from './ring.ts'

function event(number: string): FeedEvent {
  const computer: ComputerRow = {
    agent: 'agent-1',
    number,
    hostname: 'host',
    status: 'online',
    level: 'confidential',
    networkMode: 'standalone',
    department: null,
    policyVersion: 1,
    appliedPolicyVersion: 1,
    agentVersion: '0.1.0',
    enrolledAt: 1,
    lastSeenAt: 1,
    position: null,
    coverage: [],
    coverageAt: null,
    behindSince: null,
    clockSkewMs: null,
    silentMs: 0,
  }
  return { kind: 'computer', computer }
}

function filled(count: number, limit: number): FeedRing {
  let ring = emptyRing('s', limit)
  for (let made = 0; made < count; made += 1) ring = pushEvent(ring, event(`JM-${made}`)).ring
  return ring
}

function listener(take = Number.POSITIVE_INFINITY) {
  const got: FeedMessage[] = []
  const state = { got, resyncs: 0 }
  const subscriber: Subscriber = {
    deliver(message) {
      if (got.length >= take) return false
      got.push(message)
      return true
    },
    resync: () => void (state.resyncs += 1),
  }
  return { ...state, subscriber, state }
}

describe('the ring', () => {
  it('gives ids from 1 without a hole, and keeps as many as its limit', () => {
    const ring = filled(5, 3)
    expect(ring.messages.map((message) => message.id)).toEqual([3, 4, 5])
    expect(ring.lastId).toBe(5)
    expect(filled(3, 3).messages).toHaveLength(3)
  })

  it('gives back exactly what came after a place', () => {
    const ring = filled(5, 3)
    const idsAfter = (id: number) => {
      const catching = messagesAfter(ring, { session: 's', id })
      return catching.kind === 'resync' ? 'resync' : catching.messages.map((message) => message.id)
    }
    expect(idsAfter(5)).toEqual([])
    expect(idsAfter(4)).toEqual([5])
    expect(idsAfter(2)).toEqual([3, 4, 5])
    expect(idsAfter(1)).toBe('resync')
    expect(idsAfter(6)).toBe('resync')
    expect(messagesAfter(ring, { session: 'other', id: 4 })).toEqual({ kind: 'resync' })
  })
})

describe('the feed', () => {
  it('tells what was missed first, then what comes, in order and once', () => {
    const feed = createFeed({ session: 's' })
    feed.publish(event('1'))
    feed.publish(event('2'))
    const page = listener()
    feed.subscribe(page.subscriber, { session: 's', id: 1 })
    feed.publish(event('3'))
    expect(page.got.map((message) => message.id)).toEqual([2, 3])
    expect(page.state.resyncs).toBe(0)
  })

  it('asks a page of an earlier console to fetch anew, then goes on telling it', () => {
    const feed = createFeed()
    const page = listener()
    feed.subscribe(page.subscriber, { session: 'earlier', id: 7 })
    feed.publish(event('1'))
    expect(page.state.resyncs).toBe(1)
    expect(page.got).toHaveLength(1)
  })

  it('drops a subscriber that does not take a message, and goes on with the others', () => {
    const feed = createFeed()
    const slow = listener(1)
    const quick = listener()
    feed.subscribe(slow.subscriber, null)
    feed.subscribe(quick.subscriber, null)
    for (const number of ['1', '2', '3']) feed.publish(event(number))
    expect(slow.got).toHaveLength(1)
    expect(quick.got).toHaveLength(3)
  })

  it('tells nothing to a subscriber that has left', () => {
    const feed = createFeed()
    const page = listener()
    const leave = feed.subscribe(page.subscriber, null)
    leave()
    feed.publish(event('1'))
    expect(page.got).toEqual([])
  })

  it('takes as many subscribers as its limit, and refuses one more', () => {
    const feed = createFeed({ subscribersMax: 1 })
    const leave = feed.subscribe(listener().subscriber, null)
    expect(() => feed.subscribe(listener().subscriber, null)).toThrow('Too many pages')
    leave()
    expect(() => feed.subscribe(listener().subscriber, null)).not.toThrow()
  })
})

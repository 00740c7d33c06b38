/** Keeps the live connection and tells its listeners; the decisions are `feed-state.ts`. */
import type { Computer, FEED_EVENTS, ViolationItem } from '../../api/contract.ts'
import { recentUseMs } from '../server/recent-use.ts'
import { ApiError, consoleNow, request } from '../server/request.ts'
import { type FeedEffect, type FeedInput, type FeedState, stepFeed } from './feed-state.ts'

const names: typeof FEED_EVENTS = ['violation', 'violation-ended', 'violation-changed', 'computer', 'resync']
/**
 * A question to the console this often shows a connection that died without a word, and a session that is over. While
 * somebody works without asking for anything, as in a long form, it is what keeps the session in use.
 */
const questionMs = recentUseMs

export type FeedMessage =
  | {
      readonly kind: 'violation' | 'violation-ended' | 'violation-changed'
      readonly violation: ViolationItem
    }
  | { readonly kind: 'computer'; readonly computer: Computer }
  | { readonly kind: 'resync' }

export interface FeedListener {
  readonly onMessage: (message: FeedMessage) => void
  readonly onState: (state: FeedState) => void
  readonly onSessionDoubt: () => void
}

/** Opens the feed; returns the way to close it. */
export function connectFeed(listener: FeedListener): () => void {
  let state: FeedState = { kind: 'idle' }
  let source: EventSource | null = null
  let retryTimer: ReturnType<typeof setTimeout> | undefined

  const feed = (input: FeedInput) => {
    const step = stepFeed(state, input)
    const changed = step.state !== state
    state = step.state
    if (changed) listener.onState(state)
    for (const effect of step.effects) apply(effect)
  }

  const apply = (effect: FeedEffect) => {
    switch (effect.kind) {
      case 'open':
        source?.close()
        source = open()
        break
      case 'close':
        clearTimeout(retryTimer)
        source?.close()
        source = null
        break
      case 'retry-after':
        clearTimeout(retryTimer)
        retryTimer = setTimeout(() => feed({ kind: 'retry' }), effect.delayMs)
        break
      case 'fetch-anew':
        listener.onMessage({ kind: 'resync' })
        break
      case 'check-session':
        listener.onSessionDoubt()
        break
    }
  }

  const open = (): EventSource => {
    const opened = new EventSource('/api/feed')
    opened.addEventListener('open', () => feed({ kind: 'opened' }))
    opened.addEventListener('error', () => {
      if (opened !== source) return
      const now = consoleNow()
      if (opened.readyState === EventSource.CLOSED) feed({ kind: 'closed', now, random: Math.random() })
      else feed({ kind: 'interrupted', now })
    })
    for (const name of names) {
      opened.addEventListener(name, (event: MessageEvent<string>) =>
        listener.onMessage(parseMessage(name, event.data)),
      )
    }
    return opened
  }

  const ask = async () => {
    try {
      await request('GET', '/api/session')
    } catch (error) {
      // Nobody signed in is an answer, and the page goes to the sign-in by itself. Of any other failure the meaning is the
      // same: the console does not answer, and the bar says since when.
      if (error instanceof ApiError && error.code === 'not-signed-in') return
      feed({ kind: 'unanswered', now: consoleNow(), random: Math.random() })
    }
  }
  const questions = setInterval(() => void ask(), questionMs)

  feed({ kind: 'start' })
  return () => {
    clearInterval(questions)
    feed({ kind: 'stop' })
  }
}

function parseMessage(name: (typeof names)[number], data: string): FeedMessage {
  switch (name) {
    case 'violation':
    case 'violation-ended':
    case 'violation-changed':
      return { kind: name, violation: JSON.parse(data) as ViolationItem }
    case 'computer':
      return { kind: name, computer: JSON.parse(data) as Computer }
    case 'resync':
      return { kind: name }
  }
}

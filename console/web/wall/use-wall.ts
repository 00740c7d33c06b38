/**
 * What the wall shows, kept fresh for days: each answer takes the place of the one before, nothing is gathered. A word of the
 * feed asks at once; a question every few seconds is asked anyhow, and is how a link that died without a word is noticed.
 */
import { useEffect, useState } from 'react'
import type { Health } from '../../api/contract.ts'
import type { ClocksAnswer } from '../../api/contract-clocks.ts'
import type { WallAnswer } from '../../api/contract-wall.ts'
import { askClocks } from '../server/clock-queries.ts'
import { ApiError, consoleNow, request } from '../server/request.ts'

/** Between two questions that nobody caused. */
const questionMs = 4_000
/** A feed that the browser gave up is opened again after this time. */
const reopenMs = 3_000

export interface ShownClocks {
  readonly answer: ClocksAnswer
  readonly askedAt: number
}

export type WallState =
  | { readonly kind: 'connecting' }
  | {
      readonly kind: 'shown'
      readonly wall: WallAnswer
      readonly clocks: ShownClocks | null
      /** When the console was last known to answer; null while it does. */
      readonly lostSince: number | null
    }
  /** Nobody is signed in, and no code was entered; or it is over. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'not-permitted' }
  | { readonly kind: 'failed' }

/** Keeps the state; `again` starts anew after a code was entered. */
export function useWall(): { readonly state: WallState; readonly again: () => void } {
  const [state, setState] = useState<WallState>({ kind: 'connecting' })
  const [round, setRound] = useState(0)
  useEffect(() => follow(setState, round), [round])
  return { state, again: () => setRound((before) => before + 1) }
}

type SetState = (change: (before: WallState) => WallState) => void

/** `round`: how often a code was entered; a screen that was opened begins as a fresh one. */
function follow(setState: SetState, round: number): () => void {
  if (round > 0) setState(() => ({ kind: 'connecting' }))
  const stopped = new AbortController()
  let isAsking = false
  let isDue = false
  let version: string | null = null
  let lostSince: number | null = null
  let heardAt: number | null = null

  const ask = async (): Promise<void> => {
    if (isAsking) {
      isDue = true
      return
    }
    isAsking = true
    try {
      do {
        isDue = false
        await look()
      } while (isDue && !stopped.signal.aborted)
    } finally {
      isAsking = false
    }
  }
  const look = async (): Promise<void> => {
    try {
      const [wall, answer] = await Promise.all([
        request<WallAnswer>('GET', '/api/wall', undefined, stopped.signal),
        askClocks(stopped.signal),
      ])
      const clocks = answer === null ? null : { answer, askedAt: performance.now() }
      if (lostSince !== null) await reloadWhereUpgraded()
      lostSince = null
      heardAt = consoleNow()
      setState(() => ({ kind: 'shown', wall, clocks, lostSince }))
    } catch (error) {
      if (stopped.signal.aborted) return
      const code = error instanceof ApiError ? error.code : 'unreachable'
      if (code === 'not-signed-in') setState(() => ({ kind: 'locked' }))
      else if (code === 'not-permitted') setState(() => ({ kind: 'not-permitted' }))
      else {
        lostSince ??= heardAt ?? consoleNow()
        const since = lostSince
        setState((before) => (before.kind === 'shown' ? { ...before, lostSince: since } : { kind: 'failed' }))
      }
    }
  }
  // A console that came back with another version has other pages.
  const reloadWhereUpgraded = async (): Promise<void> => {
    const health = await request<Health>('GET', '/api/health', undefined, stopped.signal)
    if (version !== null && version !== health.version) location.reload()
    version = health.version
  }

  const stopFeed = listen(() => void ask(), stopped.signal)
  const timer = setInterval(() => void ask(), questionMs)
  void ask()
  void reloadWhereUpgraded().catch(() => undefined)
  return () => {
    stopped.abort()
    clearInterval(timer)
    stopFeed()
  }
}

/** Opens the feed, and again where the browser gave it up. */
function listen(changed: () => void, signal: AbortSignal): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = (): void => {
    if (signal.aborted) return
    const opened = new EventSource('/api/wall/feed')
    source = opened
    opened.addEventListener('changed', changed)
    opened.addEventListener('error', () => {
      // At once, so that the wall says that its link is gone, not at the next question.
      changed()
      if (opened.readyState !== EventSource.CLOSED) return
      clearTimeout(timer)
      timer = setTimeout(open, reopenMs)
    })
  }
  open()
  return () => {
    clearTimeout(timer)
    source?.close()
  }
}

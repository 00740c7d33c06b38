/**
 * Asks one agent, over its connection, whether it runs: a challenge, and the heartbeat that answers it at once.
 *
 * Timing: an agent that is held still answers nothing from that moment. Asked again 5 s after an answer, and given 4.5 s,
 * it stands as not answering within 10 s. A computer that is busy may take all of the 4.5 s: the agent runs before ordinary
 * work. Frames that arrive meanwhile postpone the verdict: an answer waits behind them on a slow line. No accusation comes
 * of it either way.
 */
import { randomBytes } from 'node:crypto'
import { challengeAnswer, type HeartbeatFrame } from '@shoukou/protocol'

export const CHALLENGE_EVERY_MS = 5_000
export const CHALLENGE_ANSWER_MS_MAX = 4_500
/** So long after the time is up what has arrived is still read: this console may have been the slow one. */
const graceMs = 300
/** Frames may put the verdict off for so long at most. */
const postponedMsMax = 60_000

export interface ChallengerOptions {
  /** Names the agent's run: as its hello said. */
  readonly run: string
  readonly send: (nonce: string) => void
  /** Whether something that came from the agent still waits to be looked at. */
  readonly isBusy: () => boolean
  /** It stopped answering, or answers again. */
  readonly changed: (isAnswering: boolean) => void
  readonly monotonicMs: () => number
  readonly everyMs?: number
  readonly answerMsMax?: number
}

export class Challenger {
  readonly #options: ChallengerOptions
  #nonce: string | null = null
  #askedAt = 0
  #heardAt = 0
  #isAnswering = true
  #timer: NodeJS.Timeout | null = null
  #isStopped = false

  constructor(options: ChallengerOptions) {
    this.#options = options
  }

  /** Asks for the first time. */
  start(): void {
    this.#ask()
  }

  /** Something arrived. */
  heard(): void {
    this.#heardAt = this.#options.monotonicMs()
  }

  /** A heartbeat arrived: it may hold the answer. Reports whether it does, and whether that is right. */
  heartbeat({ answer, journal }: HeartbeatFrame): 'none' | 'right' | 'wrong' {
    if (answer === undefined) return 'none'
    const { run, everyMs = CHALLENGE_EVERY_MS } = this.#options
    const nonce = this.#nonce
    if (nonce === null || answer.nonce !== nonce || answer.digest !== challengeAnswer(nonce, run, journal))
      return 'wrong'
    this.#nonce = null
    this.#set(true)
    this.#after(everyMs, () => this.#ask())
    return 'right'
  }

  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #ask(): void {
    const { send, monotonicMs, answerMsMax = CHALLENGE_ANSWER_MS_MAX } = this.#options
    this.#nonce = randomBytes(16).toString('hex')
    this.#askedAt = monotonicMs()
    send(this.#nonce)
    this.#after(answerMsMax, () => this.#after(graceMs, () => this.#judge()))
  }

  #judge(): void {
    const { isBusy, monotonicMs, answerMsMax = CHALLENGE_ANSWER_MS_MAX } = this.#options
    const now = monotonicMs()
    const leftMs = this.#heardAt + answerMsMax - now
    const mayWait = now - this.#askedAt < postponedMsMax
    if (mayWait && this.#heardAt > this.#askedAt && leftMs > 0)
      return this.#after(leftMs, () => this.#judge())
    if (mayWait && isBusy()) return this.#after(graceMs, () => this.#judge())
    // The challenge stays: an answer that comes late is an answer.
    this.#set(false)
  }

  #set(isAnswering: boolean): void {
    if (this.#isAnswering === isAnswering) return
    this.#isAnswering = isAnswering
    this.#options.changed(isAnswering)
  }

  #after(ms: number, then: () => void): void {
    if (this.#isStopped) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms).unref()
  }
}

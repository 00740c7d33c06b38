/**
 * Takes one target from its place in the queue to the end, and waits there. Each target has one of its own: what is slow
 * or dead for one is nothing to another, and nothing to whoever stores.
 *
 * The queue is the store; here is one batch at a time. At least once and in order: the place moves when the receiver has
 * taken the batch, and a batch that failed comes again as it was.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type {
  ForwardEventRow,
  ForwardProgressRow,
  ForwardStore,
  ForwardTargetRow,
} from '../store/forward-ports.ts'
import { retryDelayMs } from './backoff.ts'
import { encodeJson } from './encode-json.ts'
import { failureOf } from './failures.ts'
import { FORWARD_LIMITS } from './limits.ts'
import type { ForwardMessage } from './message.ts'
import type { Transport } from './transport.ts'

export interface RunnerLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface RunnerOptions {
  readonly store: ForwardStore
  readonly target: ForwardTargetRow
  readonly transport: Transport
  readonly toMessage: (event: ForwardEventRow) => ForwardMessage
  readonly now: () => number
  readonly random: () => number
  readonly log: RunnerLog
  readonly pollMs?: number
  readonly retryDelay?: (failures: number) => number
}

export class TargetRunner {
  readonly #options: RunnerOptions
  readonly #stop = new AbortController()
  readonly #over: Promise<void>
  #wake: () => void = () => undefined
  #isAwake = false
  #isSending = false
  #idleWritten = Number.NEGATIVE_INFINITY

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#over = options.target.isPaused ? Promise.resolve() : this.#run()
  }

  get isSending(): boolean {
    return this.#isSending
  }

  /** Something may be waiting: look at once. */
  wake(): void {
    this.#isAwake = true
    this.#wake()
  }

  /** Ends; a batch under way is given up and comes again. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#wake()
    await this.#over
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { log, target } = this.#options
    while (!signal.aborted) {
      try {
        const waitMs = await this.#step(signal)
        if (waitMs > 0) await this.#rest(waitMs)
      } catch (error) {
        // Not the receiver: the store itself. The place has not moved.
        log.warn({ err: error, target: target.id }, 'forwarding could not go on; it tries again')
        await this.#rest(FORWARD_LIMITS.retryDelayMsMin)
      }
    }
  }

  /** Returns how long to wait before the next one, ms. */
  async #step(signal: AbortSignal): Promise<number> {
    const { store, target, now } = this.#options
    const pollMs = this.#options.pollMs ?? FORWARD_LIMITS.pollMs
    const progress = await store.forwardProgress(target.id)
    if (progress === null) return pollMs
    const dueInMs = (progress.nextTryAt ?? 0) - now()
    // A clock that was set back must not silence a target for long.
    if (dueInMs > 0) return Math.min(dueInMs, FORWARD_LIMITS.retryDelayMsMax)
    const batch = await this.#read(progress)
    if (batch.events.length === 0) {
      await this.#idle(progress, batch.upTo)
      return pollMs
    }
    return this.#send(progress, batch, signal)
  }

  async #read(progress: ForwardProgressRow): Promise<Batch> {
    const { store, target, toMessage } = this.#options
    const { events, upTo } = await store.forwardBatch(
      target,
      progress.cursor,
      FORWARD_LIMITS.batchEventsMax,
      progress.plannedTo ?? undefined,
    )
    const messages: ForwardMessage[] = []
    let bytes = 0
    for (const event of events) {
      const message = toMessage(event)
      bytes += Buffer.byteLength(encodeJson(message))
      if (messages.length > 0 && bytes > FORWARD_LIMITS.batchBytesMax)
        return { events: messages, upTo: messages.at(-1)?.event ?? progress.cursor }
      messages.push(message)
    }
    return { events: messages, upTo }
  }

  async #send(progress: ForwardProgressRow, { events, upTo }: Batch, signal: AbortSignal): Promise<number> {
    const { store, target, transport, now, random, log } = this.#options
    let standing = progress
    if (target.kind === 'folder' && standing.plannedTo === null) {
      // What stands in a numbered file is decided before the file is there, so that the number never means two things.
      standing = { ...standing, plannedTo: upTo }
      await store.setForwardProgress(standing)
    }
    this.#isSending = true
    try {
      const { answer, hash } = await transport.send(events, {
        signal,
        sequence: standing.sequence + 1,
        lastHash: standing.lastHash,
      })
      await store.setForwardProgress({
        ...standing,
        cursor: upTo,
        sequence: standing.sequence + 1,
        plannedTo: null,
        lastHash: hash ?? standing.lastHash,
        sent: standing.sent + events.length,
        lastSentAt: now(),
        lastAnswer: answer,
        failure: null,
        failedAt: null,
        failures: 0,
        nextTryAt: null,
      })
      if (standing.failures > 0) log.info({ target: target.id, kind: target.kind }, 'forwarding goes on')
      return 0
    } catch (error) {
      const { code, detail } = failureOf(error)
      if (signal.aborted) return 0
      const failures = standing.failures + 1
      const delay = this.#options.retryDelay?.(failures) ?? retryDelayMs(failures, random())
      await store.setForwardProgress({
        ...standing,
        failure: { code, detail },
        failedAt: now(),
        failures,
        nextTryAt: now() + delay,
      })
      if (failures === 1)
        log.warn({ target: target.id, kind: target.kind, code, detail }, 'forwarding failed')
      return delay
    } finally {
      this.#isSending = false
    }
  }

  /** Nothing for this target: what its filter left out is passed, now and then, so that it may be forgotten. */
  async #idle(progress: ForwardProgressRow, upTo: number): Promise<void> {
    const { store, transport, now } = this.#options
    const isLate = now() - this.#idleWritten > FORWARD_LIMITS.pruneMs
    let failure: ForwardProgressRow['failure'] = null
    try {
      await transport.idle?.({ sequence: progress.sequence, lastHash: progress.lastHash, now: now() })
    } catch (error) {
      const { code, detail } = failureOf(error)
      failure = { code, detail }
    }
    const hasChanged = (failure?.code ?? null) !== (progress.failure?.code ?? null)
    if (!hasChanged && progress.plannedTo === null && !(upTo > progress.cursor && isLate)) return
    this.#idleWritten = now()
    await store.setForwardProgress({
      ...progress,
      cursor: upTo,
      plannedTo: null,
      failure,
      failedAt: failure === null ? null : now(),
      failures: failure === null ? 0 : 1,
      nextTryAt: null,
    })
  }

  async #rest(ms: number): Promise<void> {
    const ended = new AbortController()
    this.#wake = () => ended.abort()
    if (this.#isAwake || this.#stop.signal.aborted) ended.abort()
    this.#isAwake = false
    try {
      await wait(ms, undefined, { signal: ended.signal, ref: false })
    } catch (error) {
      if (!ended.signal.aborted) throw error
    } finally {
      this.#wake = () => undefined
    }
  }
}

interface Batch {
  readonly events: readonly ForwardMessage[]
  readonly upTo: number
}

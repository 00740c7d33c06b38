/**
 * One open page of the feed: what waits for it is bounded, and what it can't take it is told to ask for again.
 *
 * Delivering puts a reference into a queue and returns: it costs ingest nothing whatever the page does. Texts are made
 * and written in batches, the next one only once the page's connection has taken the one before. Where a page reads so
 * slowly that its queue is full, the queue is emptied, and the page gets `resync` as soon as it reads again: it fetches
 * what the store has, and goes on from there.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FeedMessage, Subscriber } from '../feed/ports.ts'
import type { ApiLog } from './ports.ts'

export interface FeedConnectionOptions {
  readonly response: ServerResponse
  readonly write: (message: FeedMessage) => Promise<string>
  /** What a page is told that must fetch anew. */
  readonly resyncText: () => string
  /** Asked again and again while the page is open. */
  readonly isSessionAlive: () => Promise<boolean>
  readonly log: ApiLog
  readonly commentMs: number
  readonly sessionCheckMs: number
  /** Of one batch of texts; a single message may be longer. */
  readonly batchBytesMax: number
  /** Messages that wait for a page: with one more it is told to ask again. */
  readonly waitingMax: number
  /** A page that took nothing for so long is gone, whatever its socket says. */
  readonly stalledMsMax: number
}

type Waiting = FeedMessage | 'resync'

export class FeedConnection implements Subscriber {
  readonly #options: FeedConnectionOptions
  readonly #timers: NodeJS.Timeout[] = []
  #queue: Waiting[] = []
  /** Batches are written one after the other. */
  #isWriting = false
  #stalledTimer: NodeJS.Timeout | undefined
  #isOpen = true
  #hasStarted = false
  #onClose: () => void = () => undefined

  constructor(options: FeedConnectionOptions) {
    this.#options = options
  }

  /** Sends the headers, then whatever was delivered meanwhile. Call in the same turn as the first delivery. */
  start(headers: OutgoingHttpHeaders): void {
    const { response, log, commentMs, sessionCheckMs } = this.#options
    if (!this.#isOpen) return
    response.on('close', () => this.close('gone'))
    response.on('drain', () => this.#goOn())
    response.on('error', (error) => {
      log.info({ err: error }, 'a feed connection failed')
      this.close('gone')
    })
    response.writeHead(200, headers)
    this.#hasStarted = true
    // At once, so that a page knows that it is connected before anything happens.
    this.#send(':\n\n')
    this.#timers.push(
      setInterval(() => this.#comment(), commentMs),
      setInterval(() => void this.#checkSession(), sessionCheckMs),
    )
    this.#flush()
  }

  /** Calls back once, when the connection ends for whatever reason; at once where it has ended. */
  onClose(callback: () => void): void {
    if (this.#isOpen) this.#onClose = callback
    else callback()
  }

  deliver(message: FeedMessage): boolean {
    if (!this.#isOpen) return false
    // Whatever comes before a page has asked again is in what it will be answered.
    if (this.#queue.length === 1 && this.#queue[0] === 'resync') return true
    if (this.#queue.length >= this.#options.waitingMax) {
      this.#queue = ['resync']
      this.#options.log.info({ why: 'slow' }, 'a page can not follow the feed; it is told to ask again')
    } else this.#queue.push(message)
    this.#flush()
    return true
  }

  resync(): void {
    if (!this.#isOpen) return
    this.#queue = ['resync']
    this.#flush()
  }

  /** Ends the connection: in good order, or at once where the page would not read that it ends. */
  close(why: 'gone' | 'stalled' | 'session-over' | 'stopping' | 'failed'): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#queue = []
    clearTimeout(this.#stalledTimer)
    for (const timer of this.#timers) clearInterval(timer)
    const { response } = this.#options
    if (why === 'stalled' || why === 'failed' || response.writableNeedDrain) response.destroy()
    else response.end()
    if (why !== 'gone') this.#options.log.info({ why }, 'a feed connection was ended')
    this.#onClose()
  }

  #flush(): void {
    if (this.#isWriting || !this.#hasStarted || this.#options.response.writableNeedDrain) return
    this.#isWriting = true
    void this.#writeBatches()
  }

  async #writeBatches(): Promise<void> {
    const { response, log } = this.#options
    try {
      while (this.#isOpen && this.#queue.length > 0 && !response.writableNeedDrain) {
        this.#send(await this.#nextBatch())
      }
    } catch (error) {
      log.error({ err: error }, 'a feed message could not be made')
      this.close('failed')
    } finally {
      this.#isWriting = false
    }
  }

  /** Takes from the queue what fits into a batch. What was taken is sent before anything that comes later. */
  async #nextBatch(): Promise<string> {
    let batch = ''
    while (this.#isOpen && batch.length < this.#options.batchBytesMax) {
      const next = this.#queue.shift()
      if (next === undefined) break
      // Taken off only now: what is published while this text is made is not yet told, or is told twice, never lost.
      batch += next === 'resync' ? this.#options.resyncText() : await this.#options.write(next)
    }
    return batch
  }

  #send(text: string): void {
    if (!this.#isOpen || text === '') return
    const { response, stalledMsMax } = this.#options
    if (response.write(text)) return
    clearTimeout(this.#stalledTimer)
    this.#stalledTimer = setTimeout(() => this.close('stalled'), stalledMsMax)
    this.#stalledTimer.unref()
  }

  #goOn(): void {
    clearTimeout(this.#stalledTimer)
    this.#flush()
  }

  /** Nothing is added for a page that has not taken what was sent before. */
  #comment(): void {
    if (!this.#isWriting && !this.#options.response.writableNeedDrain) this.#send(':\n\n')
  }

  async #checkSession(): Promise<void> {
    try {
      if (!(await this.#options.isSessionAlive())) this.close('session-over')
    } catch (error) {
      // Whoever can't be shown to be signed in is told nothing more.
      this.#options.log.error({ err: error }, 'a session could not be checked')
      this.close('failed')
    }
  }
}

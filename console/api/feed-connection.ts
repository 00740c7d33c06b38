/**
 * One open page of the feed: writes in order, keeps the connection alive, and ends it where the page is too slow or
 * its session is over. A page that was dropped comes again by itself and goes on where it was.
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
  readonly bufferBytesMax: number
  readonly waitingMax: number
}

export class FeedConnection implements Subscriber {
  readonly #options: FeedConnectionOptions
  readonly #timers: NodeJS.Timeout[] = []
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #isOpen = true
  #onClose: () => void = () => undefined

  constructor(options: FeedConnectionOptions) {
    this.#options = options
  }

  /** Sends the headers, then whatever was delivered meanwhile. Call in the same turn as the first delivery. */
  start(headers: OutgoingHttpHeaders): void {
    const { response, log, commentMs, sessionCheckMs } = this.#options
    if (!this.#isOpen) return
    response.on('close', () => this.close('gone'))
    response.on('error', (error) => {
      log.info({ err: error }, 'a feed connection failed')
      this.close('gone')
    })
    response.writeHead(200, headers)
    // At once, so that a page knows that it is connected before anything happens.
    this.#send(':\n\n')
    this.#timers.push(
      setInterval(() => this.#send(':\n\n'), commentMs),
      setInterval(() => void this.#checkSession(), sessionCheckMs),
    )
  }

  /** Calls back once, when the connection ends for whatever reason; at once where it has ended. */
  onClose(callback: () => void): void {
    if (this.#isOpen) this.#onClose = callback
    else callback()
  }

  deliver(message: FeedMessage): boolean {
    return this.#inTurn(() => this.#options.write(message))
  }

  resync(): void {
    this.#inTurn(async () => this.#options.resyncText())
  }

  /** Ends the connection: in good order, or at once where the page reads too slowly to be told so. */
  close(why: 'gone' | 'slow' | 'session-over' | 'stopping' | 'failed'): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const timer of this.#timers) clearInterval(timer)
    if (why === 'slow' || why === 'failed') this.#options.response.destroy()
    else this.#options.response.end()
    if (why !== 'gone') this.#options.log.info({ why }, 'a feed connection was ended')
    this.#onClose()
  }

  #inTurn(text: () => Promise<string>): boolean {
    if (!this.#isOpen) return false
    if (this.#waiting >= this.#options.waitingMax) {
      this.close('slow')
      return false
    }
    this.#waiting += 1
    this.#last = this.#last.then(() => this.#sendMade(text))
    return this.#isOpen
  }

  async #sendMade(text: () => Promise<string>): Promise<void> {
    this.#waiting -= 1
    if (!this.#isOpen) return
    try {
      this.#send(await text())
    } catch (error) {
      this.#options.log.error({ err: error }, 'a feed message could not be made')
      this.close('failed')
    }
  }

  #send(text: string): void {
    if (!this.#isOpen) return
    const { response, bufferBytesMax } = this.#options
    response.write(text)
    if (response.writableLength > bufferBytesMax) this.close('slow')
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

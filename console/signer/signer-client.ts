/**
 * The console's side of the signing process: asks it, waits a bounded time, and goes on by itself when the process was away.
 *
 * To sign is no act that happens twice: whatever was asked when a connection ended is asked again at the next one, within
 * its time. So an end of the process loses nothing, and nobody waits for good.
 */

import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Envelope, ShoukouError, type SignedCeiling } from '@shoukou/protocol'
import type { CeilingSigner } from '../pki/signer.ts'
import { SIGNER_LIMITS } from './limits.ts'
import { type Answer, type Ask, encodeMessage, errorOf, MessageReader } from './messages.ts'

export interface SignerConnection {
  readonly stream: Duplex
  /** Resolves when the other end is gone. */
  readonly ended: Promise<void>
  end(): Promise<void>
}

export interface SignerClientOptions {
  /** Starts the process or connects to it; rejects where it can't. */
  readonly connect: () => Promise<SignerConnection>
  readonly log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  /** Shortened by tests. */
  readonly waitMsMax?: number
}

export interface RunningSigner extends CeilingSigner {
  /** Of the ceiling that it holds; 0 where none. */
  readonly ceilingVersion: number
  close(): Promise<void>
}

/** Connects; resolves once the process has said what its key is. @throws ShoukouError `signer-unavailable`. */
export async function openSignerClient(options: SignerClientOptions): Promise<RunningSigner> {
  const client = new SignerClient(options)
  await client.start()
  return client
}

interface Waiting {
  readonly ask: AskWithout
  readonly payload: Uint8Array
  readonly timer: NodeJS.Timeout
  resolve(signature: string): void
  reject(error: Error): void
}
type AskWithout = { readonly ask: 'sign'; readonly kind: Envelope['kind'] } | { readonly ask: 'take-ceiling' }

class SignerClient implements RunningSigner {
  readonly #options: SignerClientOptions
  #publicKey = ''
  #isReady = false
  #ceilingVersion = 0
  #connection: SignerConnection | null = null
  #isClosed = false
  #nextId = 1
  /** In the order asked; those under way stand in the map. */
  #waiting: Waiting[] = []
  readonly #underWay = new Map<number, Waiting>()
  #running: Promise<void> = Promise.resolve()

  constructor(options: SignerClientOptions) {
    this.#options = options
  }

  get publicKey(): string {
    return this.#publicKey
  }

  get ceilingVersion(): number {
    return this.#ceilingVersion
  }

  async start(): Promise<void> {
    const ready = Promise.withResolvers<void>()
    this.#running = this.#run(ready)
    const late = new AbortController()
    const timeout = sleep(SIGNER_LIMITS.startMsMax, undefined, { signal: late.signal }).then(() => {
      throw unavailable('It did not start in time.')
    })
    try {
      await Promise.race([ready.promise, timeout])
    } catch (error) {
      await this.close()
      throw error
    } finally {
      late.abort()
      timeout.catch(() => undefined)
    }
  }

  async sign(kind: Envelope['kind'], payload: Uint8Array): Promise<Envelope> {
    const signature = await this.#ask({ ask: 'sign', kind }, payload)
    return { v: 1, kind, payload: Buffer.from(payload).toString('base64'), signature }
  }

  async takeCeiling(signed: SignedCeiling): Promise<void> {
    await this.#ask({ ask: 'take-ceiling' }, Buffer.from(JSON.stringify(signed)))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#connection?.end()
    await this.#running
    for (const one of [...this.#underWay.values(), ...this.#waiting.splice(0)]) {
      clearTimeout(one.timer)
      one.reject(unavailable('The console is stopping.'))
    }
    this.#underWay.clear()
  }

  #ask(ask: AskWithout, payload: Uint8Array): Promise<string> {
    const { waitMsMax = SIGNER_LIMITS.waitMsMax } = this.#options
    if (this.#isClosed) return Promise.reject(unavailable('The console is stopping.'))
    if (this.#waiting.length + this.#underWay.size >= SIGNER_LIMITS.waitingMax)
      return Promise.reject(unavailable('Too many signatures are asked for at once; try again in a moment.'))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
        reject(unavailable('It did not answer in time; nothing was signed. Try again, and look at the log.'))
      }, waitMsMax)
      const waiting: Waiting = { ask, payload, timer, resolve, reject }
      this.#waiting.push(waiting)
      this.#send()
    })
  }

  #send(): void {
    const stream = this.#connection?.stream
    if (stream === undefined || !this.#isReady) return
    while (this.#underWay.size < SIGNER_LIMITS.underWayMax) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      const id = this.#nextId
      this.#nextId += 1
      this.#underWay.set(id, next)
      stream.write(encodeMessage({ id, ...next.ask } satisfies Ask, next.payload))
    }
  }

  async #run(ready: { resolve(): void; reject(error: Error): void }): Promise<void> {
    const { connect, log } = this.#options
    let delayMs: number = SIGNER_LIMITS.restartDelayMsMin
    let hasBeenReady = false
    while (!this.#isClosed) {
      try {
        const connection = await connect()
        if (this.#isClosed) return await connection.end()
        await this.#serve(connection, () => {
          delayMs = SIGNER_LIMITS.restartDelayMsMin
          hasBeenReady = true
          ready.resolve()
        })
        if (!hasBeenReady) ready.reject(unavailable('It ended at its start; it says why in the log.'))
      } catch (error) {
        log.error({ err: error }, 'signing process not reached')
        if (!hasBeenReady) ready.reject(error instanceof Error ? error : unavailable(String(error)))
      }
      if (this.#isClosed || !hasBeenReady) return
      log.warn({ delayMs }, 'signing process ended; it is started again')
      await sleep(delayMs, undefined, { ref: false })
      delayMs = Math.min(delayMs * 2, SIGNER_LIMITS.restartDelayMsMax)
    }
  }

  /** Takes the answers of one connection until it ends; what is under way then waits for the next one. */
  async #serve(connection: SignerConnection, onReady: () => void): Promise<void> {
    const reader = MessageReader.ofAnswers()
    const { stream } = connection
    this.#connection = connection
    stream.on('error', (error) => this.#options.log.warn({ err: error }, 'signing process: connection error'))
    stream.on('data', (chunk: Buffer) => {
      try {
        for (const { header } of reader.push(chunk)) this.#answered(header, onReady)
        this.#send()
      } catch (error) {
        this.#options.log.error({ err: error }, 'signing process: an answer that is none')
        stream.destroy()
      }
    })
    await connection.ended
    stream.destroy()
    this.#connection = null
    this.#isReady = false
    this.#waiting.unshift(...this.#underWay.values())
    this.#underWay.clear()
    await connection.end()
  }

  #answered(answer: Answer, onReady: () => void): void {
    if (answer.said === 'ready') {
      if (this.#publicKey !== '' && this.#publicKey !== answer.publicKey)
        throw new ShoukouError('signer-unavailable', 'It came back with another key; start the console anew.')
      this.#publicKey = answer.publicKey
      this.#ceilingVersion = answer.ceilingVersion
      this.#isReady = true
      return onReady()
    }
    const waiting = this.#underWay.get(answer.id)
    // Its time was up, and it was told so.
    if (waiting === undefined) return
    this.#underWay.delete(answer.id)
    clearTimeout(waiting.timer)
    if (answer.said === 'done') waiting.resolve(answer.signature)
    else waiting.reject(errorOf(answer))
  }
}

function unavailable(why: string): ShoukouError {
  return new ShoukouError('signer-unavailable', `The signing process does not answer. ${why}`)
}

/**
 * Reads the ring for the agent, so that no event is told too little and the number told is exact over all runs.
 *
 * What `drain` returned stays in the ring until the next call (or a moment later, by a timer): whoever takes it has then had
 * the time to write it down. An agent that is killed in between is told it again. How far was read, and how many attempts
 * that were, is written into the kernel in one step.
 */
import { POLLIN, type Poller } from '../../base/poll-linux.ts'
import type { Bpf } from '../bpf-linux.ts'
import { decodeReadState, encodeReadState, type ReadState, readStateBytes } from './connection-layout.ts'
import type { ConnectionEvent } from './connection-net.ts'
import { firstKey } from './net-maps-linux.ts'
import { RecordReader } from './parse-connection-records.ts'
import type { KernelRing } from './ring-linux.ts'

/** After this a batch counts as taken though nobody has asked for the next. */
const takenAfterMs = 100

export class RingReader {
  readonly #bpf: Bpf
  readonly #stateMap: number
  readonly #ring: KernelRing
  readonly #ringFd: number
  readonly #poller: Poller
  readonly #records: RecordReader
  #state: ReadState
  /** Up to where the last batch went, and the attempts in it. */
  #taken: { readonly position: bigint; readonly attempts: number }
  #timer: NodeJS.Timeout | null = null
  #callback: (() => void) | null = null
  #stopWatch: (() => void) | null = null

  constructor(options: {
    readonly bpf: Bpf
    readonly stateMap: number
    readonly ring: KernelRing
    readonly ringFd: number
    readonly poller: Poller
    readonly onUnknownProcess: () => void
  }) {
    this.#bpf = options.bpf
    this.#stateMap = options.stateMap
    this.#ring = options.ring
    this.#ringFd = options.ringFd
    this.#poller = options.poller
    this.#records = new RecordReader(options.onUnknownProcess)
    this.#state = decodeReadState(
      this.#bpf.lookUp(this.#stateMap, firstKey, readStateBytes) ?? Buffer.alloc(readStateBytes),
    )
    this.#setRightPosition()
    this.#taken = { position: this.#state.position, attempts: 0 }
  }

  get state(): ReadState {
    return this.#state
  }

  /** Attempts that were told, over all runs. */
  get reported(): number {
    return Number(this.#state.reported) + this.#taken.attempts
  }

  drain(max: number): ConnectionEvent[] {
    this.#settle()
    const events: ConnectionEvent[] = []
    if (max < 1) return events
    let attempts = 0
    const position = this.#ring.read(this.#state.position, (record) => {
      const event = this.#records.read(record)
      if (event !== null) {
        events.push(event)
        if (isAttempt(event)) attempts += 1
      }
      return events.length < max
    })
    this.#taken = { position, attempts }
    if (events.length === 0) {
      this.#settle()
      this.#watch()
    } else this.#timer ??= setTimeout(() => this.#onTimer(), takenAfterMs).unref()
    return events
  }

  onReady(callback: () => void): void {
    this.#callback = callback
    this.#watch()
  }

  close(): void {
    this.#callback = null
    this.#stopWatch?.()
    this.#stopWatch = null
    this.#settle()
    this.#ring.close()
  }

  /** The state is written before the ring's own place moves: between the two an earlier run may have ended. */
  #setRightPosition(): void {
    const { position } = this.#state
    if (position < this.#ring.consumed || position > this.#ring.produced)
      this.#state = { ...this.#state, position: this.#ring.consumed }
    else this.#ring.release(position)
  }

  #settle(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const { position, attempts } = this.#taken
    if (position === this.#state.position) return
    this.#state = { ...this.#state, position, reported: this.#state.reported + BigInt(attempts) }
    this.#bpf.update(this.#stateMap, firstKey, encodeReadState(this.#state), 'any')
    this.#ring.release(position)
    this.#taken = { position, attempts: 0 }
  }

  #onTimer(): void {
    this.#settle()
    this.#watch()
  }

  /** Watches until there is something: what waits to be taken would wake the poller without an end. */
  #watch(): void {
    if (this.#callback === null || this.#stopWatch !== null) return
    this.#stopWatch = this.#poller.watch(this.#ringFd, POLLIN, () => {
      this.#stopWatch?.()
      this.#stopWatch = null
      this.#callback?.()
    })
  }
}

/** What `counted` counts: the rest is told beside. */
export function isAttempt({ act }: ConnectionEvent): boolean {
  return act === 'connect' || act === 'send' || act === 'socket'
}

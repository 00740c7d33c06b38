/**
 * The kernel's uevents as one shared source of hints: NETLINK_KOBJECT_UEVENT, group 1.
 *
 * Anything with this shape may stand in for it (recorded events in a measurement). Listening needs no privilege; a
 * queue of 8 MB does (CAP_NET_ADMIN).
 */
import { NETLINK_KOBJECT_UEVENT, type NetlinkSocket, openNetlink } from './netlink-linux.ts'
import { parseUevent, type Uevent } from './parse-uevent.ts'
import { type LazyPoller, POLLIN, type Poller } from './poll-linux.ts'

export interface UeventListener {
  onUevents(events: readonly Uevent[]): void
  /** Something was lost before the kernel's queue `queue` had room again. */
  onOverflow(queue: string): void
  /** The source died while in use: only the sweep is left. */
  onFailure?(reason: string): void
}

export type HintState =
  | { readonly isListening: true; readonly method: string }
  | { readonly isListening: false; readonly reason: string; readonly remedy: string | null }

export interface UeventSource {
  /** Begins to listen, once for all subscribers. Never throws: a refusal is a state. */
  start(): Promise<HintState>
  subscribe(listener: UeventListener): () => void
  close(): Promise<void>
}

interface SourceLog {
  warn(fields: object, message: string): void
}

export interface KernelUeventsOptions {
  readonly poller: LazyPoller
  readonly receiveBufferBytes?: number
  readonly log?: SourceLog
}

const receiveBufferBytesDefault = 8_388_608
/**
 * A full queue takes seconds on a slow processor. The rescan that makes an overflow good must not wait for that: for a
 * while after it was noticed, draining leaves half of the time to others.
 */
const drainMsMax = 20
const yieldMs = 20
const yieldingMs = 500

export class KernelUevents implements UeventSource {
  readonly #options: KernelUeventsOptions
  readonly #listeners = new Set<UeventListener>()
  #state: Promise<HintState> | undefined
  #socket: NetlinkSocket | undefined
  #unwatch: (() => void) | undefined
  #dropped = 0
  /** When the overflow was noticed whose backlog is still being taken; null while none is. */
  #congestedSinceMs: number | null = null

  constructor(options: KernelUeventsOptions) {
    this.#options = options
  }

  start(): Promise<HintState> {
    this.#state ??= this.#open()
    return this.#state
  }

  subscribe(listener: UeventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Datagrams dropped because the kernel had not sent them or because they made no sense. */
  get droppedCount(): number {
    return this.#dropped
  }

  /** Takes what is queued now; called by the poller, and by whoever must be up to date at this moment. */
  drain(): void {
    const socket = this.#socket
    if (socket === undefined) return
    try {
      const drained = socket.drain(drainMsMax)
      const events: Uevent[] = []
      let dropped = drained.foreign + drained.truncated
      for (const datagram of drained.datagrams) {
        const event = parseUevent(datagram)
        if (event === null) dropped += 1
        else events.push(event)
      }
      if (dropped > 0) {
        this.#dropped += dropped
        this.#options.log?.warn({ dropped, total: this.#dropped }, 'uevent datagrams dropped')
      }
      // What came while the backlog was taken was dropped without another word: its end is an overflow of its own.
      const hasRoomAgain = this.#congestedSinceMs !== null && drained.isEmptied && !drained.overflowed
      if (drained.overflowed) this.#congestedSinceMs = performance.now()
      if (drained.isEmptied) this.#congestedSinceMs = null
      for (const listener of this.#listeners) {
        if (drained.overflowed || hasRoomAgain) listener.onOverflow('netlink-uevent')
        if (events.length > 0) listener.onUevents(events)
      }
    } catch (error) {
      this.#shut()
      for (const listener of this.#listeners) listener.onFailure?.(messageOf(error))
    }
  }

  async close(): Promise<void> {
    await this.#state
    this.#shut()
    this.#listeners.clear()
  }

  async #open(): Promise<HintState> {
    try {
      const poller = await this.#options.poller.get()
      const socket = await openNetlink({
        protocol: NETLINK_KOBJECT_UEVENT,
        groups: 1,
        receiveBufferBytes: this.#options.receiveBufferBytes ?? receiveBufferBytesDefault,
      })
      this.#socket = socket
      this.#watch(poller, socket)
      return { isListening: true, method: 'netlink-uevent' }
    } catch (error) {
      return {
        isListening: false,
        reason: `kernel uevents cannot be received: ${messageOf(error)}`,
        remedy: 'needs a koffi build for this processor and permission to open AF_NETLINK sockets',
      }
    }
  }

  #watch(poller: Poller, socket: NetlinkSocket): void {
    this.#unwatch = poller.watch(socket.fd, POLLIN, () => {
      this.drain()
      const sinceMs = this.#congestedSinceMs
      if (sinceMs === null || performance.now() - sinceMs > yieldingMs) return
      this.#unwatch?.()
      setTimeout(() => {
        if (this.#socket === socket) this.#watch(poller, socket)
      }, yieldMs)
    })
  }

  #shut(): void {
    this.#unwatch?.()
    this.#unwatch = undefined
    this.#socket?.close()
    this.#socket = undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/**
 * Opens the coarser of the ways to see connections that this kernel has: conntrack events, else a sweep over sockets.
 *
 * Which of the two is asked again and again: a table that somebody sets or takes away switches tracking on or off.
 */
import type { NetTotals } from '@shoukou/protocol'
import type { ConnectionEvent, Opened } from '../connections/connection-net.ts'
import type { CoarseNet, CoarseNetOptions } from './coarse-net.ts'
import { CoarseQueue } from './coarse-queue.ts'
import { ConntrackFeed, type FeedSink } from './conntrack-feed-linux.ts'
import { SocketSweep, sweepMs } from './socket-sweep-linux.ts'

const askAgainMs = 10_000

/** Opens it; the sweep works on every kernel, so that only a library that does not load is in its way. */
export async function openCoarseNet(options: CoarseNetOptions): Promise<Opened<CoarseNet>> {
  try {
    const net = new KernelCoarseNet(options)
    await net.begin()
    return { net }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      net: null,
      reason: `connections can not be looked for: ${why}`,
      remedy: 'needs a koffi build for this processor and permission to read /proc',
    }
  }
}

class KernelCoarseNet implements CoarseNet {
  readonly net: CoarseNet['net']
  readonly #options: CoarseNetOptions
  readonly #queue = new CoarseQueue()
  readonly #sink: FeedSink
  #conntrack: ConntrackFeed | null = null
  #conntrackFault: string | null = null
  #sweep: SocketSweep | null = null
  #hasLost = false
  #timer: NodeJS.Timeout | undefined
  #asking: Promise<void> | null = null

  constructor(options: CoarseNetOptions) {
    this.#options = options
    this.#sink = {
      push: (events) => this.#queue.push(events),
      onLoss: (count) => {
        this.#hasLost = true
        this.#queue.addLost(count)
      },
      bootNs: options.bootNs,
    }
    this.net = {
      id: options.id,
      sinceWallMs: options.wallMs(),
      drain: (max: number): readonly ConnectionEvent[] => this.#queue.drain(max),
      totals: (): NetTotals => this.#queue.totals(),
      onReady: (callback: () => void): void => this.#queue.onReady(callback),
      close: () => this.#close(),
    }
  }

  get method(): 'conntrack' | 'socket-sweep' {
    return this.#sweep === null ? 'conntrack' : 'socket-sweep'
  }

  get lacks(): readonly string[] {
    const bySweep = `sockets are looked at every ${sweepMs} ms: what connects and ends in between is not seen`
    return [
      this.method === 'conntrack' ? 'a program that ends at once is not named' : bySweep,
      ...(this.#conntrackFault === null
        ? []
        : [`connection tracking can not be asked: ${this.#conntrackFault}`]),
      ...(this.#hasLost ? ['some connections came faster than they could be looked at'] : []),
    ]
  }

  async begin(): Promise<void> {
    const poller = await this.#options.poller.get()
    try {
      this.#conntrack = await ConntrackFeed.open(poller, {
        ...this.#sink,
        push: (events) => {
          this.#sink.push(events)
          // That it tells is all the proof that there can be: the sweep would tell everything once more.
          this.#endSweep()
        },
      })
    } catch (error) {
      this.#conntrackFault = error instanceof Error ? error.message : String(error)
    }
    await this.#choose()
    this.#timer = setInterval(() => {
      this.#asking ??= this.#choose().finally(() => {
        this.#asking = null
      })
    }, askAgainMs)
  }

  async #choose(): Promise<void> {
    if (await this.#isTracked()) this.#endSweep()
    else this.#sweep ??= new SocketSweep(this.#sink)
  }

  #endSweep(): void {
    const sweep = this.#sweep
    this.#sweep = null
    // A look that has begun ends by itself.
    if (sweep !== null) void sweep.close()
  }

  async #isTracked(): Promise<boolean> {
    try {
      return (await this.#conntrack?.isTold()) ?? false
    } catch (error) {
      this.#conntrackFault = error instanceof Error ? error.message : String(error)
      await this.#conntrack?.close()
      this.#conntrack = null
      return false
    }
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#asking
    await this.#sweep?.close()
    await this.#conntrack?.close()
  }
}

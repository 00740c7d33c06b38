/**
 * Listens to the kernel's neighbour messages for a gateway's hardware address, and for nothing else. Where messages were
 * lost in a storm, all neighbours are asked for instead, once a second at most.
 */
import { GatewayWatch } from './gateway-watch.ts'
import type { Rtnetlink } from './rtnetlink-linux.ts'

export interface GatewayListenerOptions {
  /** Another hardware address, or a first one, answers for a gateway. */
  readonly onChange: () => void
  readonly onFault: (error: unknown) => void
  /** Calls back after so many ms, unless the run has ended by then. */
  readonly after: (ms: number, look: () => void) => void
}

const dumpGapMs = 1_000

export class GatewayListener {
  readonly gateways = new GatewayWatch()
  readonly #options: GatewayListenerOptions
  #isAsked = false
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(options: GatewayListenerOptions) {
    this.#options = options
  }

  /** Takes what is queued. @throws ShoukouError where the socket failed. */
  hear(rtnetlink: Rtnetlink): void {
    const taken = rtnetlink.takeNeighbours()
    let differs = false
    for (const message of taken.messages) differs = this.gateways.hears(message) || differs
    if (differs) this.#options.onChange()
    if (!taken.isIncomplete || this.#isAsked) return
    this.#isAsked = true
    const waitMs = this.#askedMs + dumpGapMs - performance.now()
    this.#options.after(Math.max(1, waitMs), () => this.#ask(rtnetlink))
  }

  #ask(rtnetlink: Rtnetlink): void {
    this.#isAsked = false
    this.#askedMs = performance.now()
    if (rtnetlink.isClosed) return
    try {
      if (this.gateways.learn(rtnetlink.dumpNeighbours())) this.#options.onChange()
    } catch (error) {
      this.#options.onFault(error)
    }
  }
}

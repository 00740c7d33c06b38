/** What the coarse ways have seen and nobody has fetched yet, and the totals of it. Pure. */
import type { NetTotals } from '@shoukou/protocol'
import type { ConnectionEvent } from '../connections/connection-net.ts'

const queueMax = 50_000

export class CoarseQueue {
  readonly #events: ConnectionEvent[] = []
  #counted = 0
  #reported = 0
  #lost = 0
  #onReady: (() => void) | null = null

  push(events: readonly ConnectionEvent[]): void {
    if (events.length === 0) return
    const fitting = events.slice(0, queueMax - this.#events.length)
    this.#counted += events.length
    this.#lost += events.length - fitting.length
    this.#events.push(...fitting)
    this.#onReady?.()
  }

  /** Seen, and given up before anybody could look at it. */
  addLost(count: number): void {
    this.#counted += count
    this.#lost += count
  }

  drain(max: number): readonly ConnectionEvent[] {
    const taken = this.#events.splice(0, max)
    this.#reported += taken.length
    return taken
  }

  /** Of what was seen; how much was never seen can't be known here. */
  totals(): NetTotals {
    return {
      counted: this.#counted,
      approved: 0,
      prohibited: this.#counted,
      reported: this.#reported,
      lost: this.#lost,
      refused: 0,
    }
  }

  onReady(callback: () => void): void {
    this.#onReady = callback
  }
}

/**
 * The truth about what was told: the kernel's counters against what came and what was handed on. Pure.
 *
 * `counted` is the counters' word alone. Lost is only what is known to be: not told for its rate, numbered and not
 * received, no room here, counted while nobody listened, and counted without ever being numbered. What is still under
 * way is none of it.
 */
import type { NetTotals } from '@shoukou/protocol'

/** The counters of one installation, both tables together. */
export interface CounterReading {
  /** Not approved, each act. */
  readonly counted: number
  readonly dropped: number
  /** Counted and not told, for the rate's sake. */
  readonly unlogged: number
}

export const NO_COUNTS: CounterReading = { counted: 0, dropped: 0, unlogged: 0 }

export class PacketCounts {
  #last: CounterReading
  #offset: CounterReading = NO_COUNTS
  /** Counted before this run listened: reported by an earlier one, or lost. */
  readonly #before: CounterReading
  readonly #lostBefore: number
  #reported: number
  #overflowed = 0
  #unseen = 0

  /** `reported` is what earlier runs have handed on of this installation. */
  constructor(now: CounterReading, reported: number) {
    this.#last = now
    this.#before = now
    this.#reported = reported
    this.#lostBefore = Math.max(0, now.counted - reported)
  }

  get reported(): number {
    return this.#reported
  }

  /** Handed on by `drain`. */
  addReported(count: number): void {
    this.#reported += count
  }

  /** Came, and found the queue full. */
  addOverflowed(count: number): void {
    this.#overflowed += count
  }

  /** Takes a reading; true where a counter went backwards: somebody set it back. What it had counted stays counted. */
  read(now: CounterReading): boolean {
    const last = this.#last
    this.#last = now
    if (now.counted >= last.counted && now.dropped >= last.dropped && now.unlogged >= last.unlogged)
      return false
    this.#offset = {
      counted: this.#offset.counted + (now.counted < last.counted ? last.counted : 0),
      dropped: this.#offset.dropped + (now.dropped < last.dropped ? last.dropped : 0),
      unlogged: this.#offset.unlogged + (now.unlogged < last.unlogged ? last.unlogged : 0),
    }
    return true
  }

  /**
   * Takes how many packets were numbered for this listener, asked after everything that had been counted at the last
   * reading must have come: what is missing was never handed to the log.
   */
  settle(numbered: number): void {
    const { counted, unlogged } = this.#now()
    const logged = counted - this.#before.counted - (unlogged - this.#before.unlogged)
    this.#unseen = Math.max(this.#unseen, logged - numbered)
  }

  /** The totals at the last reading; `logLost` are numbers that never came. */
  totals(logLost: number): NetTotals {
    const { counted, dropped, unlogged } = this.#now()
    const lost =
      this.#lostBefore + (unlogged - this.#before.unlogged) + logLost + this.#overflowed + this.#unseen
    return {
      counted,
      approved: 0,
      prohibited: counted,
      reported: this.#reported,
      lost,
      refused: dropped,
    }
  }

  #now(): CounterReading {
    return {
      counted: this.#offset.counted + this.#last.counted,
      dropped: this.#offset.dropped + this.#last.dropped,
      unlogged: this.#offset.unlogged + this.#last.unlogged,
    }
  }
}

/**
 * Keeps count of a kernel queue that lost something until a rescan has made it good. Pure but for the clock given.
 *
 * A storm overflows a queue hundreds of times a second; one rescan and one record per half second say the same.
 */
export interface OverflowDue {
  readonly queue: string
  readonly noticedMs: number
}

const rescanGapMsMin = 500

export class OverflowWatch {
  readonly #pending = new Map<string, number>()
  #lastToldMs = Number.NEGATIVE_INFINITY

  noticed(queue: string, nowMs: number): void {
    if (!this.#pending.has(queue)) this.#pending.set(queue, nowMs)
  }

  /** ms until the next rescan may be told: 0 is now; null where nothing was lost. */
  waitMs(nowMs: number): number | null {
    if (this.#pending.size === 0) return null
    return Math.max(0, this.#lastToldMs + rescanGapMsMin - nowMs)
  }

  /** Takes what the rescan that begins now will make good; empty where it must wait. */
  take(nowMs: number): readonly OverflowDue[] {
    if (this.waitMs(nowMs) !== 0) return []
    this.#lastToldMs = nowMs
    const due = [...this.#pending].map(([queue, noticedMs]) => ({ queue, noticedMs }))
    this.#pending.clear()
    return due
  }
}

/**
 * When to ask the kernel for everything again after messages came. Pure: the time comes in.
 *
 * Messages carry states and are told at once; the dump behind them is for what they did not say, and may take long where
 * there are thousands of routes. So it waits for a burst to end, not for ever, and never takes more than a tenth of the
 * time.
 */
export const settleQuietMs = 20
export const settleAfterMsMax = 250
const restPerDump = 9
/** A sweep with nothing heard is even less urgent. */
const restPerSweep = 30

export class SettleSchedule {
  #firstMs: number | null = null
  #lastMs = Number.NEGATIVE_INFINITY
  #endedMs = Number.NEGATIVE_INFINITY
  #tookMs = 0

  /** Messages came. */
  heard(nowMs: number): void {
    this.#firstMs ??= nowMs
    this.#lastMs = nowMs
  }

  /** Returns ms until everything is to be asked for; 0 is now, null where nothing was heard since the last time. */
  waitMs(nowMs: number): number | null {
    if (this.#firstMs === null) return null
    const dueMs = Math.min(this.#lastMs + settleQuietMs, this.#firstMs + settleAfterMsMax)
    return Math.max(0, dueMs - nowMs, this.#endedMs + this.#tookMs * restPerDump - nowMs)
  }

  /** Reports whether a sweep may be done now, with nothing heard. */
  maySweep(nowMs: number): boolean {
    return nowMs >= this.#endedMs + this.#tookMs * restPerSweep
  }

  /** Everything was asked for, beginning at `startedMs`: what was heard until then is settled. */
  settled(startedMs: number, nowMs: number): void {
    this.#firstMs = this.#lastMs < startedMs ? null : this.#lastMs
    this.#endedMs = nowMs
    this.#tookMs = nowMs - startedMs
  }
}

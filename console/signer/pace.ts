/** How many signatures a second: whoever takes the console over gets no signing machine. Pure but for the time given. */
export class Pace {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: number

  /** `at` in ms, of any clock that only rises. */
  constructor(perSecond: number, burst: number, at: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#at = at
  }

  /** Takes one; returns the ms to wait before it may be used. */
  take(at: number): number {
    const gained = (Math.max(0, at - this.#at) * this.#perSecond) / 1_000
    this.#tokens = Math.min(this.#burst, this.#tokens + gained) - 1
    this.#at = at
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1_000) / this.#perSecond)
  }
}

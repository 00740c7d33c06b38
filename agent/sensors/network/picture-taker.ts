/**
 * Takes a picture of the network when asked, one at a time: any number of requests while one is under way make one more.
 *
 * The first after a quiet time begins at once, because a connection may be gone in a moment; those that follow keep a
 * distance, so that an interface that flaps all day does not fill the journal with pictures. Its own changes are all told.
 */
import type { Picture } from '@shoukou/protocol'

export interface PictureTakerOptions {
  readonly read: () => Promise<Picture>
  /** `isFirst`: none was told before in this run. */
  readonly tell: (picture: Picture, isFirst: boolean) => void
  readonly onFailure: (error: unknown) => void
  /** ms from the end of one picture to the beginning of the next, shortly after quiet and in a storm. */
  readonly gapMsMin?: number
  readonly gapMsMax?: number
  readonly retryMs?: number
}

export class PictureTaker {
  readonly #options: Required<PictureTakerOptions>
  #current: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isWanted = false
  #isStopped = false
  #toldCount = 0
  #endedMs = Number.NEGATIVE_INFINITY
  #gapMs = 0

  constructor(options: PictureTakerOptions) {
    this.#options = { gapMsMin: 100, gapMsMax: 1_000, retryMs: 5_000, ...options }
  }

  /** Asks for a picture that begins after this call. */
  request(): void {
    this.#isWanted = true
    this.#begin()
  }

  /** None begins any more; resolves when the one under way has ended, which is not told. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#current
  }

  #begin(): void {
    if (this.#isStopped || !this.#isWanted || this.#current !== undefined || this.#timer !== undefined) return
    const { gapMsMin, gapMsMax } = this.#options
    const quietMs = performance.now() - this.#endedMs
    const waitMs = this.#gapMs - quietMs
    if (waitMs > 0) {
      this.#wait(waitMs)
      return
    }
    // Twice the distance each time that one follows right after another, and the smallest again after a rest.
    this.#gapMs = quietMs > gapMsMax * 2 ? gapMsMin : Math.min(gapMsMax, Math.max(gapMsMin, this.#gapMs * 2))
    this.#isWanted = false
    this.#current = this.#take().finally(() => {
      this.#current = undefined
      this.#endedMs = performance.now()
      this.#begin()
    })
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#begin()
    }, ms)
  }

  async #take(): Promise<void> {
    try {
      const picture = await this.#options.read()
      if (this.#isStopped) return
      this.#options.tell(picture, this.#toldCount === 0)
      this.#toldCount += 1
    } catch (error) {
      if (this.#isStopped) return
      this.#options.onFailure(error)
      this.#isWanted = true
      this.#wait(this.#options.retryMs)
    }
  }
}

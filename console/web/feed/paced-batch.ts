/**
 * Hands items on at once while they are few, in batches while they are many: a single violation never waits, and a
 * thousand heartbeats a second do not draw the page a thousand times.
 */
export interface PacedBatch<Item> {
  add(item: Item): void
  stop(): void
}

export interface PacedBatchOptions {
  readonly gapMs: number
  readonly now: () => number
  readonly schedule: (callback: () => void, delayMs: number) => () => void
}

/** Makes a batch; `deliver` is called at most once in each `gapMs`, the first time without any delay. */
export function pacedBatch<Item>(
  deliver: (items: readonly Item[]) => void,
  options: PacedBatchOptions,
): PacedBatch<Item> {
  let waiting: Item[] = []
  let cancel: (() => void) | null = null
  let lastAt = Number.NEGATIVE_INFINITY
  const flush = () => {
    cancel = null
    lastAt = options.now()
    const items = waiting
    waiting = []
    deliver(items)
  }
  return {
    add(item) {
      waiting.push(item)
      if (cancel !== null) return
      const delayMs = lastAt + options.gapMs - options.now()
      if (delayMs <= 0) flush()
      else cancel = options.schedule(flush, delayMs)
    },
    stop() {
      cancel?.()
      cancel = null
      waiting = []
    },
  }
}

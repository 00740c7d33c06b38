/**
 * Waits, with a limit, for something that a test can only look for: nothing here sleeps blindly.
 */
import { setTimeout as sleep } from 'node:timers/promises'

export interface WaitOptions {
  /** What is waited for, as the failure will name it: "the console to answer". */
  readonly what: string
  readonly timeoutMs: number
  /** Pause between two looks. */
  readonly everyMs?: number
  /** More for the failure's message: the tail of a log, for instance. Read only when it fails. */
  readonly explain?: () => string | Promise<string>
}

/**
 * Returns the first value of `probe` that is neither undefined, null nor false.
 *
 * A probe that throws is asked again; its last error becomes the cause of the failure. A single call of the probe is
 * not cut short: it must have a limit of its own.
 */
export async function waitFor<T>(
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  options: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs
  let lastError: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value !== undefined && value !== null && value !== false) return value
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    if (performance.now() >= deadline) {
      const more = options.explain === undefined ? '' : `\n${await options.explain()}`
      throw new Error(
        `waited ${options.timeoutMs} ms for ${options.what}, in vain${more}`,
        lastError === undefined ? {} : { cause: lastError },
      )
    }
    await sleep(options.everyMs ?? 25)
  }
}

/** Returns the promise's value, or fails with `what` once `timeoutMs` have passed. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`${what()}: not within ${timeoutMs} ms`)), timeoutMs)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}

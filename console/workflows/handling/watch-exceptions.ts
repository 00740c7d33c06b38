/** Looks again and again for exceptions whose time is over: what lasts under them comes back by itself. */
import type { Exceptions } from './exceptions.ts'

const lookMs = 30_000

/** Looks at once, then again and again; returns what stops it, once the last look has ended. */
export function watchExceptions(
  exceptions: Pick<Exceptions, 'expire'>,
  log: { error(fields: object, message: string): void },
): () => Promise<void> {
  const lookOnce = () =>
    exceptions.expire().catch((error: unknown) => log.error({ err: error }, 'exceptions could not be ended'))
  let look: Promise<void> = lookOnce()
  const timer = setInterval(() => {
    look = look.then(lookOnce)
  }, lookMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await look
  }
}

/**
 * Looks at all computers again and again, and adds what it finds to the day: so that the last thirty days can be shown as they
 * were seen then. A sum for a strip, no evidence: the minutes of one computer are counted from its records.
 */
import type { Store } from '../store/ports.ts'
import type { Api } from './fastify.ts'
import type { ApiLog } from './ports.ts'
import type { ComputerReader } from './read-computers.ts'

export const WATCH_DAYS_SHOWN = 30
export const WATCH_LOOK_MS = 10 * 60_000
const FIRST_LOOK_MS = 60_000

export interface WatchDaysOptions {
  readonly store: Store
  readonly computers: ComputerReader
  readonly log: ApiLog
  readonly now: () => number
  readonly everyMs?: number
}

/** Looks once. A unit without computers is not looked at: nothing is neither watched nor unwatched. */
export async function lookAtWatch({
  store,
  computers,
  now,
}: Pick<WatchDaysOptions, 'store' | 'computers' | 'now'>): Promise<void> {
  const all = await computers.all(false, { kind: 'unit' })
  if (all.length === 0) return
  const count = (state: (typeof all)[number]['watch']['state']) =>
    all.filter(({ watch }) => watch.state === state).length
  await store.addWatchLook(startOfDay(now()), {
    proven: count('proven'),
    unproven: count('unproven'),
    broken: count('broken'),
  })
}

/** Returns when the day of a moment began, by this computer's time zone, Unix ms. */
export function startOfDay(ms: number): number {
  const day = new Date(ms)
  day.setHours(0, 0, 0, 0)
  return day.getTime()
}

/** Looks again and again while the API runs. */
export function lookWhileRunning(
  api: Api,
  { log, everyMs = WATCH_LOOK_MS, ...options }: WatchDaysOptions,
): void {
  const look = (): void => {
    lookAtWatch(options).catch((error: unknown) => {
      log.error({ err: error }, 'how well the unit is watched could not be noted')
    })
  }
  // Not at once: whoever starts a console wants it to answer first.
  const first = setTimeout(look, Math.min(everyMs, FIRST_LOOK_MS))
  const timer = setInterval(look, everyMs)
  first.unref()
  timer.unref()
  api.addHook('preClose', async () => {
    clearTimeout(first)
    clearInterval(timer)
  })
}

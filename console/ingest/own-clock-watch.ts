/**
 * Looks at the console's own clock each second, and writes it down: a jump while it runs, or a start before the time at
 * which it ran last, is noted. It accuses nobody: silence and agents' clocks are measured by a clock that does not jump.
 */
import type { Log } from '../base/log.ts'
import { backSince, jumpBetween, type OwnReading } from '../rules/own-clock.ts'
import type { ClockJumpRow, Store } from '../store/ports.ts'

export interface OwnClockOptions {
  readonly store: Store
  readonly log: Log
  readonly now: () => number
  readonly monotonicMs: () => number
  readonly lookMs?: number
}

const lookMsDefault = 1_000
/** What a crash may take from the last time written down. */
const writeMs = 30_000

/** Starts watching; resolves once the start was compared. The returned function stops it and writes the time down. */
export async function watchOwnClock(options: OwnClockOptions): Promise<() => Promise<void>> {
  const { store, now, monotonicMs, log } = options
  const read = (): OwnReading => ({ wallMs: now(), atMs: monotonicMs() })
  let before = read()
  let writtenAtMs = before.atMs
  await note(options, backSince(await store.lastClock(), before.wallMs), 'at-start')
  await store.noteClock(before.wallMs)
  const look = async (): Promise<void> => {
    const at = read()
    const byMs = jumpBetween(before, at)
    before = at
    await note(options, byMs, 'while-running')
    if (byMs === null && at.atMs - writtenAtMs < writeMs) return
    writtenAtMs = at.atMs
    await store.noteClock(at.wallMs)
  }
  let looking: Promise<void> | null = null
  const timer = setInterval(() => {
    looking ??= look()
      .catch((err: unknown) => log.error({ err }, 'the console’s clock could not be looked at'))
      .finally(() => {
        looking = null
      })
  }, options.lookMs ?? lookMsDefault)
  return async () => {
    clearInterval(timer)
    await looking
    await store.noteClock(now())
  }
}

async function note(
  { store, log, now }: OwnClockOptions,
  byMs: number | null,
  found: ClockJumpRow['found'],
): Promise<void> {
  if (byMs === null) return
  const at = now()
  log.warn({ byMs, found }, 'the console’s own clock jumped')
  await store.addClockJump({ at, byMs, found })
  await store.addAction({
    at,
    account: '',
    action: 'console-clock',
    object: '',
    detail: `${byMs} ms, ${found}`,
    address: '',
  })
}

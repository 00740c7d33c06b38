import { expect, it } from 'vitest'
import { type SilenceState, stepSilence } from './silence.ts'

const limits = { silentAfterMs: 60_000, stoppedAfterMs: 3_600_000 }

/** Ticks once a second until silent or `seconds` are over; returns at which second it was found, or null. */
function secondsUntilSilent(
  start: Partial<SilenceState>,
  seconds: number,
  acceptingSince = 0,
): number | null {
  let silentMs = start.silentMs ?? 0
  for (let second = 1; second <= seconds; second += 1) {
    const verdict = stepSilence(
      { status: start.status ?? 'offline', heardMsAgo: start.heardMsAgo ?? null, silentMs },
      limits,
      { elapsedMs: 1_000, acceptingMs: (acceptingSince + second) * 1_000 },
    )
    if (verdict.becameSilent) return second
    silentMs = verdict.silentMs
  }
  return null
}

it('finds a computer silent after its limit', () => {
  expect(secondsUntilSilent({}, 100)).toBe(60)
})

it('gives a computer that stopped cleanly the longer limit', () => {
  expect(secondsUntilSilent({ status: 'stopped' }, 100)).toBeNull()
  expect(secondsUntilSilent({ status: 'stopped' }, 4_000)).toBe(3_600)
})

it('never accuses one that is heard, or was never heard at all', () => {
  expect(secondsUntilSilent({ status: 'online', heardMsAgo: 900 }, 500)).toBeNull()
  expect(secondsUntilSilent({ status: 'pending' }, 500)).toBeNull()
})

it('finds a silent computer through restarts of the console, but gives agents the time to come back', () => {
  expect(secondsUntilSilent({ silentMs: 59_500 }, 100)).toBe(25)
})

it('counts only time in which the console itself ran', () => {
  const afterPause = stepSilence({ status: 'offline', heardMsAgo: null, silentMs: 0 }, limits, {
    elapsedMs: 600_000,
    acceptingMs: 900_000,
  })
  expect(afterPause).toMatchObject({ silentMs: 5_000, becameSilent: false })
})

it('accuses once for one silence', () => {
  const silent = stepSilence({ status: 'silent', heardMsAgo: null, silentMs: 90_000 }, limits, {
    elapsedMs: 1_000,
    acceptingMs: 900_000,
  })
  expect(silent.becameSilent).toBe(false)
})

it('gives a computer that reports by bundles a limit of its own, by the age of the last one', () => {
  const tick = { elapsedMs: 1_000, acceptingMs: 900_000 }
  const aged = (days: number, own: { exportAfterMs?: number } = {}) =>
    stepSilence(
      { status: 'standalone', heardMsAgo: null, silentMs: days * 86_400_000 },
      { ...limits, ...own },
      tick,
    ).becameSilent
  expect([aged(30), aged(31)]).toEqual([false, true])
  const week = { exportAfterMs: 7 * 86_400_000 }
  expect([aged(6, week), aged(7, week)]).toEqual([false, true])
})

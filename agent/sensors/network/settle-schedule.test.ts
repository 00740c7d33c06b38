import { expect, it } from 'vitest'
import { SettleSchedule, settleAfterMsMax, settleQuietMs } from './settle-schedule.ts'

it('waits for a burst to end, and not for one that never does', () => {
  const schedule = new SettleSchedule()
  expect(schedule.waitMs(1_000)).toBeNull()
  schedule.heard(1_000)
  expect(schedule.waitMs(1_000)).toBe(settleQuietMs)
  schedule.heard(1_010)
  expect(schedule.waitMs(1_011)).toBe(settleQuietMs - 1)
  for (let nowMs = 1_010; nowMs < 1_000 + settleAfterMsMax; nowMs += 10) schedule.heard(nowMs)
  expect(schedule.waitMs(1_000 + settleAfterMsMax)).toBe(0)
})

it('never takes more than a tenth of the time, however long a dump takes', () => {
  const schedule = new SettleSchedule()
  schedule.heard(900)
  schedule.settled(1_000, 1_100)
  expect(schedule.waitMs(1_100)).toBeNull()
  schedule.heard(1_101)
  expect(schedule.waitMs(1_200)).toBe(800)
  expect(schedule.maySweep(2_000)).toBe(false)
  expect(schedule.maySweep(4_100)).toBe(true)
})

it('does not take for settled what was heard while it asked', () => {
  const schedule = new SettleSchedule()
  schedule.heard(1_000)
  schedule.heard(1_005)
  schedule.settled(1_004, 1_006)
  expect(schedule.waitMs(1_006)).not.toBeNull()
})

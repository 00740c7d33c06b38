import { expect, it } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import { RecordingContext, withSensor } from '../testing/recording-context.ts'
import { createClockSensor } from './clock-sensor.ts'
import { type ClockReading, firstReading, stepClock } from './clock-steps.ts'

function stepsOf(readings: readonly ClockReading[]): number[] {
  let state = firstReading(readings[0] as ClockReading)
  return readings.slice(1).flatMap((reading) => {
    const step = stepClock(state, reading)
    state = step.state
    return step.byMs === null ? [] : [step.byMs]
  })
}
const seconds = (count: number, offsetMs: (second: number) => number): ClockReading[] =>
  Array.from({ length: count }, (_, second) => ({
    bootMs: second * 1_000,
    wallMs: 1e12 + second * 1_000 + offsetMs(second),
  }))

it('tells a step of 500 ms and not one of 499', () => {
  expect(stepsOf(seconds(5, (second) => (second >= 3 ? 500 : 0)))).toEqual([500])
  expect(stepsOf(seconds(5, (second) => (second >= 3 ? 499 : 0)))).toEqual([])
})

it('tells how far the clock was set back, once', () => {
  expect(stepsOf(seconds(10, (second) => (second >= 4 ? -3_600_000 : 0)))).toEqual([-3_600_000])
})

it('does not take the slewing of a time service for a step, for a whole day', () => {
  expect(stepsOf(seconds(86_400, (second) => second * 0.49))).toEqual([])
})

it('is not deceived by a clock that is pushed in small steps', () => {
  expect(stepsOf(seconds(60, (second) => second * -100)).length).toBeGreaterThan(5)
})

it('does not take suspend for a step: both clocks count it', () => {
  expect(
    stepsOf([
      { bootMs: 0, wallMs: 1e12 },
      { bootMs: 7_200_000, wallMs: 1e12 + 7_200_000 },
    ]),
  ).toEqual([])
})

it('tells a step while it runs', async () => {
  let offsetMs = 0
  const read = () => ({ bootMs: performance.now(), wallMs: 1e12 + performance.now() + offsetMs })
  const context = new RecordingContext()
  await withSensor(createClockSensor({ read, intervalMs: 10 }), context, async () => {
    offsetMs = -120_000
    await context.until(() => context.facts.length === 1)
  })
  expect(context.facts).toEqual([{ kind: 'clock.stepped', byMs: -120_000, found: 'while-running' }])
})

it('watches this computer’s clocks and finds them quiet', async () => {
  const poller = new LazyPoller()
  const context = new RecordingContext()
  await withSensor(createClockSensor({ poller, intervalMs: 20 }), context, async () => {
    await new Promise((resolve) => setTimeout(resolve, 200))
  })
  expect(context.covers).toEqual([{ state: 'watching', method: 'timerfd', reason: null, remedy: null }])
  expect(context.facts).toEqual([])
  await poller.close()
})

/** The wall clock against the boot clock: each second, and at the moment it is set where the kernel tells that. */
import type { BootClock } from '../../base/boot-clock-linux.ts'
import { openBootClock } from '../../base/boot-clock-linux.ts'
import type { LazyPoller } from '../../base/poll-linux.ts'
import type { Sensor, SensorContext } from '../sensor.ts'
import { SensorRun } from '../sensor-run.ts'
import { watchClockSet } from './clock-alarm-linux.ts'
import { type ClockReading, type ClockState, firstReading, stepClock } from './clock-steps.ts'

export interface ClockSensorOptions {
  /** Where given, the kernel says when the clock is set; else the seconds alone. */
  readonly poller?: LazyPoller
  readonly proc?: string
  /** Stands in for this computer's clocks. */
  readonly read?: () => ClockReading
  readonly intervalMs?: number
}

/** Returns the sensor; it runs once at a time. */
export function createClockSensor(options: ClockSensorOptions = {}): Sensor {
  let current: SensorRun | undefined
  return {
    name: 'clock',
    async run(context) {
      const read = options.read ?? (await machineClocks(options.proc))
      let state: ClockState = firstReading(read())
      const run = new SensorRun(context, () => {
        const step = stepClock(state, read())
        state = step.state
        if (step.byMs !== null)
          context.emit({ kind: 'clock.stepped', byMs: step.byMs, found: 'while-running' })
        return Promise.resolve()
      })
      current = run
      const unwatch = await watchSet(options, context, run)
      try {
        await run.task.request()
        context.ready()
        run.sweepEvery(options.intervalMs ?? 1_000, () => void run.task.request())
        await run.untilEnd()
      } finally {
        unwatch()
        current = undefined
      }
    },
    async rescan() {
      await current?.task.request()
    },
  }
}

/** Without the kernel's word the seconds still find every step: that is slower by a second, and no less sure. */
async function watchSet(
  options: ClockSensorOptions,
  context: SensorContext,
  run: SensorRun,
): Promise<() => void> {
  const bySeconds = { state: 'watching', method: 'clock-comparison', reason: null, remedy: null } as const
  if (options.poller === undefined) {
    run.cover(bySeconds)
    return () => undefined
  }
  try {
    const unwatch = await watchClockSet(options.poller, () => void run.task.request())
    run.cover({ ...bySeconds, method: 'timerfd' })
    return unwatch
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    context.log.info({ reason }, 'the kernel does not say when the clock is set; it is compared each second')
    run.cover({ ...bySeconds, state: 'fallback', reason, remedy: 'needs a koffi build for this processor' })
    return () => undefined
  }
}

/** Both clocks at one moment: the boot clock is read on both sides of the wall clock. */
async function machineClocks(proc?: string): Promise<() => ClockReading> {
  const clock: BootClock = await openBootClock(proc)
  return () => {
    const before = clock.nowMs()
    const wallMs = Date.now()
    return { wallMs, bootMs: (before + clock.nowMs()) / 2 }
  }
}

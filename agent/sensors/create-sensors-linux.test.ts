import { SENSORS } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { baselineKeys } from './baseline-keys.ts'
import { createSensors } from './create-sensors-linux.ts'
import { takeBaseline } from './take-baseline-linux.ts'
import { RecordingContext } from './testing/recording-context.ts'

it('runs all sensors of this computer around one thread, and ends them all', async () => {
  const baseline = await takeBaseline()
  const { sensors, close } = createSensors({ folders: [] })
  // What programs connect to is seen by the nets of network control, which vouches for it.
  const own = SENSORS.filter((name) => name !== 'connections')
  expect(sensors.map((sensor) => sensor.name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    own.toSorted((a, b) => (a < b ? -1 : 1)),
  )
  const contexts = sensors.map(
    () => new RecordingContext({ baseline, knowledge: { baseline: baselineKeys(baseline) } }),
  )
  const runs = sensors.map((sensor, index) => sensor.run(contexts[index] as RecordingContext))
  await Promise.all(contexts.map((context) => context.until(() => context.isReady, 15_000)))
  for (const context of contexts) expect(context.covers.length).toBeGreaterThan(0)
  await Promise.all(sensors.map((sensor) => sensor.rescan()))
  for (const context of contexts) context.stop()
  await Promise.all(runs)
  await close()
}, 30_000)

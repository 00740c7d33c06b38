/** The hardware sensor: radios, modems, cameras, microphones and speakers, wherever the kernel shows them. */
import type { UeventSource } from '../../base/uevents-linux.ts'
import type { Sensor } from '../sensor.ts'

export interface HardwareSensorOptions {
  readonly uevents: UeventSource
  readonly sys?: string
  readonly proc?: string
  /** Where device nodes stand, to ask a video node what it can do. */
  readonly dev?: string
  /** Where bluetoothd keeps what it is paired with. */
  readonly bluetoothState?: string
  readonly sweepMs?: number
}

/** Returns the sensor; it runs once at a time. */
export function createHardwareSensor(_options: HardwareSensorOptions): Sensor {
  return {
    name: 'hardware',
    async run(context) {
      context.cover({ state: 'not-watched', method: 'none', reason: 'nothing is read yet', remedy: null })
      context.ready()
      await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()))
    },
    rescan: () => Promise.resolve(),
  }
}

/** The host's inventory, at the start and once a day, through systeminformation. Not detection: that is the others'. */
import type { Sensor } from '../sensor.ts'
import { SensorRun } from '../sensor-run.ts'
import { type InventorySource, inventoryOf } from './inventory.ts'

export interface HostSensorOptions {
  readonly intervalMs?: number
  readonly read?: () => Promise<InventorySource>
}

const dayMs = 86_400_000
const retryMs = 600_000

/** Returns the sensor; it runs once at a time. */
export function createHostSensor(options: HostSensorOptions = {}): Sensor {
  const { intervalMs = dayMs, read = readInventory } = options
  let current: SensorRun | undefined
  return {
    name: 'host',
    async run(context) {
      const run = new SensorRun(context, async () => {
        try {
          context.emit(inventoryOf(await read()))
          run.cover({ state: 'watching', method: 'systeminformation', reason: null, remedy: null })
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error)
          context.log.warn({ reason }, 'the inventory could not be taken')
          run.cover({
            state: 'not-watched',
            method: 'systeminformation',
            reason: reason.slice(0, 1_000),
            remedy: null,
          })
          run.lookAfter(retryMs, () => void run.task.request())
        }
      })
      current = run
      try {
        await run.task.request()
        context.ready()
        run.sweepEvery(intervalMs, () => void run.task.request())
        await run.untilEnd()
      } finally {
        current = undefined
      }
    },
    async rescan() {
      await current?.task.request()
    },
  }
}

/** Asks systeminformation; 0.1-1 s and a child process or two. */
export async function readInventory(): Promise<InventorySource> {
  const { default: si } = await import('systeminformation')
  const [system, uuid, os, cpu, memory, disks] = await Promise.all([
    si.system(),
    si.uuid(),
    si.osInfo(),
    si.cpu(),
    si.mem(),
    si.diskLayout(),
  ])
  return { system, uuid, os, cpu, memory, disks }
}

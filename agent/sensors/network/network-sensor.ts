/**
 * The network sensor: interfaces with addresses, routes, and a picture of the whole after each burst. It is made here
 * and runs in `network-run.ts`.
 */
import type { NetworkInterface } from '@shoukou/protocol'
import type { LazyPoller } from '../../base/poll-linux.ts'
import type { Sensor } from '../sensor.ts'
import { tableOf } from './interface-state.ts'
import { KnownDetails } from './known-details.ts'
import { NetworkRun } from './network-run.ts'
import type { PictureTables, ReadPicture } from './picture-tables.ts'
import { readNetwork } from './read-network-linux.ts'

export interface NetworkSensorOptions {
  readonly poller: LazyPoller
  readonly sys?: string
  readonly proc?: string
  readonly sweepMs?: number
  readonly receiveBufferBytes?: number
  /** Reads a whole picture around the sensor's tables, at the start and after changes; none is told without it. */
  readonly readPicture?: ReadPicture
}

export interface NetworkSensor extends Sensor {
  /** Returns the tables as they stand now; null while the sensor does not run, or before its first look. */
  currentTables(): PictureTables | null
}

/** Returns the sensor; it runs once at a time. */
export function createNetworkSensor(options: NetworkSensorOptions): NetworkSensor {
  let current: NetworkRun | undefined
  return {
    name: 'network',
    async run(context) {
      current = new NetworkRun(options, context)
      try {
        await current.run()
      } finally {
        current = undefined
      }
    },
    async rescan() {
      await current?.rescan()
    },
    currentTables: () => current?.currentTables() ?? null,
  }
}

/** Reads all interfaces once, as the sensor does at its start. */
export async function readAllInterfaces(sys: string, proc: string): Promise<NetworkInterface[]> {
  const dump = await readNetwork(sys, proc)
  const details = new KnownDetails(sys)
  await details.learn(dump.links)
  return [...tableOf(dump.links, dump.addresses, details.of).values()]
}

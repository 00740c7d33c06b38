/** Builds all sensors of a Linux computer around one poll thread and one uevent source. */
import { LazyPoller } from '../base/poll-linux.ts'
import { KernelUevents, type UeventSource } from '../base/uevents-linux.ts'
import { createClockSensor } from './clock/clock-sensor.ts'
import { createFilesSensor } from './files/files-sensor.ts'
import { createFoldersSensor } from './folders/folders-sensor.ts'
import { createHardwareSensor } from './hardware/hardware-sensor.ts'
import { createHostSensor } from './host/host-sensor.ts'
import { createMediaSensor } from './media/media-sensor.ts'
import { createNetworkSensor, type NetworkSensor } from './network/network-sensor.ts'
import { readPicture } from './network/picture/read-picture-linux.ts'
import type { Sensor } from './sensor.ts'
import { createSessionsSensor } from './sessions/sessions-sensor.ts'
import { createUsbSensor } from './usb/usb-sensor.ts'

export interface CreateSensorsOptions {
  /** Folders that the portable sensor watches. */
  readonly folders: readonly string[]
  readonly roots?: { readonly sys?: string; readonly proc?: string }
  /** Stands in for the kernel's uevents; whoever gives it closes it. */
  readonly uevents?: UeventSource
}

export interface Sensors {
  readonly sensors: readonly Sensor[]
  /** What the sensors listen to; others may as well, until `close`. */
  readonly uevents: UeventSource
  /** The one that holds the kernel's network tables. */
  readonly network: NetworkSensor
  /** What they all wait with, until `close`. */
  readonly poller: LazyPoller
  /** Ends the poll thread and the kernel's uevents; call it when all sensors have ended. */
  readonly close: () => Promise<void>
}

export function createSensors(options: CreateSensorsOptions): Sensors {
  const { sys = '/sys', proc = '/proc' } = options.roots ?? {}
  const poller = new LazyPoller()
  const own = options.uevents === undefined ? new KernelUevents({ poller }) : undefined
  const uevents = options.uevents ?? own ?? new KernelUevents({ poller })
  const usb = createUsbSensor({ uevents, sys })
  const network = createNetworkSensor({
    ...{ poller, sys, proc },
    readPicture: (tables) => readPicture(tables, { withSockets: false }),
  })
  const sensors: Sensor[] = [
    usb,
    createMediaSensor({ uevents, poller, sys, proc }),
    network,
    createHardwareSensor({ uevents, sys, proc }),
    createFilesSensor({ poller, sys, proc }),
    createFoldersSensor({ folders: options.folders, onUsbHint: () => void usb.rescan() }),
    createHostSensor(),
    createClockSensor({ poller, proc }),
    createSessionsSensor(),
  ]
  return {
    sensors,
    uevents,
    network,
    poller,
    async close() {
      await own?.close()
      await poller.close()
    },
  }
}

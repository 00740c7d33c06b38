/**
 * The USB sensor: uevents as hints, <sys>/bus/usb/devices as truth, a sweep behind both.
 *
 * Observes and never writes. What a device may do is decided elsewhere.
 */
import type { UsbDevice } from '@shoukou/protocol'
import type { Uevent } from '../../base/parse-uevent.ts'
import type { HintState, UeventSource } from '../../base/uevents-linux.ts'
import { originOfThing } from '../origin.ts'
import { type PlugSubject, PlugWatch, type ReadRequest, type TimedUevent } from '../plug-watch.ts'
import type { PlugChange, PlugHint, Seen } from '../replay-sightings.ts'
import type { Sensor, SensorContext } from '../sensor.ts'
import type { SensorRun } from '../sensor-run.ts'
import { listUsb, readDeviceNumber, readUsbDevice, type UsbListing } from './read-usb-linux.ts'
import { usbHintsOf, usbInstance, usbPlaceOf } from './usb-hints.ts'
import { usbInstanceKey, usbKey } from './usb-keys.ts'

export interface UsbSensorOptions {
  readonly uevents: UeventSource
  readonly sys?: string
  readonly sweepMs?: number
}

/** Returns the sensor; it runs once at a time. */
export function createUsbSensor(options: UsbSensorOptions): Sensor {
  const { uevents, sys = '/sys', sweepMs = 2_000 } = options
  let watch: PlugWatch<UsbDevice> | undefined
  return {
    name: 'usb',
    async run(context) {
      watch = new PlugWatch(new UsbSubject(sys, context), { uevents, sweepMs }, context)
      try {
        await watch.run()
      } finally {
        watch = undefined
      }
    },
    async rescan() {
      await watch?.rescan()
    },
  }
}

/** Reads all USB devices, as the sensor does at its start. */
export async function readAllUsb(sys: string): Promise<UsbDevice[]> {
  const listing = listUsb(sys)
  const paths = listing.kind === 'listed' ? listing.paths : []
  const devices = await Promise.all(paths.map((path) => readUsbDevice(sys, path)))
  return devices.filter((device) => device !== null)
}

class UsbSubject implements PlugSubject<UsbDevice> {
  readonly sensor = 'usb'
  readonly instancesAreUnique = true
  readonly #sys: string
  readonly #context: SensorContext
  #listing: UsbListing = { kind: 'no-bus' }

  constructor(sys: string, context: SensorContext) {
    this.#sys = sys
    this.#context = context
  }

  placeOf(event: Uevent): string | null {
    return usbPlaceOf(event)
  }

  hintsOf(events: readonly TimedUevent[]): PlugHint<UsbDevice>[] {
    return usbHintsOf(events)
  }

  async read(request: ReadRequest<UsbDevice>): Promise<ReadonlyMap<string, Seen<UsbDevice>> | null> {
    this.#listing = listUsb(this.#sys)
    if (this.#listing.kind === 'unreadable') return null
    const paths = this.#listing.kind === 'listed' ? this.#listing.paths : []
    const seen = await Promise.all(paths.map((path) => this.#readAt(path, request)))
    return new Map(seen.filter((one) => one !== null).map((one) => [one.place, one]))
  }

  async #readAt(path: string, request: ReadRequest<UsbDevice>): Promise<Seen<UsbDevice> | null> {
    const known = request.known.get(path)
    if (known !== undefined) {
      if (!request.isSweep && !request.touched.has(path)) return known
      // The same number on the same port is the same stay: whatever an event said of it, what it is has not changed.
      const isSame = readDeviceNumber(this.#sys, path) === known.thing.device
      if (isSame && known.thing.descriptors !== null) return known
    }
    const device = await readUsbDevice(this.#sys, path)
    if (device === null) return null
    const instance = usbInstance(path, device.bus, device.device)
    return { place: path, instance, thing: device, sighting: 'snapshot' }
  }

  tell(change: PlugChange<UsbDevice>, isStart: boolean): void {
    const { thing: device, sighting } = change.seen
    if (change.kind === 'detached') {
      this.#context.emit({ kind: 'usb.detached', sighting, device })
      return
    }
    const keys = { identity: usbKey(device), instance: usbInstanceKey(device) }
    const isOld = isStart && sighting === 'snapshot'
    const origin = isOld ? originOfThing(keys, (key) => this.#context.originAtStart(key)) : 'appeared'
    this.#context.emit({ kind: 'usb.attached', origin, sighting, device })
  }

  /** No fact says that an attached device changed: `authorized` is what we do to it, not what it does. */
  tellChanged(): boolean {
    return false
  }

  afterLook(known: ReadonlyMap<string, Seen<UsbDevice>>): void {
    this.#context.remember(new Set([...known.values()].map(({ thing }) => usbInstanceKey(thing))))
  }

  cover(run: SensorRun, hints: HintState): void {
    if (this.#listing.kind === 'unreadable') {
      const { reason } = this.#listing
      run.cover({
        state: 'not-watched',
        method: 'none',
        reason,
        remedy: 'mount sysfs where the agent reads it',
      })
    } else if (hints.isListening) {
      const reason = this.#listing.kind === 'no-bus' ? 'this kernel has no USB bus' : null
      run.cover({ state: 'watching', method: hints.method, reason, remedy: null })
    } else {
      run.cover({ state: 'fallback', method: 'sysfs-sweep', reason: hints.reason, remedy: hints.remedy })
    }
  }
}

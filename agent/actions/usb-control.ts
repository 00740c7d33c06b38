/**
 * What may be done to the USB bus: the one interface between decisions and sysfs, and the names on that bus. Pure; the
 * writing is `usb-control-linux.ts`.
 */
import type { ActionStep } from '@shoukou/protocol'

/** What the kernel's switches said, as written: kept to be restored by an explicit release. `null`: not there. */
export interface UsbSwitches {
  /** `usbcore.authorized_default`: what controllers that appear later are born with. */
  readonly moduleDefault: string | null
  /** `authorized_default` of each host controller, by its root hub's name. */
  readonly hosts: readonly { readonly name: string; readonly authorizedDefault: string }[]
  readonly driversAutoprobe: string | null
  /** Seconds of idleness after which devices yet to come are put to sleep; negative: never. */
  readonly autosuspend: string | null
}

export type LayerState = 'in-force' | 'failed' | 'absent'

/** What came of setting or lifting the denial, read back from the kernel and not inferred from the writes. */
export interface UsbDenial {
  /** Devices are born unauthorised. `absent`: this kernel has no USB bus, or the denial was lifted. */
  readonly usbDefault: LayerState
  /** An authorised device gets no driver by itself. */
  readonly usbAirlock: LayerState
  readonly steps: readonly ActionStep[]
}

export interface BoundInterface {
  /** `1-1.2:1.0` */
  readonly name: string
  /** null: no driver took it; perhaps its module is still being loaded. */
  readonly driver: string | null
}

/** What came of an act on one device. `isDone`: each write went through, in time. Nothing here throws. */
export interface UsbActResult {
  readonly isDone: boolean
  readonly steps: readonly ActionStep[]
  /** The device's interfaces as they stood after the act. */
  readonly interfaces: readonly BoundInterface[]
}

/**
 * The acts. Each write has a deadline and runs off the main thread, because a hostile device can hold one for seconds;
 * acts on one path never overlap.
 *
 * `stay` is the device number that was decided on: where another device stands on the port by now, nothing is written.
 * A device that shows other descriptors each time it comes back would else be let in by the decision on the one before.
 */
export interface UsbControl {
  readSwitches(): Promise<UsbSwitches>
  /** Denies: the module parameter first, each controller, automatic probing. May be repeated. */
  deny(): Promise<UsbDenial>
  /** Puts the switches back. Devices that were refused stay unauthorised until they are plugged anew. */
  restore(saved: UsbSwitches): Promise<UsbDenial>
  /** Lets a device in: authorises it and has the kernel look for drivers for each of its interfaces. */
  admit(path: string, stay?: number | null): Promise<UsbActResult>
  /** Authorises a device and binds no driver: the airlock. Needs automatic probing off. */
  authorizeOnly(path: string, stay?: number | null): Promise<UsbActResult>
  /** Has the kernel look for drivers for the unbound interfaces of an authorised device. */
  probe(path: string, stay?: number | null): Promise<UsbActResult>
  /** Takes the authorisation away; the kernel unbinds all drivers. */
  remove(path: string, stay?: number | null): Promise<UsbActResult>
  /** A controller that appeared while the denial stands: denies on it, then binds its root hub (`usb3`). */
  probeRootHub(name: string): Promise<UsbActResult>
  /** Interfaces of admitted devices that no driver has taken; to be probed again when a driver registers. */
  unboundInterfaces(): Promise<readonly { readonly path: string; readonly interface: string }[]>
  /** Keyboards that a person can type on now, on any bus. */
  workingKeyboards(): Promise<number>
}

/** Reports whether a name on the USB bus is a root hub's: `usb1`. */
export function isRootHub(name: string): boolean {
  return /^usb[1-9]\d{0,4}$/.test(name)
}

/** Reports whether a name is a device's port path, as the kernel makes them: `1-1.2`. Nothing else is ever written to. */
export function isPortPath(name: string): boolean {
  return /^[1-9]\d{0,4}-\d{1,3}(?:\.\d{1,3}){0,6}$/.test(name)
}

/** Reports whether a name is an interface's of a device: `1-1.2:1.0` of `1-1.2`, `1-0:1.0` of `usb1`. */
export function isInterfaceOf(name: string, device: string): boolean {
  const stem = isRootHub(device) ? `${device.slice(3)}-0` : device
  return name.startsWith(`${stem}:`) && /^:\d{1,3}\.\d{1,3}$/.test(name.slice(stem.length))
}

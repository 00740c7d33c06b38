/** What one look at <sys> gives, before anything is concluded: devices of the buses, nodes of the classes, switches. */
import type { RawText, UsbInterface } from '@shoukou/protocol'
import type { AudioTerminals } from './audio-terminals.ts'

/** Paths are below the sysfs root, with a leading slash (`/devices/…`), one character per byte (Latin-1). */
export interface PciFunction {
  readonly path: string
  /** `0000:02:00.0` */
  readonly slot: string
  /** Class, subclass and programming interface, 24 bits. */
  readonly classCode: number
  readonly vendorId: string
  readonly deviceId: string
  readonly driver: string | null
}

export interface UsbThing {
  readonly path: string
  /** `1-1.4` */
  readonly port: string
  /** The kernel's number of this stay; null where it could not be read. */
  readonly number: number | null
  readonly vendorId: string
  readonly productId: string
  readonly product: RawText | null
  readonly deviceClass: string | null
  readonly isAuthorized: boolean
  /** All configurations and settings, as the descriptors have them. */
  readonly interfaces: readonly UsbInterface[]
  readonly terminals: AudioTerminals
  /** Driver by interface folder (`1-1.4:1.0`); those without one are null. */
  readonly drivers: ReadonlyMap<string, string | null>
}

export interface SdioFunction {
  readonly path: string
  /** `mmc1:0001:2` */
  readonly name: string
  readonly classCode: number
  readonly vendorId: string
  readonly deviceId: string
  readonly driver: string | null
}

/** A device of a bus without classes (platform, serial, I2C, SPI, PNP), known by its alias or id alone. */
export interface AliasedDevice {
  readonly path: string
  readonly alias: string
  readonly driver: string | null
}

export const NODE_CLASSES = [
  'ieee80211',
  'net',
  'bluetooth',
  'wwan',
  'nfc',
  'video4linux',
  'sound',
  'tty',
  'usbmisc',
  'lirc',
] as const
export type NodeClass = (typeof NODE_CLASSES)[number]

export interface ClassNode {
  readonly class: NodeClass
  readonly name: string
  readonly path: string
  /** DEVTYPE of its uevent file: `wlan`, `wwan` … */
  readonly devtype: string | null
  /** What the driver calls it: a camera's name, a sound card's. */
  readonly label: RawText | null
  /** A net device with a radio; a video node that captures. Null: could not be told. */
  readonly isCapable: boolean | null
  /** Of the device that the node belongs to. */
  readonly driver: string | null
  /** A finer word: for a capture PCM, what the codec says of its pins. */
  readonly detail: string | null
}

export interface RadioSwitch {
  readonly name: string
  readonly path: string
  /** `wlan`, `bluetooth`, `ultrawideband`, `wwan`, `nfc` … */
  readonly type: string
  readonly isSoftBlocked: boolean
  readonly isHardBlocked: boolean
}

/** What the Bluetooth core says of one controller. */
export interface BluetoothPower {
  readonly name: string
  /** Null where the kernel was not asked or refused to answer. */
  readonly isUp: boolean | null
  readonly pairedNames: readonly RawText[]
}

export interface HardwareView {
  readonly pci: readonly PciFunction[]
  readonly usb: readonly UsbThing[]
  readonly sdio: readonly SdioFunction[]
  readonly aliased: readonly AliasedDevice[]
  readonly nodes: readonly ClassNode[]
  readonly switches: readonly RadioSwitch[]
  readonly bluetooth: readonly BluetoothPower[]
}

/** One stay of a medium: from its plug to its pull. What is known of it, what was decided, what stands in the kernel. */
import {
  type BlockBus,
  type BlockDevice,
  type Level,
  type MediumPlace,
  type MediumRight,
  type Origin,
  type Passport,
  type UsbDevice,
  usbInstanceOf,
} from '@shoukou/protocol'
import type { ExaminationMethod } from '../examination/block-source.ts'
import type { DiskNumbers, DiskView } from './kernel-port.ts'

export interface Examined {
  readonly method: ExaminationMethod | 'none'
  readonly passport: Passport | null
  readonly sealBytes: Buffer | null
  /** Its place could not be read: nobody knows whether it has one. */
  readonly isSealUnread: boolean
  readonly faults: readonly string[]
  /** The device has more than one logical unit: each of its disks is a medium of its own. */
  readonly hasMoreUnits: boolean
  /** A reader or drive with nothing in it. */
  readonly isEmpty: boolean
  readonly tookMs: number
}

export interface Judged {
  readonly right: MediumRight
  readonly rule: string
  readonly number: string | null
  readonly level: Level | null
  /** Unix ms at which the registration ends; null: never. */
  readonly untilMs: number | null
}

export class Stay {
  readonly instance: string
  readonly origin: Origin
  readonly usb: UsbDevice | null
  disk: string | null
  /** The disk as the kernel tells it. */
  known: BlockDevice | null = null
  examined: Examined | null = null
  judged: Judged | null = null
  bus: BlockBus = 'usb'
  /** What stands in the kernel now. */
  inForce: MediumRight = 'none'
  /** What carries it turned out to hold another medium than before. */
  isReader = false
  /** The disk as it was when somebody was let at it. */
  numbers: DiskNumbers | null = null
  /** Through which it is read, where it may only be read. */
  view: DiskView | null = null
  isGone = false
  /** ms of CLOCK_BOOTTIME when the disk of this stay was first told of; null before. */
  diskAtMs: number | null = null
  #tail: Promise<void> = Promise.resolve()
  #disk: PromiseWithResolvers<string | null> = Promise.withResolvers()

  constructor(start: { instance: string; origin: Origin; usb: UsbDevice | null; disk: string | null }) {
    this.instance = start.instance
    this.origin = start.origin
    this.usb = start.usb
    this.disk = start.disk
  }

  static ofUsb(device: UsbDevice, origin: Origin): Stay {
    return new Stay({ instance: usbInstanceOf(device), origin, usb: device, disk: null })
  }

  /** The stay of a USB device, not of a disk or of one card in a reader. */
  get isUsb(): boolean {
    return this.instance.startsWith('usb:')
  }

  get place(): MediumPlace {
    return { usbPath: this.usb?.path ?? null, disk: this.disk, instance: this.instance }
  }

  /** Does one thing after another: what concerns one medium never overlaps. */
  inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined)
    return done
  }

  foundDisk(name: string, atMs: number): void {
    this.disk = name
    this.diskAtMs ??= atMs
    this.#disk.resolve(name)
  }

  lostDisk(): void {
    this.disk = null
    this.#disk = Promise.withResolvers()
  }

  gone(): void {
    this.isGone = true
    this.#disk.resolve(null)
  }

  /** Resolves with the disk's name once it is there; null where it did not come in time, or the device is gone. */
  async untilDisk(msMax: number): Promise<string | null> {
    const late = Promise.withResolvers<null>()
    const timer = setTimeout(() => late.resolve(null), msMax)
    try {
      return await Promise.race([this.#disk.promise, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

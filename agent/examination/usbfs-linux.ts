/**
 * The airlock: reads a USB disk over usbfs (Linux, Documentation/driver-api/usb/usb.rst) while no driver is bound to it, so
 * that no block device exists. If this process dies, the kernel takes the interface back and still nothing is bound.
 *
 * Every transfer waits on a thread of the pool, never on the main one.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { type CallResult, ERRNO, type Libc, loadLibc } from '../base/libc-linux.ts'
import type { BlockSource } from './block-source.ts'
import { type BulkOnlyInterface, findBulkOnlyInterfaces } from './bulk-only-interface.ts'
import { type BulkPipe, createBulkOnlySession, type Transfer, unreadable } from './bulk-only-session.ts'
import { openScsiDisk } from './scsi-disk.ts'

export interface AirlockTarget {
  /** Numbers of the bus and the device, as in /dev/bus/usb. */
  readonly bus: number
  readonly device: number
  /** As sysfs gives them: the device descriptor, then every configuration. */
  readonly descriptors: Uint8Array
}

export interface AirlockOptions {
  readonly forWriting?: boolean
  /** All transfers together, from opening on; 8 s when left out. */
  readonly deadlineMs?: number
  /** One transfer; 3 s when left out. */
  readonly transferMs?: number
  /** Monotonic clock, ms. */
  readonly now?: () => number
}

const DEADLINE_MS = 8_000
const TRANSFER_MS = 3_000
const CONTROL_MS = 1_000

/** <linux/usbdevice_fs.h>, of the generic ABI. */
const USBDEVFS_CONTROL = 0xc0185500
const USBDEVFS_BULK = 0xc0185502
const USBDEVFS_CLAIMINTERFACE = 0x8004550f
const USBDEVFS_RELEASEINTERFACE = 0x80045510
const USBDEVFS_CLEAR_HALT = 0x80045515
/** Major number of usbfs nodes; 128 minors for each bus. */
const USB_MAJOR = 189

const stallErrno = 32
const goneErrnos: readonly number[] = [ERRNO.ENODEV, 108]

/**
 * Opens the storage side of a USB device to which no driver is bound, and claims it until `close`. Writing 1 to
 * `authorized` and having `drivers_autoprobe` at 0 is the caller's part, before.
 *
 * @throws ShoukouError `medium-unreadable` with `context.step`: `descriptors`, `open`, `configuration`, `claim`, `inquiry`,
 *   `ready`, `capacity`
 */
export async function openAirlock(target: AirlockTarget, options: AirlockOptions = {}): Promise<BlockSource> {
  const now = options.now ?? (() => performance.now())
  const endsAt = now() + (options.deadlineMs ?? DEADLINE_MS)
  const transferMs = options.transferMs ?? TRANSFER_MS
  const timeoutMs = (most: number) => Math.floor(Math.min(most, endsAt - now()))
  if (!hasBulkOnlyDisk(target.descriptors))
    throw unreadable('descriptors', 'The device has no bulk-only disk.')
  const libc = await loadLibc()
  const handle = await openNode(target)
  let isClosed = false
  let release: () => Promise<void> = async () => undefined
  const close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    await release()
    // The device may be gone, and then closing says so: it is closed all the same.
    await handle.close().catch(() => undefined)
  }
  try {
    await assertSameDevice(handle, target.descriptors)
    const side = await chooseInterface(target)
    claim(libc, handle.fd, side)
    const pipe = createPipe({ libc, fd: handle.fd, side, timeoutMs, transferMs })
    const session = createBulkOnlySession(pipe)
    release = async () => {
      await session.settled()
      // Fails where the device is gone, and then there is nothing to give back.
      libc.ioctl(handle.fd, USBDEVFS_RELEASEINTERFACE, numberCell(side.number))
    }
    const lastUnit = await pipe.readLastUnit()
    const pause = (ms: number) => wait(Math.max(0, timeoutMs(ms)))
    const isWritable = options.forWriting ?? false
    return await openScsiDisk({ session, lastUnit, isWritable, wait: pause, close })
  } catch (error) {
    await close()
    throw error
  }
}

/** Whether a device can be examined in the airlock at all: a bulk-only setting of SCSI is in alternate setting 0. */
export function hasBulkOnlyDisk(descriptors: Uint8Array): boolean {
  return findBulkOnlyInterfaces(descriptors).length > 0
}

async function openNode({ bus, device }: AirlockTarget): Promise<FileHandle> {
  const three = (number: number) => String(number).padStart(3, '0')
  try {
    return await open(`/dev/bus/usb/${three(bus)}/${three(device)}`, 'r+')
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw unreadable('open', 'The device cannot be opened.', { errno })
  }
}

/** Numbers are given again: what stands there now must be what was decided on. */
async function assertSameDevice(handle: FileHandle, descriptors: Uint8Array): Promise<void> {
  const stands = Buffer.alloc(descriptors.length)
  try {
    const { bytesRead } = await handle.read(stands, 0, stands.length, 0)
    if (stands.subarray(0, bytesRead).equals(descriptors)) return
  } catch (error) {
    throw unreadable('open', 'The device is gone.', {
      errno: (error as NodeJS.ErrnoException).code ?? 'unknown',
    })
  }
  throw unreadable('descriptors', 'Another device stands there now.')
}

async function chooseInterface({ bus, device, descriptors }: AirlockTarget): Promise<BulkOnlyInterface> {
  const minor = (bus - 1) * 128 + device - 1
  const path = `/sys/dev/char/${USB_MAJOR}:${minor}/bConfigurationValue`
  const text = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    throw unreadable('configuration', 'The device is gone.', { errno: error.code ?? 'unknown' })
  })
  const active = Number(text.trim() === '' ? Number.NaN : text)
  if (Number.isNaN(active)) throw unreadable('configuration', 'The device is not configured.')
  const side = findBulkOnlyInterfaces(descriptors).find((one) => one.configuration === active)
  if (side === undefined) {
    throw unreadable('configuration', 'The configuration in force has no bulk-only disk.', {
      configuration: active,
    })
  }
  return side
}

function claim(libc: Libc, fd: number, side: BulkOnlyInterface): void {
  const claimed = libc.ioctl(fd, USBDEVFS_CLAIMINTERFACE, numberCell(side.number))
  if (claimed.value < 0) {
    // EBUSY: a driver is bound, and its block device may be in use.
    throw unreadable('claim', 'The storage side of the device cannot be claimed.', { errno: claimed.errno })
  }
}

interface PipeParts {
  readonly libc: Libc
  readonly fd: number
  readonly side: BulkOnlyInterface
  readonly timeoutMs: (most: number) => number
  readonly transferMs: number
}

function createPipe(parts: PipeParts): BulkPipe & { readLastUnit(): Promise<number> } {
  const { libc, fd, side, timeoutMs, transferMs } = parts

  async function bulk(endpoint: number, data: Buffer): Promise<CallResult | null> {
    const timeout = timeoutMs(transferMs)
    // 0 would mean "for ever".
    if (timeout < 1) return null
    const argument = Buffer.alloc(24)
    argument.writeUInt32LE(endpoint, 0)
    argument.writeUInt32LE(data.length, 4)
    argument.writeUInt32LE(timeout, 8)
    argument.writeBigUInt64LE(libc.addressOf(data), 16)
    return await libc.ioctlAsync(fd, USBDEVFS_BULK, argument)
  }

  async function control(
    request: readonly [number, number, number],
    data: Buffer,
  ): Promise<CallResult | null> {
    const timeout = timeoutMs(CONTROL_MS)
    if (timeout < 1) return null
    const [type, code, value] = request
    const argument = Buffer.alloc(24)
    argument[0] = type
    argument[1] = code
    argument.writeUInt16LE(value, 2)
    argument.writeUInt16LE(side.number, 4)
    argument.writeUInt16LE(data.length, 6)
    argument.writeUInt32LE(timeout, 8)
    argument.writeBigUInt64LE(data.length === 0 ? 0n : libc.addressOf(data), 16)
    return await libc.ioctlAsync(fd, USBDEVFS_CONTROL, argument)
  }

  return {
    async send(bytes) {
      const data = Buffer.from(bytes)
      const result = await bulk(side.endpointOut, data)
      if (result !== null && result.value >= 0 && result.value !== data.length) {
        return { kind: 'failed', reason: `${result.value} of ${data.length} bytes taken`, isGone: false }
      }
      return transferOf(result, data)
    },
    async receive(length) {
      const data = Buffer.alloc(length)
      return transferOf(await bulk(side.endpointIn, data), data)
    },
    async clearHalt(direction) {
      const endpoint = direction === 'in' ? side.endpointIn : side.endpointOut
      return (await libc.ioctlAsync(fd, USBDEVFS_CLEAR_HALT, numberCell(endpoint))).value >= 0
    },
    async reset() {
      const result = await control([0x21, 0xff, 0], Buffer.alloc(0))
      return result !== null && result.value >= 0
    },
    async readLastUnit() {
      const answer = Buffer.alloc(1)
      const result = await control([0xa1, 0xfe, 0], answer)
      // A device of one unit may refuse (§3.2); a number that can't be is taken as usb-storage takes it.
      const last = answer[0] ?? 0
      return result?.value === 1 && last < 16 ? last : 0
    },
  }
}

function transferOf(result: CallResult | null, data: Buffer): Transfer {
  if (result === null) return { kind: 'failed', reason: 'its time is over', isGone: true }
  if (result.value >= 0) return { kind: 'moved', bytes: data.subarray(0, result.value) }
  if (result.errno === stallErrno) return { kind: 'stalled' }
  return { kind: 'failed', reason: `errno ${result.errno}`, isGone: goneErrnos.includes(result.errno) }
}

function numberCell(number: number): Buffer {
  const cell = Buffer.alloc(4)
  cell.writeUInt32LE(number)
  return cell
}

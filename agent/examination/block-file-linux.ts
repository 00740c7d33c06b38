/**
 * A medium through its block device: where nobody but the agent may open it (guarded), or where everybody may (observe
 * mode). What the kernel knows of the disk comes from sysfs, with no command to the device.
 */
import { constants } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { type Passport, type RawText, rawTextOf } from '@shoukou/protocol'
import { loadLibc } from '../base/libc-linux.ts'
import type { BlockSource, ExaminationMethod } from './block-source.ts'
import { assertInside } from './bounded-reader.ts'
import { unreadable } from './bulk-only-session.ts'
import { parseDesignator, parseUnitSerial, trimPadding } from './scsi-commands.ts'

export interface BlockFileOptions {
  /** `/dev/sdb` */
  readonly path: string
  readonly method: Exclude<ExaminationMethod, 'airlock'>
  readonly forWriting?: boolean
  /** What the caller knows already: it is then not read again. */
  readonly known?: {
    readonly inquiry: Passport['inquiry']
    readonly diskSerial: RawText | null
    readonly wwn: RawText | null
  }
  /** The disk's folder in sysfs, `/sys/block/sdb`; left out: nothing is read there. */
  readonly sysFolder?: string
}

/** <linux/fs.h> */
const BLKSSZGET = 0x1268
const BLKGETSIZE64 = 0x80081272
const BLKFLSBUF = 0x1261

/** Opens a block device, or an image of one, for examination; a drive without a medium opens with a size of 0. @throws ShoukouError `medium-unreadable` with `context.step` */
export async function openBlockFile(options: BlockFileOptions): Promise<BlockSource> {
  const { path, method, sysFolder } = options
  const isWritable = options.forWriting ?? false
  const handle = await openNode(path, isWritable)
  try {
    const { sizeBytes, blockBytes, isDevice } = await readSize(handle)
    const known = options.known ?? (sysFolder === undefined ? nothing : await readKnown(sysFolder))
    let isClosed = false
    return {
      method,
      blockBytes,
      sizeBytes,
      units: [],
      isWritable,
      async read(offset, length) {
        assertInside(sizeBytes, offset, length)
        return await readWhole(handle, offset, length)
      },
      async write(offset, bytes) {
        if (!isWritable) throw unreadable('write', 'The medium was not opened for writing.')
        assertInside(sizeBytes, offset, bytes.length)
        await writeWhole(handle, offset, bytes)
        // What is read back then comes from the medium and not from memory.
        if (isDevice) (await loadLibc()).ioctl(handle.fd, BLKFLSBUF, Buffer.alloc(8))
      },
      inquiry: async () => known.inquiry,
      diskSerial: async () => known.diskSerial,
      wwn: async () => known.wwn,
      async close() {
        if (isClosed) return
        isClosed = true
        // The medium may be gone, and then closing says so: it is closed all the same.
        await handle.close().catch(() => undefined)
      },
    }
  } catch (error) {
    await handle.close().catch(() => undefined)
    throw error
  }
}

/** Not waiting for a medium: a drive without one opens all the same, and says so by its size. */
async function openNode(path: string, isWritable: boolean): Promise<FileHandle> {
  const flags = (isWritable ? constants.O_RDWR : constants.O_RDONLY) | constants.O_NONBLOCK
  try {
    return await open(path, flags)
  } catch (error) {
    throw unreadable('open', 'The medium cannot be opened.', { errno: errnoOf(error) })
  }
}

async function readSize(
  handle: FileHandle,
): Promise<{ readonly sizeBytes: number; readonly blockBytes: number; readonly isDevice: boolean }> {
  const stat = await handle.stat()
  if (stat.isFile()) return { sizeBytes: stat.size, blockBytes: 512, isDevice: false }
  if (!stat.isBlockDevice()) throw unreadable('open', 'This is no block device.')
  const libc = await loadLibc()
  const [size, block] = [Buffer.alloc(8), Buffer.alloc(4)]
  const answers = [libc.ioctl(handle.fd, BLKGETSIZE64, size), libc.ioctl(handle.fd, BLKSSZGET, block)]
  const failed = answers.find((answer) => answer.value < 0)
  if (failed !== undefined) throw unreadable('capacity', 'The size cannot be read.', { errno: failed.errno })
  const sizeBytes = Number(size.readBigUInt64LE())
  return { sizeBytes, blockBytes: block.readUInt32LE(), isDevice: true }
}

async function readWhole(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const into = Buffer.alloc(length)
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(into, at, length - at, offset + at).catch((error: unknown) => {
      throw unreadable('read', 'The medium cannot be read there.', {
        offset: offset + at,
        errno: errnoOf(error),
      })
    })
    if (bytesRead === 0) throw unreadable('read', 'The medium ends before its size.', { offset: offset + at })
    at += bytesRead
  }
  return into
}

async function writeWhole(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) {
      at += (await handle.write(bytes, at, bytes.length - at, offset + at)).bytesWritten
    }
    await handle.sync()
  } catch (error) {
    throw unreadable('write', 'The medium did not take what was written.', { offset, errno: errnoOf(error) })
  }
}

const nothing = { inquiry: null, diskSerial: null, wwn: null }

/** SCSI keeps its answers under `device`; NVMe and MMC have attributes of their own. */
async function readKnown(folder: string): Promise<NonNullable<BlockFileOptions['known']>> {
  const attribute = async (name: string): Promise<Buffer | null> => {
    // Absent or gone meanwhile: to a passport both are "not known".
    const bytes = await readFile(`${folder}/${name}`).catch(() => null)
    return bytes === null || bytes.length === 0 ? null : bytes
  }
  const text = async (...names: readonly string[]): Promise<RawText | null> => {
    for (const name of names) {
      const bytes = await attribute(name)
      const trimmed =
        bytes === null ? null : trimPadding(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes)
      if (trimmed !== null && trimmed.length > 0) return rawTextOf(trimmed)
    }
    return null
  }
  const [vendor, product, revision, page80, page83, serial, wwid] = await Promise.all([
    text('device/vendor'),
    text('device/model', 'device/name'),
    text('device/rev', 'device/firmware_rev', 'device/fwrev'),
    attribute('device/vpd_pg80'),
    attribute('device/vpd_pg83'),
    text('device/serial', 'serial'),
    text('wwid', 'device/wwid', 'device/cid'),
  ])
  return {
    inquiry: product === null ? null : { vendor: vendor ?? '', product, revision: revision ?? '' },
    diskSerial: (page80 === null ? null : parseUnitSerial(page80)) ?? serial,
    wwn: (page83 === null ? null : parseDesignator(page83)) ?? wwid,
  }
}

function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}

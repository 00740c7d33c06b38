/**
 * The key of the next seal, on the disk: one file of a fixed size, two places in it, and an old key overwritten as soon as
 * the new one is safe.
 *
 *   place (64 bytes): "SKK1" | 4 zero | index u64be | key 32 | CRC-32 of the 48 before it | zero
 *
 * The new key goes to the place that is free, is synced, and then the old place is overwritten with zeros and synced: at
 * each moment of a crash one of the two is whole. What this can't promise: a file system that writes elsewhere on each
 * change (btrfs, f2fs, a file on a snapshot), and a solid-state disk's own remapping, keep old blocks for a while where
 * software doesn't reach; there, erasing needs an encrypted disk. The swap is not this file's.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { isErrno, syncFolder } from './atomic-file.ts'

const placeBytes = 64
const magic = Buffer.from('SKK1\0\0\0\0')
const checkedBytes = 48

export interface SealKey {
  /** The index of the seal that is made with it. */
  readonly index: number
  /** 32 bytes. */
  readonly key: Buffer
}

export class SealKeyFile {
  readonly #path: string
  /** Null until the first key is written: a full disk keeps no agent from starting. */
  #handle: FileHandle | null
  /** The place that holds the key; the other one is free. */
  #place: 0 | 1

  private constructor(path: string, handle: FileHandle | null, place: 0 | 1) {
    this.#path = path
    this.#handle = handle
    this.#place = place
  }

  /** Opens the file; `found` is null where there is no key in it, `isDamaged` where there is something else. */
  static async open(path: string): Promise<{
    readonly file: SealKeyFile
    readonly found: SealKey | null
    readonly isDamaged: boolean
  }> {
    const handle = await openIfThere(path)
    if (handle === null) return { file: new SealKeyFile(path, null, 0), found: null, isDamaged: false }
    const bytes = Buffer.alloc(2 * placeBytes)
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
    const keys = [readPlace(bytes, 0), readPlace(bytes, 1)] as const
    const place = (keys[1]?.index ?? -1) > (keys[0]?.index ?? -1) ? 1 : 0
    const found = keys[place]
    const file = new SealKeyFile(path, handle, place)
    // A crash came between the two syncs: the older key is still there.
    if (found !== null && keys[place === 0 ? 1 : 0] !== null) await file.#erase(place === 0 ? 1 : 0)
    const isEmpty = bytesRead === 0 || bytes.every((byte) => byte === 0)
    bytes.fill(0)
    return { file, found, isDamaged: found === null && !isEmpty }
  }

  /** Writes the key, then overwrites the one before it. */
  async write({ index, key }: SealKey): Promise<void> {
    const next = this.#place === 0 ? 1 : 0
    const place = encodePlace(index, key)
    try {
      const handle = await this.#made()
      await handle.write(place, 0, placeBytes, next * placeBytes)
      await handle.datasync()
    } finally {
      place.fill(0)
    }
    const old = this.#place
    this.#place = next
    await this.#erase(old)
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }

  async #erase(place: 0 | 1): Promise<void> {
    const handle = await this.#made()
    await handle.write(Buffer.alloc(placeBytes), 0, placeBytes, place * placeBytes)
    await handle.datasync()
  }

  async #made(): Promise<FileHandle> {
    if (this.#handle !== null) return this.#handle
    // A crash, or a full disk, may have left an empty one.
    const handle = (await openIfThere(this.#path)) ?? (await open(this.#path, 'wx+', 0o600))
    try {
      await handle.write(Buffer.alloc(2 * placeBytes), 0, 2 * placeBytes, 0)
      await handle.sync()
      await syncFolder(dirname(this.#path))
    } catch (fault) {
      await handle.close()
      throw fault
    }
    this.#handle = handle
    return handle
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r+')
  } catch (fault) {
    if (isErrno(fault, 'ENOENT')) return null
    throw fault
  }
}

function encodePlace(index: number, key: Buffer): Buffer {
  const bytes = Buffer.alloc(placeBytes)
  magic.copy(bytes, 0)
  bytes.writeBigUInt64BE(BigInt(index), 8)
  key.copy(bytes, 16)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, checkedBytes)), checkedBytes)
  return bytes
}

function readPlace(bytes: Buffer, place: 0 | 1): SealKey | null {
  const own = bytes.subarray(place * placeBytes, (place + 1) * placeBytes)
  if (!own.subarray(0, 8).equals(magic)) return null
  if (own.readUInt32BE(checkedBytes) !== crc32(own.subarray(0, checkedBytes))) return null
  const index = own.readBigUInt64BE(8)
  if (index > BigInt(Number.MAX_SAFE_INTEGER)) return null
  return { index: Number(index), key: Buffer.from(own.subarray(16, 48)) }
}

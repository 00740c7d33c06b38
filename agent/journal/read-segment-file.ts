/**
 * Reads a whole segment file from a disk that may be failing: a block that cannot be read comes as zeros, so that the
 * scan finds a damage there and everything around it.
 */
import { open } from 'node:fs/promises'
import { isErrno } from '../base/atomic-file.ts'

const blockBytes = 4_096

/** Reads a file. Throws where it is not there, or where the system refuses for another reason than its disk. */
export async function readSegmentFile(path: string): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    return await readAround(size, (block, at) => handle.read(block, 0, block.length, at))
  } finally {
    await handle.close()
  }
}

/** Reads `size` bytes at once, or block by block where that fails with EIO. */
export async function readAround(
  size: number,
  read: (into: Buffer, at: number) => Promise<{ readonly bytesRead: number }>,
): Promise<Buffer> {
  const bytes = Buffer.alloc(size)
  try {
    await fill(bytes, 0, read)
    return bytes
  } catch (fault) {
    if (!isErrno(fault, 'EIO')) throw fault
  }
  bytes.fill(0)
  for (let at = 0; at < size; at += blockBytes) {
    const block = bytes.subarray(at, Math.min(size, at + blockBytes))
    try {
      await fill(block, at, read)
    } catch (fault) {
      if (!isErrno(fault, 'EIO')) throw fault
      block.fill(0)
    }
  }
  return bytes
}

async function fill(
  into: Buffer,
  at: number,
  read: (into: Buffer, at: number) => Promise<{ readonly bytesRead: number }>,
): Promise<void> {
  let done = 0
  while (done < into.length) {
    const { bytesRead } = await read(into.subarray(done), at + done)
    if (bytesRead === 0) return
    done += bytesRead
  }
}

/**
 * The block layer's own write protection (BLKROSET), and reading partitions anew (BLKRRPART).
 *
 * The guard alone is not enough for read-only: a file system that is mounted read-only over it can be remounted for writing
 * without an opening. Write protection alone is not enough either: SCSI commands (SG_IO) go past it, and root can take
 * it back. For old kernels it is set on each partition too, as theirs do not follow the disk's.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { type ActionStep, ShoukouError } from '@shoukou/protocol'
import { callError, loadLibc } from '../base/libc-linux.ts'
import { deviceNumberOf } from './device-number.ts'

const BLKROSET = 0x125d
const BLKROGET = 0x125e
const BLKRRPART = 0x125f

/** A node and the number that it must have (a node can be put in place of another), or a descriptor. */
export type BlockTarget = { readonly path: string; readonly number: string } | number

/** Sets or lifts write protection. @throws ShoukouError `control-unavailable`. */
export async function setReadOnly(target: BlockTarget, isReadOnly: boolean): Promise<void> {
  const cell = Buffer.alloc(4)
  cell.writeInt32LE(isReadOnly ? 1 : 0)
  await request(target, 'BLKROSET', BLKROSET, cell)
}

export async function readReadOnly(target: BlockTarget): Promise<boolean> {
  const cell = Buffer.alloc(4)
  await request(target, 'BLKROGET', BLKROGET, cell)
  return cell.readInt32LE(0) !== 0
}

/**
 * Lets the kernel read the partition table. It could not when the disk appeared under the guard: the kernel's own
 * reading is an opening like any other, and was refused. The disk must be open to this process, and not in use.
 */
export async function rereadPartitions(target: BlockTarget): Promise<void> {
  await request(target, 'BLKRRPART', BLKRRPART, Buffer.alloc(4))
}

/** Sets write protection on a disk and its partitions, and reads each back. Nothing here throws. */
export async function setDiskReadOnly(
  nodes: readonly { readonly path: string; readonly number: string }[],
  isReadOnly: boolean,
): Promise<ActionStep[]> {
  const step = isReadOnly ? 'block-read-only' : 'block-writable'
  return await Promise.all(
    nodes.map(async (node): Promise<ActionStep> => {
      try {
        await setReadOnly(node, isReadOnly)
        if ((await readReadOnly(node)) === isReadOnly) return { step, result: 'done', detail: node.number }
        return { step, result: 'failed', detail: `${node.number}: the kernel kept the other state` }
      } catch (error) {
        if (!(error instanceof ShoukouError)) throw error
        return { step, result: 'failed', detail: `${node.number}: ${error.message}` }
      }
    }),
  )
}

async function request(target: BlockTarget, name: string, number: number, cell: Buffer): Promise<void> {
  const libc = await loadLibc()
  const fd = typeof target === 'number' ? target : openNode(target)
  try {
    const result = await libc.ioctlAsync(fd, number, cell)
    if (result.value < 0) throw unavailable(callError(name, result))
  } finally {
    if (typeof target !== 'number') closeSync(fd)
  }
}

function openNode({ path, number }: Exclude<BlockTarget, number>): number {
  let fd: number
  try {
    // O_NONBLOCK: a drive without a medium must open too.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw unavailable(cause as Error)
  }
  const found = fstatSync(fd, { bigint: true })
  if (found.isBlockDevice() && deviceNumberOf(found.rdev) === number) return fd
  closeSync(fd)
  throw unavailable(new Error(`${path} is not the block device ${number}`))
}

function unavailable(cause: Error): ShoukouError {
  return new ShoukouError('control-unavailable', cause.message, {
    context: {
      remedy: 'The disk must be there, and the device guard must let the agent open it.',
    },
    cause,
  })
}

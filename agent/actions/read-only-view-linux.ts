/**
 * A read-only view of a disk that only the agent may open: a loop device on top of it, for everybody else to read.
 *
 * Write protection of the disk itself (BLKROSET) is not enough: whoever may open it for reading and has CAP_SYS_RAWIO
 * sends it SCSI commands that write (SG_IO). A loop device takes none. The disk stays write-protected below it, for
 * loop writes through a descriptor without asking how that was opened.
 */
import { spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { ShoukouError } from '@shoukou/protocol'
import { callError, type Libc, loadLibc } from '../base/libc-linux.ts'

export interface ReadOnlyView {
  /** The kernel's name of the loop device: `loop3`. */
  readonly name: string
  /** Takes it away, at the latest when the last one has closed it. */
  close(): void
}

// uapi/linux/loop.h
const LOOP_CLR_FD = 0x4c01
const LOOP_CONFIGURE = 0x4c0a
const LOOP_CTL_GET_FREE = 0x4c82
const LO_FLAGS_READ_ONLY = 1
const LO_FLAGS_AUTOCLEAR = 4
const LO_FLAGS_PARTSCAN = 8
const configBytes = 304
const blockSizeAt = 4
const flagsAt = 8 + 52
const nameAt = 8 + 56
const nameBytes = 63
/** Between asking for a free one and taking it, somebody else may take it. */
const triesMax = 8
const EBUSY = 16

/**
 * Makes the view; partitions are scanned. Goes away with the process when nobody uses it.
 *
 * @param path node of the disk, `/dev/sdb`, which this process may open
 * @throws ShoukouError `control-unavailable`
 */
export async function openReadOnlyView(path: string, blockBytes: number): Promise<ReadOnlyView> {
  const libc = await loadLibc()
  const disk = openNode(path, constants.O_RDONLY)
  try {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const view = await takeFree(libc, disk, path, blockBytes)
      if (view !== null) return view
    }
  } finally {
    closeSync(disk)
  }
  throw unavailable(`no loop device was free for ${path}`)
}

/**
 * Has the kernel load the loop driver, where it is not there yet: its devices must be known to the guard before one of
 * them is opened.
 *
 * @throws ShoukouError `control-unavailable`
 */
export async function loadLoopDriver(): Promise<void> {
  closeSync(await openControl())
}

async function takeFree(
  libc: Libc,
  disk: number,
  path: string,
  blockBytes: number,
): Promise<ReadOnlyView | null> {
  const control = await openControl()
  const free = libc.ioctl(control, LOOP_CTL_GET_FREE, Buffer.alloc(8))
  closeSync(control)
  if (free.value < 0) throw unavailable('LOOP_CTL_GET_FREE', callError('ioctl', free))
  const name = `loop${free.value}`
  const loop = openNode(`/dev/${name}`, constants.O_RDONLY)
  const config = Buffer.alloc(configBytes)
  config.writeUInt32LE(disk, 0)
  config.writeUInt32LE(blockBytes, blockSizeAt)
  config.writeUInt32LE(LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN, flagsAt)
  config.write(path.slice(0, nameBytes), nameAt, 'latin1')
  const taken = await libc.ioctlAsync(loop, LOOP_CONFIGURE, config)
  if (taken.value < 0) {
    closeSync(loop)
    if (taken.errno === EBUSY) return null
    throw unavailable('LOOP_CONFIGURE', callError('ioctl', taken))
  }
  let isOpen = true
  return {
    name,
    close() {
      if (!isOpen) return
      isOpen = false
      // In use still, it goes with its last user; then there is nothing more to be done here.
      libc.ioctl(loop, LOOP_CLR_FD, Buffer.alloc(8))
      closeSync(loop)
    },
  }
}

/** The control node loads the driver when it is opened, where the node is there; else the driver brings the node. */
async function openControl(): Promise<number> {
  try {
    return openSync('/dev/loop-control', constants.O_RDWR)
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'ENOENT'))
      throw unavailable('loop-control', fault)
  }
  await loadDriver()
  return openNode('/dev/loop-control', constants.O_RDWR)
}

async function loadDriver(): Promise<void> {
  const child = spawn('modprobe', ['loop'], { stdio: 'ignore', timeout: 10_000 })
  await new Promise<void>((resolve, reject) => {
    child.once('error', (fault) => reject(unavailable('modprobe', fault)))
    child.once('exit', () => resolve())
  })
}

function openNode(path: string, flags: number): number {
  try {
    return openSync(path, flags)
  } catch (cause) {
    throw unavailable(path, cause)
  }
}

function unavailable(what: string, cause?: unknown): ShoukouError {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new ShoukouError('control-unavailable', `No read-only view (${what}${why}).`, {
    context: { remedy: 'The kernel needs the loop driver.' },
    cause,
  })
}

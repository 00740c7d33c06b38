/**
 * Which process holds a socket: one walk over /proc/PID/fd for all sockets asked for.
 *
 * Several may hold one (fork, a socket handed over); the one named is any of them, the service manager last, because it
 * holds what it only hands on.
 */
import { opendirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type RawText, rawTextOf } from '@shoukou/protocol'

export interface SocketOwner {
  readonly pid: number
  /** `comm`: any process may change its own. */
  readonly program: RawText | null
  readonly path: RawText | null
}

export interface SocketOwners {
  readonly byInode: ReadonlyMap<number, SocketOwner>
  /** A process could not be looked into, or there were too many: who is not in `byInode` may have an owner still. */
  readonly isPartial: boolean
}

const turnMs = 8
/** Descriptors looked at in one walk: a busy server has some ten thousand; each costs about 2 µs. */
const descriptorsMax = 1_000_000

/** Reads the owners of these inodes; `proc` is where /proc stands. */
export async function readSocketOwners(inodes: ReadonlySet<number>, proc: string): Promise<SocketOwners> {
  const byInode = new Map<number, SocketOwner>()
  let isPartial = false
  let looked = 0
  const turn = new Turn()
  for (const pid of inodes.size === 0 ? [] : readPids(proc)) {
    if (byInode.size === inodes.size) break
    const walked = await socketsOf(`${proc}/${pid}`, descriptorsMax - looked, turn)
    looked += walked.looked
    isPartial ||= !walked.isWhole
    const mine = walked.inodes.filter((inode) => inodes.has(inode) && !byInode.has(inode))
    if (mine.length === 0) continue
    const owner = { pid, program: readName(`${proc}/${pid}/comm`), path: readPath(`${proc}/${pid}/exe`) }
    for (const inode of mine) byInode.set(inode, owner)
  }
  return { byInode, isPartial: isPartial && byInode.size < inodes.size }
}

function readPids(proc: string): number[] {
  const pids = readdirSync(proc)
    .filter((name) => /^\d{1,10}$/.test(name))
    .map(Number)
  return pids.sort((a, b) => Number(a === 1) - Number(b === 1) || a - b)
}

/** How long the event loop has been kept. */
class Turn {
  #endMs = performance.now() + turnMs

  isOver(): boolean {
    return performance.now() > this.#endMs
  }

  async next(): Promise<void> {
    await nextTurn()
    this.#endMs = performance.now() + turnMs
  }
}

interface Walked {
  readonly inodes: readonly number[]
  readonly looked: number
  readonly isWhole: boolean
}

async function socketsOf(folder: string, atMost: number, turn: Turn): Promise<Walked> {
  const inodes: number[] = []
  let looked = 0
  try {
    using descriptors = opendirSync(`${folder}/fd`, { bufferSize: 256 })
    for (let entry = descriptors.readSync(); entry !== null; entry = descriptors.readSync()) {
      if (looked >= atMost) return { inodes, looked, isWhole: false }
      looked += 1
      if (turn.isOver()) await turn.next()
      const inode = inodeOf(`${folder}/fd/${entry.name}`)
      if (inode !== null) inodes.push(inode)
    }
    return { inodes, looked, isWhole: true }
  } catch (error) {
    // A process that ended meanwhile holds nothing; one that may not be looked into may hold anything.
    return { inodes, looked, isWhole: isGone(error) }
  }
}

function inodeOf(path: string): number | null {
  try {
    const target = readlinkSync(path)
    return target.startsWith('socket:[') ? Number(target.slice(8, -1)) : null
  } catch (error) {
    // Closed between the listing and the reading.
    if (isGone(error)) return null
    throw error
  }
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'ENOENT' || code === 'ESRCH'
}

function readName(path: string): RawText | null {
  try {
    const bytes = readFileSync(path)
    return rawTextOf(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes)
  } catch {
    // It ended after it was found: the pid stands, its name is not known.
    return null
  }
}

function readPath(path: string): RawText | null {
  try {
    return rawTextOf(readlinkSync(path, { encoding: 'buffer' }))
  } catch {
    // A kernel thread has none, and a process that ended has none any more.
    return null
  }
}

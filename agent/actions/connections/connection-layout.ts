/**
 * What the programs of the first net and the agent have in common: the hooks, the maps' bytes, the records in the ring.
 * Little-endian, as every computer is that this agent runs on. Pure.
 */
import type { ConnectionRules } from './connection-net.ts'

/** A place in the kernel where a program of ours is asked: BPF_PROG_TYPE_* and BPF_CGROUP_* of linux/bpf.h. */
interface HookShape {
  readonly type: number
  readonly attachType: number
}

const socketAddress = 18
export const hooks = {
  connect4: { type: socketAddress, attachType: 10 },
  connect6: { type: socketAddress, attachType: 11 },
  send4: { type: socketAddress, attachType: 14 },
  send6: { type: socketAddress, attachType: 15 },
  bind4: { type: socketAddress, attachType: 8 },
  bind6: { type: socketAddress, attachType: 9 },
  socket: { type: 9, attachType: 2 },
  tcp: { type: 13, attachType: 3 },
} as const satisfies Readonly<Record<string, HookShape>>
export type HookName = keyof typeof hooks
export const hookNames = Object.keys(hooks) as readonly HookName[]

/** The one number that all programs go by. Bits of its lower half; the upper half counts how often paths were forgotten. */
export const control = { looks: 1, refuses: 2, refusesRaw: 4, secondSlot: 8 } as const
export const controlBytes = 8

export interface Control {
  readonly flags: number
  readonly generation: number
}

export function encodeControl({ flags, generation }: Control): Buffer {
  const bytes = Buffer.alloc(controlBytes)
  bytes.writeUInt32LE(flags, 0)
  bytes.writeUInt32LE(generation >>> 0, 4)
  return bytes
}

export function decodeControl(bytes: Buffer): Control {
  return { flags: bytes.readUInt32LE(0), generation: bytes.readUInt32LE(4) }
}

/** `slot`: which half of the table of tables holds these rules. */
export function flagsOf(rules: ConnectionRules, slot: 0 | 1): number {
  const { looks, refuses, refusesRaw, secondSlot } = control
  return (
    looks |
    (rules.refuses ? refuses : 0) |
    (rules.refusesRaw ? refusesRaw : 0) |
    (slot === 1 ? secondSlot : 0)
  )
}

/**
 * Offsets of the counters of one processor: u64 each. `side`: binds and what TCP tells; no part of what is counted.
 * The kernel copies them from the first to the last: what is a part of another stands before it.
 */
export const counter = {
  lost: 0,
  refused: 8,
  prohibited: 16,
  approved: 24,
  sideTold: 32,
  sideLost: 40,
  pathsLost: 48,
} as const
export const counterBytes = 64
export type Counters = Readonly<Record<keyof typeof counter, number>>

/** Adds up the processors' counters. */
export function sumCounters(ofAll: Buffer): Counters {
  const names = Object.keys(counter) as (keyof typeof counter)[]
  const sums = names.map((name) => {
    let sum = 0n
    for (let at = 0; at + counterBytes <= ofAll.length; at += counterBytes)
      sum += ofAll.readBigUInt64LE(at + counter[name])
    return [name, Number(sum)] as const
  })
  return Object.fromEntries(sums) as unknown as Counters
}

/** What the agent itself keeps in the kernel: the installation's id, when it began, and how far it has read. */
export interface ReadState {
  readonly id: Buffer
  readonly sinceWallMs: number
  /** Place in the ring, in bytes since the beginning, up to which records are told. */
  readonly position: bigint
  /** Attempts among those records. */
  readonly reported: bigint
}
export const idBytes = 16
export const readStateBytes = 40

export function encodeReadState(state: ReadState): Buffer {
  const bytes = Buffer.alloc(readStateBytes)
  state.id.copy(bytes, 0, 0, idBytes)
  bytes.writeBigUInt64LE(BigInt(state.sinceWallMs), 16)
  bytes.writeBigUInt64LE(state.position, 24)
  bytes.writeBigUInt64LE(state.reported, 32)
  return bytes
}

export function decodeReadState(bytes: Buffer): ReadState {
  return {
    id: Buffer.from(bytes.subarray(0, idBytes)),
    sinceWallMs: Number(bytes.readBigUInt64LE(16)),
    position: bytes.readBigUInt64LE(24),
    reported: bytes.readBigUInt64LE(32),
  }
}

/** u64 start of the process (ns), u32 thread group, u32 how often it has become another program. */
export const processKeyBytes = 16
/** The 4 bytes that a record begins with: kind, act, family (4, 6), flags. */
export const recordKind = { event: 1, process: 2 } as const
export const actNumbers = { connect: 1, send: 2, bind: 3, socket: 4, established: 5, accepted: 6 } as const
export const eventFlag = { refused: 1, hasProcess: 2 } as const
/** All of the path was walked, up to the root. */
export const processFlag = { whole: 1 } as const

/** Offsets in an event. */
export const eventAt = {
  head: 0,
  protocol: 4,
  type: 8,
  peerPort: 12,
  localPort: 16,
  pad: 20,
  bootNs: 24,
  cookie: 32,
  pidTgid: 40,
  uidGid: 48,
  cgroup: 56,
  namespace: 64,
  name: 72,
  peer: 88,
  local: 104,
  process: 120,
} as const
export const eventBytes = 136
export const nameBytes = 16

/** Offsets in a process record: the names of the path stand behind each other, the last one first, each with its zero byte. */
export const processAt = { head: 0, key: 8, names: 24 } as const
/** One name has 255 bytes at most, and its zero byte. */
export const nameRoomBytes = 256
export const namesBytesMax = 2_048
export const processBytesMax = processAt.names + namesBytesMax
/** Folders and mounts up to the root: a program has to have an end. */
export const pathStepsMax = 32

/**
 * The device guard's program, as bytes, and its maps' bytes. Pure.
 *
 * The kernel runs it at each opening of a block or character device (BPF_PROG_TYPE_CGROUP_DEVICE) and at each making
 * of a node. It answers 1 (may) or 0 (EPERM). Making a node alone may always: devtmpfs could not make any otherwise,
 * and a node is worth nothing that can't be opened.
 */
import type { MediumRight } from '@shoukou/protocol'
import {
  addValue,
  and,
  andValue,
  assemble,
  atomicAdd64,
  call,
  copy,
  exit,
  jump,
  jumpIfAtLeast,
  jumpIfDiffers,
  jumpIfEqual,
  jumpIfNotEqual,
  type Line,
  label,
  load32,
  load64,
  loadMap,
  setValue,
  shiftRight,
  store32,
  storeValue32,
  storeValue64,
  xorValue,
} from './bpf-assembler.ts'
import type { DeviceType, GuardEntry, GuardFeatures, GuardKey } from './device-guard.ts'

/** Key: u32 type, u32 major, u32 minor. */
export const keyBytes = 12
/** Value of an entry: u32 access (2 read, 4 write), u32 process id (0: any), u64 end in ns (0: none). */
export const entryBytes = 16
/** Value of a count: u64. */
export const countBytes = 8

/** Entries at most: 200 disks with 15 partitions and their nodes leave room. */
export const guardEntriesMax = 4_096
/** Devices of which refusals are counted one by one; of those beyond, only how many there were. */
export const refusedDevicesMax = 1_024

/** The key under which refusals are counted that found no room: a type that no device has. */
export const overflowKey: Buffer = Buffer.alloc(keyBytes)

const typeNumbers = { block: 1, character: 2 } as const satisfies Record<DeviceType, number>
const accessOf = { none: 0, 'read-only': 2, 'read-write': 6 } as const satisfies Record<MediumRight, number>
const readOrWrite = 6

const helper = {
  mapLookup: 1,
  mapUpdate: 2,
  ktimeNs: 5,
  currentPidTgid: 14,
  ktimeBootNs: 125,
} as const

/** BPF_NOEXIST: an update that only adds. */
const onlyAdd = 1

/** Places on the stack, below r10: the key, and behind it a count of 1. */
const place = { type: -24, major: -20, minor: -16, one: -8 } as const

/**
 * What is tried, richest first: the verifier of an older kernel refuses a program that calls what it has not.
 */
export const featureSteps: readonly GuardFeatures[] = [
  { hasOwner: true, hasLease: true, leaseClock: 'boottime' },
  { hasOwner: false, hasLease: true, leaseClock: 'boottime' },
  { hasOwner: false, hasLease: true, leaseClock: 'monotonic' },
  { hasOwner: false, hasLease: false, leaseClock: 'none' },
]

/** Returns the program for these maps (descriptors). Anything that the kernel can't answer is refused. */
export function guardProgram(
  maps: { readonly entries: number; readonly refusals: number },
  features: GuardFeatures,
): Buffer {
  return assemble([
    ...readQuestion(),
    ...findEntry(maps.entries),
    ...judgeRight(),
    ...judgeOwner(features),
    ...judgeLease(features),
    label('allow'),
    setValue('r0', 1),
    exit(),
    label('deny'),
    ...countRefusal(maps.refusals),
    label('answer no'),
    setValue('r0', 0),
    exit(),
  ])
}

/** r6: what is asked for (read, write); r7: type; r8: minor; the key on the stack. */
function readQuestion(): Line[] {
  return [
    load32('r6', 'r1', 0),
    copy('r7', 'r6'),
    andValue('r7', 0xffff),
    shiftRight('r6', 16),
    andValue('r6', readOrWrite),
    jumpIfEqual('r6', 0, 'allow'),
    load32('r2', 'r1', 4),
    load32('r8', 'r1', 8),
    store32('r10', place.type, 'r7'),
    store32('r10', place.major, 'r2'),
    store32('r10', place.minor, 'r8'),
  ]
}

/** r9: the entry of the device, or of all of its major. A character device without one is not our business. */
function findEntry(entries: number): Line[] {
  return [
    ...lookUp(entries),
    jumpIfNotEqual('r0', 0, 'found'),
    storeValue32('r10', place.minor, -1),
    ...lookUp(entries),
    store32('r10', place.minor, 'r8'),
    jumpIfNotEqual('r0', 0, 'found'),
    jumpIfEqual('r7', typeNumbers.character, 'allow'),
    jump('deny'),
    label('found'),
    copy('r9', 'r0'),
  ]
}

/** Refuses where something is asked for that was not given. */
function judgeRight(): Line[] {
  return [load32('r1', 'r9', 0), xorValue('r1', -1), and('r6', 'r1'), jumpIfNotEqual('r6', 0, 'deny')]
}

function judgeOwner(features: GuardFeatures): Line[] {
  const lines = [load32('r1', 'r9', 4), jumpIfEqual('r1', 0, 'lease')]
  if (!features.hasOwner) return [...lines, jump('deny'), label('lease')]
  return [
    ...lines,
    call(helper.currentPidTgid),
    shiftRight('r0', 32),
    load32('r1', 'r9', 4),
    jumpIfDiffers('r0', 'r1', 'deny'),
    label('lease'),
  ]
}

function judgeLease(features: GuardFeatures): Line[] {
  const lines = [load64('r1', 'r9', 8), jumpIfEqual('r1', 0, 'allow')]
  if (features.leaseClock === 'none') return [...lines, jump('deny')]
  return [
    ...lines,
    call(features.leaseClock === 'boottime' ? helper.ktimeBootNs : helper.ktimeNs),
    load64('r1', 'r9', 8),
    jumpIfAtLeast('r0', 'r1', 'deny'),
  ]
}

/**
 * Adds one to the device's count. Two processors may both find it absent: one of them adds it, the other finds it at
 * the second look. Where the table is full, the overflow counts.
 */
function countRefusal(refusals: number): Line[] {
  return [
    ...lookUp(refusals),
    jumpIfNotEqual('r0', 0, 'count'),
    storeValue64('r10', place.one, 1),
    ...loadMap('r1', refusals),
    ...keyAddress('r2'),
    copy('r3', 'r10'),
    addValue('r3', place.one),
    setValue('r4', onlyAdd),
    call(helper.mapUpdate),
    jumpIfEqual('r0', 0, 'answer no'),
    ...lookUp(refusals),
    jumpIfNotEqual('r0', 0, 'count'),
    storeValue32('r10', place.type, 0),
    storeValue32('r10', place.major, 0),
    storeValue32('r10', place.minor, 0),
    ...lookUp(refusals),
    jumpIfEqual('r0', 0, 'answer no'),
    label('count'),
    setValue('r1', 1),
    atomicAdd64('r0', 0, 'r1'),
  ]
}

/** r0: the address of the value of the key on the stack, or 0. */
function lookUp(map: number): Line[] {
  return [...loadMap('r1', map), ...keyAddress('r2'), call(helper.mapLookup)]
}

function keyAddress(to: 'r2'): Line[] {
  return [copy(to, 'r10'), addValue(to, place.type)]
}

export function encodeKey({ type, major, minor }: GuardKey): Buffer {
  const bytes = Buffer.alloc(keyBytes)
  bytes.writeUInt32LE(typeNumbers[type], 0)
  bytes.writeUInt32LE(major, 4)
  bytes.writeUInt32LE(minor, 8)
  return bytes
}

/** Returns null for a key of no device: the overflow, or what somebody else has put there. */
export function decodeKey(bytes: Buffer): GuardKey | null {
  const type = bytes.readUInt32LE(0)
  if (type !== typeNumbers.block && type !== typeNumbers.character) return null
  return {
    type: type === typeNumbers.block ? 'block' : 'character',
    major: bytes.readUInt32LE(4),
    minor: bytes.readUInt32LE(8),
  }
}

/** `clockAheadNs`: by how much CLOCK_BOOTTIME is ahead of the lease's clock: 0 where they are one. */
export function encodeEntry(entry: Omit<GuardEntry, 'key'>, clockAheadNs: bigint): Buffer {
  const bytes = Buffer.alloc(entryBytes)
  bytes.writeUInt32LE(accessOf[entry.right], 0)
  bytes.writeUInt32LE(entry.ownerPid ?? 0, 4)
  if (entry.untilBootMs !== null) {
    const end = BigInt(Math.round(entry.untilBootMs * 1e6)) - clockAheadNs
    // 0 would be for ever: what ended before the computer started ends at the first nanosecond.
    bytes.writeBigUInt64LE(end < 1n ? 1n : end, 8)
  }
  return bytes
}

/** A right that only writes is told as read-write: the agent never gives one. */
export function decodeEntry(key: GuardKey, bytes: Buffer, clockAheadNs: bigint): GuardEntry {
  const access = bytes.readUInt32LE(0) & readOrWrite
  const owner = bytes.readUInt32LE(4)
  const until = bytes.readBigUInt64LE(8)
  return {
    key,
    right: access === accessOf.none ? 'none' : access === accessOf['read-only'] ? 'read-only' : 'read-write',
    ownerPid: owner === 0 ? null : owner,
    untilBootMs: until === 0n ? null : Number(until + clockAheadNs) / 1e6,
  }
}

/**
 * Pieces that the programs of the first net are put together from: places on the stack, map look-ups, counting. Pure.
 *
 * Registers by custom: r6 the question, r9 the control number; r7 protocol and r8 port until the verdict is known.
 */
import {
  addValue,
  atomicAdd64,
  call,
  copy,
  jumpIfAbove,
  jumpIfEqual,
  type Line,
  load64,
  loadMap,
  loadMapValue,
  type Register,
  setValue,
  store64,
  storeValue32,
} from '../bpf-assembler.ts'
import { counter } from './connection-layout.ts'
import type { PathOffsets } from './path-offsets.ts'

/** Numbers of the kernel's functions for programs (linux/bpf.h). */
export const helper = {
  mapLookUp: 1,
  mapUpdate: 2,
  mapDelete: 3,
  pidTgid: 14,
  uidGid: 15,
  comm: 16,
  task: 35,
  socketCookie: 46,
  cgroupId: 80,
  readKernel: 113,
  readKernelText: 115,
  netnsCookie: 122,
  bootNs: 125,
  ringOutput: 130,
  ringReserve: 131,
  ringSubmit: 132,
  ringQuery: 134,
} as const

/** Places on the stack, below r10. */
export const place = {
  control: -8,
  index: -16,
  counters: -24,
  protocol: -32,
  type: -28,
  peerPort: -40,
  localPort: -36,
  peer: -56,
  local: -72,
  /** u32 length and 16 bytes of address. */
  prefix: -96,
  process: -112,
  found: -120,
  name: -128,
  parent: -136,
  mount: -144,
  root: -152,
  thread: -160,
  head: -168,
  generation: -164,
} as const

/** Descriptors. */
export interface NetMaps {
  readonly control: number
  readonly counters: number
  readonly ring: number
  /** The table of tables: ipv4 and ipv6 of the first slot, then of the second. */
  readonly approved: number
  readonly processes: number
  readonly scratch: number
  readonly blank: number
}

export interface ProgramOptions {
  readonly maps: NetMaps
  readonly ringBytes: number
  /** Null where paths can't be walked on this kernel. */
  readonly path: PathOffsets | null
}

export function address(to: Register, at: number): Line[] {
  return [copy(to, 'r10'), addValue(to, at)]
}

/** r0: the address of the value of the key at `key`, or 0. */
export function lookUp(map: number, key: number): Line[] {
  return [...loadMap('r1', map), ...address('r2', key), call(helper.mapLookUp)]
}

/** r9: the control number, kept on the stack as well. */
export function readControl(maps: NetMaps): Line[] {
  return [...loadMapValue('r1', maps.control), load64('r9', 'r1', 0), store64('r10', place.control, 'r9')]
}

/** Finds this processor's counters and keeps their address; `none` is where a kernel would go that has none. */
export function findCounters(maps: NetMaps, none: string): Line[] {
  return [
    storeValue32('r10', place.index, 0),
    ...lookUp(maps.counters, place.index),
    jumpIfEqual('r0', 0, none),
    store64('r10', place.counters, 'r0'),
  ]
}

/** In one step: a program may be interrupted by another on the same processor. */
export function count(which: keyof typeof counter): Line[] {
  return [load64('r1', 'r10', place.counters), setValue('r2', 1), atomicAdd64('r1', counter[which], 'r2')]
}

/** Goes to `target` where more than half of the ring waits to be read: the rest is for attempts. */
export function unlessHalfFull(maps: NetMaps, ringBytes: number, target: string): Line[] {
  return [
    ...loadMap('r1', maps.ring),
    setValue('r2', 0),
    call(helper.ringQuery),
    setValue('r1', ringBytes / 2),
    jumpIfAbove('r0', 'r1', target),
  ]
}

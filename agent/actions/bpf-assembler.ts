/**
 * Instructions of the kernel's BPF machine by name, jumps by label, and their bytes (RFC 9669). Pure.
 *
 * Only what `guard-program.ts` and the programs of `connections/` use. Bytes are little-endian, as every computer is that this agent runs on.
 */
import assert from 'node:assert/strict'

/** r0 holds results, r1-r5 arguments (lost in calls), r6-r9 are kept, r10 is the end of the stack. */
export type Register = 'r0' | 'r1' | 'r2' | 'r3' | 'r4' | 'r5' | 'r6' | 'r7' | 'r8' | 'r9' | 'r10'

export interface Instruction {
  readonly code: number
  readonly to: number
  readonly from: number
  readonly offset: number
  readonly value: number
  /** Label to jump to: the offset is then reckoned. */
  readonly jump: string | null
}

export type Line = Instruction | { readonly label: string }

const instructionBytes = 8

/** Marks the place that jumps name. */
export const label = (name: string): Line => ({ label: name })
export const exit = (): Line => line(0x95)
export const call = (helper: number): Line => line(0x85, { value: helper })

export const setValue = (to: Register, value: number): Line => line(0xb7, { to, value })
export const copy = (to: Register, from: Register): Line => line(0xbf, { to, from })
export const add = (to: Register, from: Register): Line => line(0x0f, { to, from })
export const orValue = (to: Register, value: number): Line => line(0x47, { to, value })
export const addValue = (to: Register, value: number): Line => line(0x07, { to, value })
export const andValue = (to: Register, value: number): Line => line(0x57, { to, value })
export const and = (to: Register, from: Register): Line => line(0x5f, { to, from })
export const xorValue = (to: Register, value: number): Line => line(0xa7, { to, value })
export const shiftRight = (to: Register, bits: number): Line => line(0x77, { to, value: bits })
/** Keeps the lower 2 bytes, turned from network order. */
export const fromNetwork16 = (to: Register): Line => line(0xdc, { to, value: 16 })
/** Keeps the lower 4 bytes, turned from network order. */
export const fromNetwork32 = (to: Register): Line => line(0xdc, { to, value: 32 })

/** Loads 2 bytes, the rest of `to` becoming zero. */
export const load16 = (to: Register, from: Register, offset: number): Line => line(0x69, { to, from, offset })
/** Loads 4 bytes at `from` + offset, the upper half of `to` becoming zero. */
export const load32 = (to: Register, from: Register, offset: number): Line => line(0x61, { to, from, offset })
export const load64 = (to: Register, from: Register, offset: number): Line => line(0x79, { to, from, offset })
export const store32 = (at: Register, offset: number, from: Register): Line =>
  line(0x63, { to: at, offset, from })
export const store64 = (at: Register, offset: number, from: Register): Line =>
  line(0x7b, { to: at, offset, from })
export const storeValue32 = (at: Register, offset: number, value: number): Line =>
  line(0x62, { to: at, offset, value })
export const storeValue64 = (at: Register, offset: number, value: number): Line =>
  line(0x7a, { to: at, offset, value })
/** Adds to 8 bytes in memory in one step, seen by all processors. */
export const atomicAdd64 = (at: Register, offset: number, from: Register): Line =>
  line(0xdb, { to: at, offset, from })

export const jump = (target: string): Line => line(0x05, { jump: target })
export const jumpIfEqual = (a: Register, value: number, target: string): Line =>
  line(0x15, { to: a, value, jump: target })
export const jumpIfNotEqual = (a: Register, value: number, target: string): Line =>
  line(0x55, { to: a, value, jump: target })
export const jumpIfDiffers = (a: Register, b: Register, target: string): Line =>
  line(0x5d, { to: a, from: b, jump: target })
/** Unsigned, 64 bits. */
export const jumpIfAtLeast = (a: Register, b: Register, target: string): Line =>
  line(0x3d, { to: a, from: b, jump: target })
export const jumpIfSame = (a: Register, b: Register, target: string): Line =>
  line(0x1d, { to: a, from: b, jump: target })
/** Unsigned, 64 bits. */
export const jumpIfAbove = (a: Register, b: Register, target: string): Line =>
  line(0x2d, { to: a, from: b, jump: target })
/** Unsigned, 64 bits. */
export const jumpIfAboveValue = (a: Register, value: number, target: string): Line =>
  line(0x25, { to: a, value, jump: target })
/** Signed, 64 bits. */
export const jumpIfAtMostSigned = (a: Register, value: number, target: string): Line =>
  line(0xd5, { to: a, value, jump: target })
/** Signed, 64 bits. */
export const jumpIfNegative = (a: Register, target: string): Line =>
  line(0xc5, { to: a, value: 0, jump: target })
/** Goes on where any of these bits is set. */
export const jumpIfAnyBit = (a: Register, bits: number, target: string): Line =>
  line(0x45, { to: a, value: bits, jump: target })

/** Loads the address of the first value of an array map, by the map's descriptor (Linux 5.2): two instructions long. */
export const loadMapValue = (to: Register, fd: number): Line[] => [
  line(0x18, { to, from: 'r2', value: fd }),
  line(0x00),
]

/** Loads the address of a map, by its descriptor: two instructions long. */
export const loadMap = (to: Register, fd: number): Line[] => [
  line(0x18, { to, from: 'r1', value: fd }),
  line(0x00),
]

/** Returns the program's bytes. A jump to a label that is not there, or backwards, is a broken invariant. */
export function assemble(lines: readonly Line[]): Buffer {
  const places = new Map<string, number>()
  const instructions: Instruction[] = []
  for (const each of lines) {
    if ('label' in each) {
      assert(!places.has(each.label), `label twice: ${each.label}`)
      places.set(each.label, instructions.length)
    } else instructions.push(each)
  }
  const bytes = Buffer.alloc(instructions.length * instructionBytes)
  for (const [index, each] of instructions.entries()) {
    const at = index * instructionBytes
    bytes.writeUInt8(each.code, at)
    bytes.writeUInt8((each.from << 4) | each.to, at + 1)
    bytes.writeInt16LE(each.jump === null ? each.offset : distance(places, each.jump, index), at + 2)
    bytes.writeInt32LE(each.value, at + 4)
  }
  return bytes
}

function distance(places: ReadonlyMap<string, number>, target: string, from: number): number {
  const place = places.get(target)
  assert(place !== undefined, `no such label: ${target}`)
  // Kernels before 5.3 take no loop at all.
  assert(place > from, `a jump backwards: ${target}`)
  return place - from - 1
}

function line(
  code: number,
  more: {
    readonly to?: Register
    readonly from?: Register
    readonly offset?: number
    readonly value?: number
    readonly jump?: string
  } = {},
): Instruction {
  return {
    code,
    to: numberOf(more.to),
    from: numberOf(more.from),
    offset: more.offset ?? 0,
    value: more.value ?? 0,
    jump: more.jump ?? null,
  }
}

function numberOf(register: Register | undefined): number {
  return register === undefined ? 0 : Number(register.slice(1))
}

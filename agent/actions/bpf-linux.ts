/**
 * bpf(2): maps, programs, links and their pins, without a library.
 *
 * Descriptors in, descriptors out; the kernel closes them on exec. Offsets are those of `union bpf_attr` and the
 * `bpf_*_info` structures of linux/bpf.h, which are never changed. Fields that an older kernel does not know are left 0.
 */
import { closeSync } from 'node:fs'
import { ShoukouError } from '@shoukou/protocol'
import { ERRNO, type Libc, loadLibc } from '../base/libc-linux.ts'

export type BpfMode = 'any' | 'only-add'

export interface ProgramInfo {
  readonly id: number
  /** The kernel's digest of the instructions, without the maps' numbers. */
  readonly tag: string
  /** Ids of the maps that it uses, in the order of its text. */
  readonly mapIds: readonly number[]
}

export interface LinkInfo {
  readonly id: number
  readonly programId: number
  /** 0 once the link was taken off its cgroup. */
  readonly cgroupId: bigint
  readonly attachType: number
}

export interface HashMapShape {
  readonly name: string
  readonly keyBytes: number
  readonly valueBytes: number
  readonly entriesMax: number
}

/** Any map: `type` and `flags` are BPF_MAP_TYPE_* and BPF_F_*. */
export interface MapShape extends HashMapShape {
  readonly type: number
  readonly flags?: number
  /** Descriptor of a map like those that a map of maps will hold. */
  readonly inner?: number
}

export interface MapInfo {
  readonly type: number
  readonly id: number
  readonly keyBytes: number
  readonly valueBytes: number
  readonly entriesMax: number
  readonly flags: number
}

/** A program for one place in the kernel: BPF_PROG_TYPE_* and BPF_CGROUP_*. */
export interface ProgramShape {
  readonly name: string
  readonly type: number
  readonly attachType: number
  readonly code: Buffer
}

/** Each call throws ShoukouError `control-unavailable`, with `errno` and `remedy` in its context. */
export interface Bpf {
  createHashMap(shape: HashMapShape): number
  createMap(shape: MapShape): number
  mapInfo(map: number): MapInfo
  /** Opens a map by the kernel's number of it; null where it is gone. */
  openMap(id: number): number | null
  /** From now on nobody changes the map through bpf(2); programs still may (Linux 5.2). */
  freeze(map: number): void
  /** Reports false where `only-add` found the key there, or where the map is full. */
  update(map: number, key: Buffer, value: Buffer, mode: BpfMode): boolean
  lookUp(map: number, key: Buffer, valueBytes: number): Buffer | null
  /** Reports whether the key was there. */
  remove(map: number, key: Buffer): boolean
  /** Returns all keys, at most `max`: those that come or go meanwhile may be among them or not. */
  keys(map: number, keyBytes: number, max: number): Buffer[]
  loadDeviceProgram(name: string, code: Buffer): number
  loadProgram(shape: ProgramShape): number
  /** Puts a program in force on a cgroup as long as the link lives (Linux 5.7); a device program if not told. */
  createLink(program: number, cgroup: number, attachType?: number): number
  /** Puts another program in force in one step. Reports false where the link was taken off its cgroup. */
  updateLink(link: number, program: number): boolean
  /** Takes a link off its cgroup though others hold it (Linux 5.9). Reports whether this kernel can. */
  detachLink(link: number): boolean
  /** The older way: in force until it is taken off. */
  attach(program: number, cgroup: number): void
  detach(program: number, cgroup: number): void
  /** Returns the ids of the device programs of a cgroup itself, not of those above it. */
  attachedTo(cgroup: number): number[]
  pin(fd: number, path: string): void
  /** Opens what is pinned; null where nothing is. */
  openPinned(path: string): number | null
  mapId(map: number): number
  programInfo(program: number): ProgramInfo
  linkInfo(link: number): LinkInfo
  close(fd: number): void
}

const systemCallNumbers: Readonly<Record<string, number>> = {
  x64: 321,
  arm64: 280,
  riscv64: 280,
  loong64: 280,
}

const command = {
  mapCreate: 0,
  mapLookUp: 1,
  mapUpdate: 2,
  mapDelete: 3,
  mapNextKey: 4,
  programLoad: 5,
  pin: 6,
  get: 7,
  attach: 8,
  detach: 9,
  mapById: 14,
  infoByFd: 15,
  query: 16,
  mapFreeze: 22,
  linkCreate: 28,
  linkUpdate: 29,
  linkDetach: 34,
} as const

const hashMap = 1
const cgroupDeviceProgram = 15
const cgroupDeviceAttach = 6
const allowMulti = 2
const onlyAdd = 1
const attributeBytes = 128
const infoBytes = 256
/** A log that is too small would be the error that is told. */
const verifierLogBytes = 4 * 1024 * 1024
/** The verifier gives up when a signal comes, such as that of a child that has ended. */
const interruptionsMax = 20
const nameBytesMax = 15
const programsPerCgroupMax = 64
const RLIMIT_MEMLOCK = 8

/** Opens bpf(2). @throws ShoukouError `control-unavailable` on a processor whose number for it is not known. */
export async function openBpf(): Promise<Bpf> {
  const number = systemCallNumbers[process.arch]
  if (number === undefined)
    throw unavailable('bpf', 0, `the number of bpf(2) on ${process.arch} is not known`)
  return new KernelBpf(await loadLibc(), number)
}

/** A structure for the kernel, holding the buffers that it points to for as long as itself. */
class Attributes {
  readonly bytes: Buffer
  readonly #libc: Libc
  readonly #held: Buffer[] = []

  constructor(libc: Libc, size = attributeBytes) {
    this.#libc = libc
    this.bytes = Buffer.alloc(size)
  }

  u32(at: number, value: number): this {
    this.bytes.writeUInt32LE(value, at)
    return this
  }

  u64(at: number, value: number): this {
    this.bytes.writeBigUInt64LE(BigInt(value), at)
    return this
  }

  pointer(at: number, to: Buffer): this {
    this.#held.push(to)
    this.bytes.writeBigUInt64LE(this.#libc.addressOf(to), at)
    return this
  }

  text(at: number, value: string): this {
    this.bytes.write(value.slice(0, nameBytesMax), at, 'latin1')
    return this
  }
}

class KernelBpf implements Bpf {
  readonly #libc: Libc
  readonly #number: number

  constructor(libc: Libc, number: number) {
    this.#libc = libc
    this.#number = number
  }

  createHashMap(shape: HashMapShape): number {
    return this.createMap({ ...shape, type: hashMap })
  }

  createMap({ name, type, keyBytes, valueBytes, entriesMax, flags, inner }: MapShape): number {
    const attributes = this.#attributes()
      .u32(0, type)
      .u32(4, keyBytes)
      .u32(8, valueBytes)
      .u32(12, entriesMax)
      .u32(16, flags ?? 0)
      .u32(20, inner ?? 0)
      .text(28, name)
    return this.#withMemory('BPF_MAP_CREATE', command.mapCreate, attributes)
  }

  mapInfo(map: number): MapInfo {
    const info = this.#info(map, new Attributes(this.#libc, infoBytes))
    return {
      type: info.readUInt32LE(0),
      id: info.readUInt32LE(4),
      keyBytes: info.readUInt32LE(8),
      valueBytes: info.readUInt32LE(12),
      entriesMax: info.readUInt32LE(16),
      flags: info.readUInt32LE(20),
    }
  }

  openMap(id: number): number | null {
    const attributes = this.#attributes().u32(0, id)
    return this.#tried('BPF_MAP_GET_FD_BY_ID', command.mapById, attributes, [ERRNO.ENOENT])
  }

  freeze(map: number): void {
    this.#must('BPF_MAP_FREEZE', command.mapFreeze, this.#attributes().u32(0, map))
  }

  update(map: number, key: Buffer, value: Buffer, mode: BpfMode): boolean {
    const attributes = this.#keyed(map, key)
      .pointer(16, value)
      .u64(24, mode === 'only-add' ? onlyAdd : 0)
    const errors = [ERRNO.EEXIST, ERRNO.E2BIG]
    return this.#tried('BPF_MAP_UPDATE_ELEM', command.mapUpdate, attributes, errors) !== null
  }

  lookUp(map: number, key: Buffer, valueBytes: number): Buffer | null {
    const value = Buffer.alloc(valueBytes)
    const attributes = this.#keyed(map, key).pointer(16, value)
    const found = this.#tried('BPF_MAP_LOOKUP_ELEM', command.mapLookUp, attributes, [ERRNO.ENOENT])
    return found === null ? null : value
  }

  remove(map: number, key: Buffer): boolean {
    const attributes = this.#keyed(map, key)
    return this.#tried('BPF_MAP_DELETE_ELEM', command.mapDelete, attributes, [ERRNO.ENOENT]) !== null
  }

  keys(map: number, keyBytes: number, max: number): Buffer[] {
    const keys = new Map<string, Buffer>()
    let last: Buffer | null = null
    // A key that is removed under our hands sends the kernel back to the beginning: hence a bound on the steps.
    for (let step = 0; step < 2 * max && keys.size < max; step += 1) {
      const next = Buffer.alloc(keyBytes)
      const attributes = this.#attributes().u32(0, map).pointer(16, next)
      if (last !== null) attributes.pointer(8, last)
      const found = this.#tried('BPF_MAP_GET_NEXT_KEY', command.mapNextKey, attributes, [ERRNO.ENOENT])
      if (found === null) break
      keys.set(next.toString('hex'), next)
      last = next
    }
    return [...keys.values()]
  }

  loadDeviceProgram(name: string, code: Buffer): number {
    return this.loadProgram({ name, type: cgroupDeviceProgram, attachType: cgroupDeviceAttach, code })
  }

  loadProgram({ name, type, attachType, code }: ProgramShape): number {
    const license = Buffer.from('GPL\0')
    const attributes = this.#attributes()
      .u32(0, type)
      .u32(4, code.length / 8)
      .pointer(8, code)
      .pointer(16, license)
      .text(48, name)
      .u32(68, attachType)
    let loaded = this.#result(command.programLoad, attributes)
    for (let again = 0; loaded.errno === ERRNO.EAGAIN && again < interruptionsMax; again += 1)
      loaded = this.#result(command.programLoad, attributes)
    if (loaded.value >= 0) return loaded.value
    // Again, to be told why: writing the log costs the verifier time that a good program need not pay.
    const log = Buffer.alloc(verifierLogBytes)
    attributes.u32(24, 1).u32(28, log.length).pointer(32, log)
    try {
      return this.#withMemory('BPF_PROG_LOAD', command.programLoad, attributes)
    } catch (cause) {
      if (!(cause instanceof ShoukouError)) throw cause
      const end = log.indexOf(0)
      const said = log.toString('latin1', 0, end < 0 ? log.length : end).trim()
      throw new ShoukouError(cause.code, cause.message, {
        context: { ...cause.context, verifier: said.slice(-500) },
        cause,
      })
    }
  }

  createLink(program: number, cgroup: number, attachType: number = cgroupDeviceAttach): number {
    const attributes = this.#attributes().u32(0, program).u32(4, cgroup).u32(8, attachType)
    return this.#must('BPF_LINK_CREATE', command.linkCreate, attributes)
  }

  updateLink(link: number, program: number): boolean {
    const attributes = this.#attributes().u32(0, link).u32(4, program)
    const errors = [ERRNO.ENOLINK]
    return this.#tried('BPF_LINK_UPDATE', command.linkUpdate, attributes, errors) !== null
  }

  detachLink(link: number): boolean {
    const errors = [ERRNO.EINVAL, ERRNO.EOPNOTSUPP]
    return (
      this.#tried('BPF_LINK_DETACH', command.linkDetach, this.#attributes().u32(0, link), errors) !== null
    )
  }

  attach(program: number, cgroup: number): void {
    const attributes = this.#attachment(program, cgroup).u32(12, allowMulti)
    this.#must('BPF_PROG_ATTACH', command.attach, attributes)
  }

  detach(program: number, cgroup: number): void {
    this.#must('BPF_PROG_DETACH', command.detach, this.#attachment(program, cgroup))
  }

  attachedTo(cgroup: number): number[] {
    const ids = Buffer.alloc(4 * programsPerCgroupMax)
    const attributes = this.#attributes()
      .u32(0, cgroup)
      .u32(4, cgroupDeviceAttach)
      .pointer(16, ids)
      .u32(24, programsPerCgroupMax)
    this.#must('BPF_PROG_QUERY', command.query, attributes)
    const count = Math.min(attributes.bytes.readUInt32LE(24), programsPerCgroupMax)
    return Array.from({ length: count }, (_, index) => ids.readUInt32LE(4 * index))
  }

  pin(fd: number, path: string): void {
    const attributes = this.#attributes()
      .pointer(0, Buffer.from(`${path}\0`))
      .u32(8, fd)
    this.#must('BPF_OBJ_PIN', command.pin, attributes)
  }

  openPinned(path: string): number | null {
    const attributes = this.#attributes().pointer(0, Buffer.from(`${path}\0`))
    return this.#tried('BPF_OBJ_GET', command.get, attributes, [ERRNO.ENOENT])
  }

  mapId(map: number): number {
    return this.#info(map, new Attributes(this.#libc, infoBytes)).readUInt32LE(4)
  }

  programInfo(program: number): ProgramInfo {
    const mapIds = Buffer.alloc(4 * 16)
    const asked = new Attributes(this.#libc, infoBytes).u32(52, 16).pointer(56, mapIds)
    const info = this.#info(program, asked)
    return {
      id: info.readUInt32LE(4),
      tag: info.toString('hex', 8, 16),
      mapIds: Array.from({ length: Math.min(info.readUInt32LE(52), 16) }, (_, index) =>
        mapIds.readUInt32LE(4 * index),
      ),
    }
  }

  linkInfo(link: number): LinkInfo {
    const info = this.#info(link, new Attributes(this.#libc, infoBytes))
    return {
      id: info.readUInt32LE(4),
      programId: info.readUInt32LE(8),
      cgroupId: info.readBigUInt64LE(16),
      attachType: info.readUInt32LE(24),
    }
  }

  close(fd: number): void {
    closeSync(fd)
  }

  #attributes(): Attributes {
    return new Attributes(this.#libc)
  }

  #keyed(map: number, key: Buffer): Attributes {
    return this.#attributes().u32(0, map).pointer(8, key)
  }

  #attachment(program: number, cgroup: number): Attributes {
    return this.#attributes().u32(0, cgroup).u32(4, program).u32(8, cgroupDeviceAttach)
  }

  #info(fd: number, info: Attributes): Buffer {
    const attributes = this.#attributes().u32(0, fd).u32(4, infoBytes).pointer(8, info.bytes)
    this.#must('BPF_OBJ_GET_INFO_BY_FD', command.infoByFd, attributes)
    return info.bytes
  }

  #result(which: number, attributes: Attributes) {
    return this.#libc.syscall(this.#number, which, attributes.bytes, attributes.bytes.length)
  }

  #must(call: string, which: number, attributes: Attributes): number {
    const { value, errno } = this.#result(which, attributes)
    if (value < 0) throw unavailable(call, errno)
    return value
  }

  /** Returns null where the call failed with one of these. */
  #tried(call: string, which: number, attributes: Attributes, errors: readonly number[]): number | null {
    const { value, errno } = this.#result(which, attributes)
    if (value >= 0) return value
    if (errors.includes(errno)) return null
    throw unavailable(call, errno)
  }

  /** Until Linux 5.11 maps and programs count as locked memory, of which a service may have as little as 64 KiB. */
  #withMemory(call: string, which: number, attributes: Attributes): number {
    const first = this.#result(which, attributes)
    if (first.value >= 0) return first.value
    if (first.errno !== ERRNO.EPERM && first.errno !== ERRNO.ENOMEM) throw unavailable(call, first.errno)
    const unlimited = Buffer.alloc(16, 0xff)
    this.#libc.setrlimit(RLIMIT_MEMLOCK, unlimited)
    return this.#must(call, which, attributes)
  }
}

function unavailable(call: string, errno: number, reason?: string): ShoukouError {
  return new ShoukouError(
    'control-unavailable',
    reason === undefined
      ? `The kernel refused ${call} (errno ${errno}).`
      : `The kernel can't be asked: ${reason}.`,
    { context: { call, errno, remedy: remedyFor(errno) } },
  )
}

function remedyFor(errno: number): string {
  switch (errno) {
    case ERRNO.EPERM:
    case ERRNO.EACCES:
      return 'Run the agent as root with CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN; no other program may hold the cgroup for itself alone.'
    case ERRNO.ENOMEM:
    case ERRNO.E2BIG:
    case ERRNO.ENOSPC:
      return 'Give the agent more memory (LimitMEMLOCK=infinity), or remove rights that are no longer needed.'
    default:
      return 'Use a kernel of Linux 4.15 or later with CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF, and a cgroup2 tree.'
  }
}

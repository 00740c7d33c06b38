/**
 * The guard in force, as an object: its rights, its refusals, how it stands. Putting it in force and finding that of an
 * earlier run is `device-guard-linux.ts`.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { Libc } from '../base/libc-linux.ts'
import type { Bpf } from './bpf-linux.ts'
import type {
  DeviceGuard,
  GuardEntry,
  GuardFeatures,
  GuardKey,
  GuardState,
  Refusal,
  Refusals,
} from './device-guard.ts'
import {
  countBytes,
  decodeEntry,
  decodeKey,
  encodeEntry,
  encodeKey,
  entryBytes,
  guardEntriesMax,
  keyBytes,
  refusedDevicesMax,
} from './guard-program.ts'

/** What one guard is made of in the kernel: descriptors. */
export interface GuardParts {
  readonly entries: number
  readonly refusals: number
  /** How much of each count was told: kept in the kernel too, so that the next run does not tell it again. */
  readonly told: number
  readonly program: number
  /** null: attached without a link (Linux before 5.7). */
  readonly link: number | null
}

const CLOCK_MONOTONIC = 1
const CLOCK_BOOTTIME = 7

/** From this many counted devices on, those that are quiet give their place back. */
const crowded = Math.floor((refusedDevicesMax * 3) / 4)

export class LiveDeviceGuard implements DeviceGuard {
  readonly features: GuardFeatures
  readonly #bpf: Bpf
  readonly #libc: Libc
  readonly #parts: GuardParts
  readonly #readState: () => GuardState
  readonly #told = new Map<string, bigint>()
  /** Told to the caller, and not yet kept: that is done when the caller comes again, so nothing gets lost between. */
  readonly #unkept = new Set<string>()
  #isClosed = false

  constructor(options: {
    readonly bpf: Bpf
    readonly libc: Libc
    readonly parts: GuardParts
    readonly features: GuardFeatures
    readonly readState: () => GuardState
  }) {
    this.features = options.features
    this.#bpf = options.bpf
    this.#libc = options.libc
    this.#parts = options.parts
    this.#readState = options.readState
    for (const key of this.#bpf.keys(this.#parts.told, keyBytes, refusedDevicesMax + 1)) {
      const value = this.#bpf.lookUp(this.#parts.told, key, countBytes)
      if (value !== null) this.#told.set(key.toString('hex'), value.readBigUInt64LE(0))
    }
  }

  set(entry: GuardEntry): void {
    if (entry.ownerPid !== null && !this.features.hasOwner)
      throw lacking('tell which process opens a device', 'Use Linux 6.1 or later.')
    if (entry.untilBootMs !== null && !this.features.hasLease)
      throw lacking('let a right end by itself', 'Use Linux 5.4 or later.')
    const value = encodeEntry(entry, this.#clockAheadNs())
    if (!this.#bpf.update(this.#parts.entries, encodeKey(entry.key), value, 'any'))
      throw lacking(`hold more than ${guardEntriesMax} rights`, 'Take away rights that are no longer needed.')
  }

  remove(key: GuardKey): boolean {
    return this.#bpf.remove(this.#parts.entries, encodeKey(key))
  }

  entries(): GuardEntry[] {
    const ahead = this.#clockAheadNs()
    return this.#bpf.keys(this.#parts.entries, keyBytes, guardEntriesMax).flatMap((bytes) => {
      const key = decodeKey(bytes)
      const value = this.#bpf.lookUp(this.#parts.entries, bytes, entryBytes)
      return key === null || value === null ? [] : [decodeEntry(key, value, ahead)]
    })
  }

  refusals(): Refusals {
    this.#keepTold()
    const opens: Refusal[] = []
    let total = 0
    const keys = this.#bpf.keys(this.#parts.refusals, keyBytes, refusedDevicesMax + 1)
    for (const bytes of keys) {
      const count = this.#newlyRefused(bytes)
      const key = decodeKey(bytes)
      total += count
      if (count > 0 && key !== null) opens.push({ ...key, count })
      if (count === 0 && key !== null && keys.length >= crowded) this.#forget(bytes)
    }
    opens.sort((a, b) => b.count - a.count || a.major - b.major || a.minor - b.minor)
    return { opens, total }
  }

  state(): GuardState {
    return this.#readState()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#keepTold()
    const { entries, refusals, told, program, link } = this.#parts
    for (const fd of [entries, refusals, told, program]) this.#bpf.close(fd)
    if (link !== null) this.#bpf.close(link)
  }

  #newlyRefused(key: Buffer): number {
    const value = this.#bpf.lookUp(this.#parts.refusals, key, countBytes)
    if (value === null) return 0
    const name = key.toString('hex')
    const count = value.readBigUInt64LE(0)
    const told = this.#told.get(name) ?? 0n
    if (count === told) return 0
    this.#told.set(name, count)
    this.#unkept.add(name)
    // Less than told: somebody has taken the count away, and it began anew.
    return Number(count > told ? count - told : count)
  }

  #keepTold(): void {
    const value = Buffer.alloc(countBytes)
    for (const name of this.#unkept) {
      value.writeBigUInt64LE(this.#told.get(name) ?? 0n)
      this.#bpf.update(this.#parts.told, Buffer.from(name, 'hex'), value, 'any')
    }
    this.#unkept.clear()
  }

  /** A refusal in the microsecond between the look and this is not counted; its device was quiet since the last call. */
  #forget(key: Buffer): void {
    this.#bpf.remove(this.#parts.refusals, key)
    this.#bpf.remove(this.#parts.told, key)
    this.#told.delete(key.toString('hex'))
  }

  #clockAheadNs(): bigint {
    if (this.features.leaseClock !== 'monotonic') return 0n
    return this.#nowNs(CLOCK_BOOTTIME) - this.#nowNs(CLOCK_MONOTONIC)
  }

  #nowNs(clock: number): bigint {
    const cell = Buffer.alloc(16)
    this.#libc.clockGettime(clock, cell)
    return cell.readBigInt64LE(0) * 1_000_000_000n + cell.readBigInt64LE(8)
  }
}

function lacking(what: string, remedy: string): ShoukouError {
  return new ShoukouError('control-unavailable', `The device guard can't ${what}.`, { context: { remedy } })
}

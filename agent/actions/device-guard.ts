/**
 * The words of the device guard: what may be opened (entries), what was refused, how it stands. Pure.
 *
 * The guard is a program in the kernel that is asked at each opening of a block or character device, whoever opens it.
 * What it promises and what it does not is docs/device-guard.md; its bytes are `guard-program.ts`; putting it in force
 * is `device-guard-linux.ts`.
 */
import assert from 'node:assert/strict'
import type { MediumRight } from '@shoukou/protocol'

export type DeviceType = 'block' | 'character'

export interface GuardKey {
  readonly type: DeviceType
  readonly major: number
  /** `everyMinor`: all of the major that have no entry of their own. */
  readonly minor: number
}

/** One right. What is refused by default (every block device, no character device) needs none. */
export interface GuardEntry {
  readonly key: GuardKey
  readonly right: MediumRight
  /** Process id of the only process that may; null: every process may. */
  readonly ownerPid: number | null
  /** ms since boot, suspend included (CLOCK_BOOTTIME), at which the right ends by itself; null: it does not. */
  readonly untilBootMs: number | null
}

/** An entry to begin with. */
export interface InitialEntry extends GuardEntry {
  /** Given only because the disk was in use: a lease that a guard of an earlier run holds for it stays what it is. */
  readonly isSpared: boolean
}

/** What this kernel lets the program know. An entry that needs what is not there is refused by `set`. */
export interface GuardFeatures {
  /** It can tell which process asks (`ownerPid`): Linux 6.1 and later. */
  readonly hasOwner: boolean
  /** It can let a right end by itself (`untilBootMs`): Linux 5.4 and later. */
  readonly hasLease: boolean
  /** `monotonic` stands still while the computer sleeps, so a lease lasts longer by that time: before Linux 5.8. */
  readonly leaseClock: 'boottime' | 'monotonic' | 'none'
}

/** Tries of one device that were refused since the last call. */
export interface Refusal {
  readonly type: DeviceType
  readonly major: number
  readonly minor: number
  readonly count: number
}

export interface Refusals {
  /** By device, most first. */
  readonly opens: readonly Refusal[]
  /** All, those of devices beyond the table's size included. */
  readonly total: number
}

/**
 * `in-force`; `unpinned`: it stands as long as this process, its pin was taken away; `detached`: it no longer refuses
 * anything. The last two are never this program's doing.
 */
export type GuardState = 'in-force' | 'unpinned' | 'detached'

/** Every call is a handful of system calls of microseconds, and throws ShoukouError `control-unavailable`. */
export interface DeviceGuard {
  readonly features: GuardFeatures
  /** Adds or replaces one entry: in force when it returns. @throws also where `features` lack what the entry needs. */
  set(entry: GuardEntry): void
  /** Takes an entry away: what is open stays open. Reports whether it was there. */
  remove(key: GuardKey): boolean
  entries(): GuardEntry[]
  /** Returns what was refused since the last call, by this run or an earlier one. */
  refusals(): Refusals
  state(): GuardState
  /** Lets go of the guard: it stays in force. `removeDeviceGuard` ends it. */
  close(): void
}

export interface DeviceGuardOptions {
  /** A cgroup2 folder: the guard holds for everything in it. Default: the root of the cgroup2 tree. */
  readonly cgroup?: string
  /** Folder in a BPF file system where the guard is kept; made, and the file system mounted, where absent. */
  readonly pins?: string
  /** In the map before the program is in force: from `planGuard`. */
  readonly initial: readonly InitialEntry[]
}

export type GuardOutcome =
  | {
      readonly kind: 'in-force'
      readonly guard: DeviceGuard
      /** A guard of an earlier run was in force without a gap until now. */
      readonly wasThere: boolean
      readonly features: GuardFeatures
    }
  | { readonly kind: 'absent'; readonly reason: string; readonly remedy: string }

/** The minor number that stands for all of a major. Real ones have 20 bits. */
export const everyMinor = 0xffff_ffff

/** Returns the key of a device by its number as sysfs writes it: `8:16`. A number that is none is a broken invariant. */
export function guardKeyOf(type: DeviceType, number: string): GuardKey {
  const match = /^(\d{1,10}):(\d{1,10})$/.exec(number)
  assert(match, `not a device number: ${number}`)
  return { type, major: Number(match[1]), minor: Number(match[2]) }
}

/** Returns a key as one word, for sets and maps: `block 8:16`. */
export function nameOfKey(key: GuardKey): string {
  return `${key.type} ${key.major}:${key.minor === everyMinor ? '*' : key.minor}`
}

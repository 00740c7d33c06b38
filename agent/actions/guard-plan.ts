/**
 * What the guard begins with: which disks may be opened from the first moment on, and which nodes beside disks are shut.
 * Pure; the reading is `disk-numbers-linux.ts` and `disks-in-use-linux.ts`.
 *
 * The computer's own disks stay open, each by its own numbers (partitions with the extended major 259 share it with
 * other disks). What lies on disks (loop, device mapper, md) and in memory is open by its major: the kernel opens the disk beneath in the
 * name of who sets it up, and is refused there. A disk in use is never refused: a computer that loses its root is of no
 * use to anybody. It is told as spared, for the record and for the decision that follows.
 */
import type { RawText } from '@shoukou/protocol'
import { type DeviceType, everyMinor, guardKeyOf, type InitialEntry } from './device-guard.ts'

export interface NamedNumber {
  readonly name: string
  /** `8:16` */
  readonly number: string
}

/** Every number by which the bytes of one disk can be reached. */
export interface DiskNumbers extends NamedNumber {
  /** The kernel's running number of disks and media; null before Linux 5.15. */
  readonly diskSequence: number | null
  readonly partitions: readonly NamedNumber[]
  /** Nodes that let commands through to it: `sg1`, `bsg/0:0:0:0`, `nvme0`, `ng0n1`. */
  readonly characters: readonly NamedNumber[]
  /** Disks and partitions that it lies on: of a mapped disk its parts, of a loop device the disk behind it. */
  readonly liesOn: readonly string[]
  /** Mapped disks that lie on it or on its partitions. */
  readonly holders: readonly string[]
}

export interface GuardDisk extends DiskNumbers {
  /** In the baseline. Means nothing for what lies on other disks. */
  readonly isOwn: boolean
}

export interface NumberInUse {
  readonly number: string
  readonly why: 'mounted' | 'swap'
  /** Where it is mounted, or the swap's path. */
  readonly where: RawText
}

export interface SparedDisk extends NamedNumber {
  /** Every use of it, of its partitions and of what lies on them. */
  readonly uses: readonly NumberInUse[]
}

export interface GuardPlan {
  readonly entries: readonly InitialEntry[]
  /** Disks that are not the computer's own, and stay open because they are in use. */
  readonly spared: readonly SparedDisk[]
  /** Disks that nobody will be able to open. */
  readonly refused: readonly NamedNumber[]
  /** Kinds of nodes whose major the kernel has not named yet: ask `majorEntries` again when modules were loaded. */
  readonly unnamed: readonly string[]
}

/** Drivers of block devices without bytes of their own but in memory, as /proc/devices names them. */
const stackedDrivers: readonly string[] = ['loop', 'device-mapper', 'md', 'mdp', 'bcache', 'ramdisk', 'zram']

/** Nodes that let SCSI commands through, and tapes, changers: numbers that never change. */
const fixedCharacterMajors = { sg: 21, st: 9, ch: 86, osst: 206 } as const

/**
 * The same with numbers given out at start. Not among them: `mei` (no storage behind it), `rpmb` (only in soldered
 * flash, and the firmware needs it), the management nodes of RAID adapters (disks behind them are the computer's own).
 */
const namedCharacterDrivers: readonly string[] = ['bsg', 'nvme', 'nvme-generic']

/** Where a computer lives: the Filesystem Hierarchy Standard's folders that it can't do without, and swap. */
const systemFolders: readonly string[] = [
  '/boot',
  '/efi',
  '/etc',
  '/home',
  '/opt',
  '/root',
  '/srv',
  '/usr',
  '/var',
]

/** Reports whether a use is one that the computer itself hangs on; a stick mounted below /mnt or /media is none. */
export function isForSystem({ why, where }: NumberInUse): boolean {
  if (why === 'swap' || where === '/') return true
  if (typeof where !== 'string') return false
  return systemFolders.some((folder) => where === folder || where.startsWith(`${folder}/`))
}

/** Returns what to put into the map before the guard is in force. */
export function planGuard(input: {
  readonly disks: readonly GuardDisk[]
  readonly procDevices: string
  readonly inUse: readonly NumberInUse[]
}): GuardPlan {
  const { disks, procDevices, inUse } = input
  const majors = parseProcDevices(procDevices)
  const stacked = new Set(stackedDrivers.flatMap((driver) => majors.block.get(driver) ?? []))
  const isStacked = (disk: GuardDisk): boolean => stacked.has(guardKeyOf('block', disk.number).major)
  const diskOf = new Map(
    disks.flatMap((disk) => [disk, ...disk.partitions].map(({ number }) => [number, disk] as const)),
  )
  const uses = usesOfDisks(diskOf, inUse)
  const isOpen = (disk: GuardDisk): boolean => disk.isOwn || uses.has(disk)
  const entries: InitialEntry[] = [...majorEntries(procDevices)]
  const spared: SparedDisk[] = []
  const refused: NamedNumber[] = []
  for (const disk of disks) {
    const { name, number } = disk
    if (isStacked(disk)) {
      if (uses.has(disk) || [...beneath(disk, diskOf)].every((each) => each !== null && isOpen(each)))
        continue
      // Its own entry counts before that of its major.
      entries.push(...entriesOf(disk, { right: 'none', isSpared: false }))
      refused.push({ name, number })
    } else if (isOpen(disk)) {
      entries.push(...entriesOf(disk, { right: 'read-write', isSpared: !disk.isOwn }))
      if (!disk.isOwn) spared.push({ name, number, uses: uses.get(disk) ?? [] })
    } else refused.push({ name, number })
  }
  return {
    entries,
    spared,
    refused,
    unnamed: namedCharacterDrivers.filter((driver) => !majors.character.has(driver)),
  }
}

/**
 * Returns the entries of whole majors: what lies on disks may be opened, what lets commands through may not. The same
 * again after modules were loaded, as drivers are given majors then.
 */
export function majorEntries(procDevices: string): InitialEntry[] {
  const { block, character } = parseProcDevices(procDevices)
  const guarded = [
    ...Object.values(fixedCharacterMajors),
    ...namedCharacterDrivers.flatMap((driver) => character.get(driver) ?? []),
  ]
  return [
    ...stackedDrivers
      .flatMap((driver) => block.get(driver) ?? [])
      .map((major) => wildcard('block', major, 'read-write')),
    ...guarded.map((major) => wildcard('character', major, 'none')),
  ]
}

/** Returns the entries of one disk, of its partitions and of its nodes, for everybody and without end. */
export function entriesOf(
  disk: Pick<DiskNumbers, 'number' | 'partitions' | 'characters'>,
  { right, isSpared }: Pick<InitialEntry, 'right' | 'isSpared'>,
): InitialEntry[] {
  const entry = (type: DeviceType, number: string): InitialEntry => ({
    key: guardKeyOf(type, number),
    right,
    ownerPid: null,
    untilBootMs: null,
    isSpared,
  })
  return [
    ...[disk, ...disk.partitions].map(({ number }) => entry('block', number)),
    ...disk.characters.map(({ number }) => entry('character', number)),
  ]
}

function wildcard(type: DeviceType, major: number, right: InitialEntry['right']): InitialEntry {
  return {
    key: { type, major, minor: everyMinor },
    right,
    ownerPid: null,
    untilBootMs: null,
    isSpared: false,
  }
}

/** Returns the uses of each disk that is in use, directly or by what lies on it. */
function usesOfDisks(
  diskOf: ReadonlyMap<string, GuardDisk>,
  inUse: readonly NumberInUse[],
): Map<GuardDisk, NumberInUse[]> {
  const uses = new Map<GuardDisk, NumberInUse[]>()
  for (const use of inUse) {
    const disk = diskOf.get(use.number)
    if (disk === undefined) continue
    for (const each of new Set([disk, ...beneath(disk, diskOf)])) {
      if (each !== null) uses.set(each, [...(uses.get(each) ?? []), use])
    }
  }
  return uses
}

/** Returns the disks that one lies on in the end, itself left out; null among them stands for one that is not known. */
function beneath(disk: GuardDisk, diskOf: ReadonlyMap<string, GuardDisk>): Set<GuardDisk | null> {
  const seen = new Set<GuardDisk>([disk])
  const lowest = new Set<GuardDisk | null>()
  const waiting = [...disk.liesOn]
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const found = diskOf.get(number) ?? null
    if (found !== null && seen.has(found)) continue
    if (found !== null) seen.add(found)
    if (found !== null && found.liesOn.length > 0) waiting.push(...found.liesOn)
    else lowest.add(found)
  }
  return lowest
}

interface DriverMajors {
  readonly character: ReadonlyMap<string, readonly number[]>
  readonly block: ReadonlyMap<string, readonly number[]>
}

/** /proc/devices: two lists of `major driver`; a driver may have several. */
function parseProcDevices(text: string): DriverMajors {
  const character = new Map<string, number[]>()
  const block = new Map<string, number[]>()
  let list = character
  for (const line of text.split('\n')) {
    if (line.startsWith('Block devices')) list = block
    const match = /^\s*(\d{1,5}) (\S+)$/.exec(line)
    const [, major, driver] = match ?? []
    if (major !== undefined && driver !== undefined)
      list.set(driver, [...(list.get(driver) ?? []), Number(major)])
  }
  return { character, block }
}

/**
 * Puts the device guard in force, finds the one of an earlier run, ends it.
 *
 * A guard is two maps and a program on a cgroup, pinned, so that it outlives the agent. It is taken over where program,
 * maps and cgroup are those that this version would make; else the new one is put in force beside it first, and as both
 * must allow an opening, there is no instant without one.
 */
import { closeSync, openSync } from 'node:fs'
import { ShoukouError } from '@shoukou/protocol'
import { ERRNO, type Libc, loadLibc } from '../base/libc-linux.ts'
import { type Bpf, openBpf } from './bpf-linux.ts'
import type {
  DeviceGuardOptions,
  GuardFeatures,
  GuardOutcome,
  GuardState,
  InitialEntry,
} from './device-guard.ts'
import { nameOfKey } from './device-guard.ts'
import { type GuardParts, LiveDeviceGuard } from './device-guard-live-linux.ts'
import {
  cgroupIdOf,
  defaultPins,
  findCgroup,
  newPinPath,
  type PinName,
  pinNames,
  pinPath,
  preparePins,
  publishPin,
  removePinFolder,
  unpin,
} from './device-guard-places-linux.ts'
import {
  countBytes,
  entryBytes,
  featureSteps,
  guardEntriesMax,
  guardProgram,
  keyBytes,
  overflowKey,
  refusedDevicesMax,
} from './guard-program.ts'

/** How the program is held on its cgroup: `link` from Linux 5.7 on; `attachment` before. */
export type GuardHold = 'link' | 'attachment'

/**
 * Puts the guard in force, with `initial` in its map before it refuses anything. Never throws for what the kernel lacks.
 *
 * On taking over, rights without end that are not in `initial` are taken away; leases stay until they end.
 */
export async function openDeviceGuard(
  options: DeviceGuardOptions & { readonly hold?: GuardHold },
): Promise<GuardOutcome> {
  try {
    return await open(options)
  } catch (error) {
    if (error instanceof ShoukouError && error.code === 'control-unavailable') {
      const { remedy, verifier } = error.context
      const said = typeof verifier === 'string' && verifier !== '' ? ` The kernel says: ${verifier}` : ''
      return { kind: 'absent', reason: `${error.message}${said}`, remedy: String(remedy ?? '') }
    }
    throw error
  }
}

/** Ends the guard, whoever still holds it open. Reports whether there was one. */
export async function removeDeviceGuard(
  options: { readonly pins?: string; readonly cgroup?: string } = {},
): Promise<boolean> {
  const pins = options.pins ?? defaultPins
  const bpf = await openBpf()
  const link = bpf.openPinned(pinPath(pins, 'link'))
  const program = bpf.openPinned(pinPath(pins, 'program'))
  if (link !== null) {
    bpf.detachLink(link)
    bpf.close(link)
  } else if (program !== null) {
    withCgroup(findCgroup(options.cgroup), (cgroup) => detachWhereAttached(bpf, program, cgroup))
  }
  if (program !== null) bpf.close(program)
  const wasThere = unpin(pinNames.flatMap((name) => [pinPath(pins, name), newPinPath(pins, name)]))
  removePinFolder(pins)
  return wasThere
}

interface Surroundings {
  readonly bpf: Bpf
  readonly libc: Libc
  readonly folder: string
  readonly pins: string
}

async function open(options: DeviceGuardOptions & { readonly hold?: GuardHold }): Promise<GuardOutcome> {
  const around: Surroundings = {
    bpf: await openBpf(),
    libc: await loadLibc(),
    folder: findCgroup(options.cgroup),
    pins: options.pins ?? defaultPins,
  }
  await preparePins(around.pins)
  const earlier = openEarlier(around)
  try {
    return putInForce(around, options, earlier)
  } catch (error) {
    if (earlier !== null) closeParts(around.bpf, earlier)
    throw error
  }
}

/** Takes over the guard found, or replaces it. */
function putInForce(
  around: Surroundings,
  options: DeviceGuardOptions & { readonly hold?: GuardHold },
  earlier: GuardParts | null,
): GuardOutcome {
  if (earlier !== null) {
    const features = featuresIfOurs(around, earlier)
    if (features !== null) {
      const guard = live(around, earlier, features)
      takeOver(guard, options.initial)
      return { kind: 'in-force', guard, wasThere: true, features }
    }
  }
  const { parts, features, guard } = makeGuard(around, options)
  try {
    replacePins(around, parts, earlier)
  } catch (error) {
    // In force and not kept would be a guard that nobody knows of.
    if (parts.link === null)
      withCgroup(around.folder, (cgroup) => detachWhereAttached(around.bpf, parts.program, cgroup))
    guard.close()
    throw error
  }
  if (earlier !== null) closeParts(around.bpf, earlier)
  return { kind: 'in-force', guard, wasThere: false, features }
}

/** Opens what is pinned, where all of it is. */
function openEarlier({ bpf, pins }: Surroundings): GuardParts | null {
  const fds = new Map<PinName, number>()
  for (const name of pinNames) {
    const fd = bpf.openPinned(pinPath(pins, name))
    if (fd !== null) fds.set(name, fd)
  }
  const [entries, refusals, told, program] = (['entries', 'refusals', 'told', 'program'] as const).map(
    (name) => fds.get(name),
  )
  if (entries === undefined || refusals === undefined || told === undefined || program === undefined) {
    for (const fd of fds.values()) bpf.close(fd)
    return null
  }
  return { entries, refusals, told, program, link: fds.get('link') ?? null }
}

/**
 * Returns what the guard found can do, where it is the very one that this version would make; else null.
 *
 * The kernel is the judge: the same program is loaded over the same maps, and the digests are compared.
 */
function featuresIfOurs(around: Surroundings, earlier: GuardParts): GuardFeatures | null {
  const { bpf } = around
  try {
    const loaded = loadProgram(bpf, earlier)
    const ours = bpf.programInfo(loaded.program)
    bpf.close(loaded.program)
    const theirs = bpf.programInfo(earlier.program)
    const isSame = ours.tag === theirs.tag && String(ours.mapIds) === String(theirs.mapIds)
    return isSame && isAttached(around, earlier) ? loaded.features : null
  } catch (error) {
    // Pins of another shape than ours: they are replaced.
    if (error instanceof ShoukouError && error.code === 'control-unavailable') return null
    throw error
  }
}

function isAttached({ bpf, folder }: Surroundings, parts: GuardParts): boolean {
  const { id } = bpf.programInfo(parts.program)
  if (parts.link === null) return withCgroup(folder, (cgroup) => bpf.attachedTo(cgroup).includes(id))
  const link = bpf.linkInfo(parts.link)
  return link.programId === id && link.cgroupId === cgroupIdOf(folder)
}

function takeOver(guard: LiveDeviceGuard, initial: readonly InitialEntry[]): void {
  const there = new Map(guard.entries().map((entry) => [nameOfKey(entry.key), entry]))
  const wanted = new Set<string>()
  for (const entry of initial) {
    const name = nameOfKey(entry.key)
    wanted.add(name)
    const isLeased = (there.get(name)?.untilBootMs ?? null) !== null
    if (!(entry.isSpared && isLeased)) guard.set(entry)
  }
  for (const [name, entry] of there) {
    if (entry.untilBootMs === null && !wanted.has(name)) guard.remove(entry.key)
  }
}

function makeGuard(around: Surroundings, options: DeviceGuardOptions & { readonly hold?: GuardHold }) {
  const { bpf, folder } = around
  const fds: number[] = []
  try {
    const maps = makeMaps(bpf, fds)
    const { program, features } = loadProgram(bpf, maps)
    fds.push(program)
    bpf.update(maps.refusals, overflowKey, Buffer.alloc(countBytes), 'any')
    const unattached: GuardParts = { ...maps, program, link: null }
    const filling = live(around, unattached, features)
    for (const entry of options.initial) filling.set(entry)
    const link = withCgroup(folder, (cgroup) => {
      const held = options.hold === 'attachment' ? null : tryLink(bpf, program, cgroup)
      if (held === null) bpf.attach(program, cgroup)
      return held
    })
    const parts: GuardParts = { ...unattached, link }
    return { parts, features, guard: live(around, parts, features) }
  } catch (error) {
    // It is tried again and again: nothing may stay open each time.
    for (const fd of fds) bpf.close(fd)
    throw error
  }
}

function makeMaps(bpf: Bpf, fds: number[]): Pick<GuardParts, 'entries' | 'refusals' | 'told'> {
  const make = (name: string, valueBytes: number, entriesMax: number): number => {
    const fd = bpf.createHashMap({ name, keyBytes, valueBytes, entriesMax })
    fds.push(fd)
    return fd
  }
  return {
    entries: make('shoukou_entries', entryBytes, guardEntriesMax),
    refusals: make('shoukou_refused', countBytes, refusedDevicesMax + 1),
    told: make('shoukou_told', countBytes, refusedDevicesMax + 1),
  }
}

/** Loads the richest program that this kernel takes. */
function loadProgram(
  bpf: Bpf,
  maps: Pick<GuardParts, 'entries' | 'refusals'>,
): { readonly program: number; readonly features: GuardFeatures } {
  let refused: unknown
  for (const features of featureSteps) {
    try {
      return { program: bpf.loadDeviceProgram('shoukou_guard', guardProgram(maps, features)), features }
    } catch (error) {
      refused = error
    }
  }
  throw refused
}

/** Returns null on a kernel that has no such links. Any other refusal would meet the older way as well, and says more. */
function tryLink(bpf: Bpf, program: number, cgroup: number): number | null {
  try {
    return bpf.createLink(program, cgroup)
  } catch (error) {
    if (error instanceof ShoukouError && error.context['errno'] === ERRNO.EINVAL) return null
    throw error
  }
}

/** Pins the new guard over the old one, the old one being in force until the new one is whole. */
function replacePins(
  { bpf, folder, pins }: Surroundings,
  parts: GuardParts,
  earlier: GuardParts | null,
): void {
  for (const name of pinNames) {
    const fd = parts[name]
    unpin([newPinPath(pins, name)])
    if (fd !== null) bpf.pin(fd, newPinPath(pins, name))
  }
  for (const name of pinNames) {
    if (parts[name] === null) unpin([pinPath(pins, name)])
    else publishPin(pins, name)
  }
  if (earlier !== null && earlier.link === null)
    withCgroup(folder, (cgroup) => detachWhereAttached(bpf, earlier.program, cgroup))
}

function detachWhereAttached(bpf: Bpf, program: number, cgroup: number): void {
  if (bpf.attachedTo(cgroup).includes(bpf.programInfo(program).id)) bpf.detach(program, cgroup)
}

function live(around: Surroundings, parts: GuardParts, features: GuardFeatures): LiveDeviceGuard {
  const { bpf, libc } = around
  return new LiveDeviceGuard({ bpf, libc, parts, features, readState: () => readState(around, parts) })
}

function readState(around: Surroundings, parts: GuardParts): GuardState {
  if (!isAttached(around, parts)) return 'detached'
  return isPinned(around, parts) ? 'in-force' : 'unpinned'
}

function isPinned(around: Surroundings, parts: GuardParts): boolean {
  const { bpf } = around
  const pinned = openEarlier(around)
  if (pinned === null) return false
  try {
    return (
      bpf.mapId(pinned.entries) === bpf.mapId(parts.entries) &&
      bpf.programInfo(pinned.program).id === bpf.programInfo(parts.program).id &&
      (pinned.link === null) === (parts.link === null) &&
      isAttached(around, pinned)
    )
  } finally {
    closeParts(bpf, pinned)
  }
}

function closeParts(bpf: Bpf, { entries, refusals, told, program, link }: GuardParts): void {
  for (const fd of [entries, refusals, told, program]) bpf.close(fd)
  if (link !== null) bpf.close(link)
}

function withCgroup<T>(folder: string, act: (cgroup: number) => T): T {
  const cgroup = openSync(folder, 'r')
  try {
    return act(cgroup)
  } finally {
    closeSync(cgroup)
  }
}

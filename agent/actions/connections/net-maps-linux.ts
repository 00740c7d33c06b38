/**
 * The maps of the first net, made or found again, and the folder of pins that keeps them, the programs and the links.
 */
import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Bpf, MapShape } from '../bpf-linux.ts'
import { preparePins, removePinFolder, unpin } from '../device-guard-places-linux.ts'
import { approvedKeyBytes, approvedValueBytes, treeEntriesMax } from './approved-table.ts'
import {
  controlBytes,
  counterBytes,
  hookNames,
  processBytesMax,
  processKeyBytes,
  readStateBytes,
} from './connection-layout.ts'
import type { NetMaps } from './program-lines.ts'

export const defaultConnectionPins = '/sys/fs/bpf/shoukou/connections'
/** Some 58,000 events, if nobody reads. */
export const defaultRingBytes = 8 * 1024 * 1024

/** Descriptors. */
export interface AllMaps extends NetMaps {
  /** What the agent keeps here for its next run. */
  readonly state: number
}
export type MapName = keyof AllMaps

const type = {
  hash: 1,
  array: 2,
  perCpuArray: 6,
  lruHash: 9,
  lpmTrie: 11,
  arrayOfMaps: 12,
  ring: 27,
} as const
const noPreallocation = 1
/** Processes that the kernel remembers to have told; those that were quiet longest are told again. */
const processesTold = 8_192
/** Threads that tell of their process at one moment. */
const scratchesMax = 128
const slots = 2

const array = (valueBytes: number) => ({ type: type.array, keyBytes: 4, valueBytes, entriesMax: 1 })
const shapes: Readonly<Record<MapName, Omit<MapShape, 'name' | 'inner'>>> = {
  control: array(controlBytes),
  counters: { type: type.perCpuArray, keyBytes: 4, valueBytes: counterBytes, entriesMax: 1 },
  ring: { type: type.ring, keyBytes: 0, valueBytes: 0, entriesMax: defaultRingBytes },
  approved: { type: type.arrayOfMaps, keyBytes: 4, valueBytes: 4, entriesMax: slots },
  processes: { type: type.lruHash, keyBytes: processKeyBytes, valueBytes: 4, entriesMax: processesTold },
  scratch: { type: type.hash, keyBytes: 8, valueBytes: processBytesMax, entriesMax: scratchesMax },
  blank: array(processBytesMax),
  state: array(readStateBytes),
}
export const mapNames = Object.keys(shapes) as readonly MapName[]
/** Nobody writes these but the programs. */
const frozen: readonly MapName[] = ['counters', 'processes', 'scratch', 'blank']

export const firstKey: Buffer = Buffer.alloc(4)

/** Returns the names that a folder of pins holds. */
export const pinNames: readonly string[] = [
  ...mapNames,
  ...hookNames.flatMap((hook) => [`program-${hook}`, `link-${hook}`]),
]

/** Makes the folder, and mounts the BPF file system where there is none. */
export async function prepareFolder(pins: string): Promise<void> {
  await preparePins(dirname(pins))
  mkdirSync(pins, { recursive: true, mode: 0o700 })
}

/** Pins over what stands under the name. */
export function pinOver(bpf: Bpf, fd: number, pins: string, name: string): void {
  const fresh = join(pins, `${name}-new`)
  unpin([fresh])
  bpf.pin(fd, fresh)
  renameSync(fresh, join(pins, name))
}

/** Takes all pins away. Reports whether there was one. */
export function unpinAll(pins: string): boolean {
  const wasThere = unpin(pinNames.flatMap((name) => [join(pins, name), join(pins, `${name}-new`)]))
  removePinFolder(pins)
  return wasThere
}

/** Opens the maps of an earlier run; null where one is missing or not of this version's shape. */
export function openMaps(bpf: Bpf, pins: string): AllMaps | null {
  const fds = new Map<MapName, number>()
  for (const name of mapNames) {
    const fd = bpf.openPinned(join(pins, name))
    if (fd === null) continue
    if (isOurs(bpf, fd, name)) fds.set(name, fd)
    else bpf.close(fd)
  }
  if (fds.size === mapNames.length) return Object.fromEntries(fds) as unknown as AllMaps
  for (const fd of fds.values()) bpf.close(fd)
  return null
}

/** @throws ShoukouError `control-unavailable` where the kernel has no such maps. */
export function makeMaps(bpf: Bpf, ringBytes: number): AllMaps {
  const fds = new Map<MapName, number>()
  const tree = makeTree(bpf)
  try {
    for (const name of mapNames) {
      const shape = { ...shapes[name], name: `shoukou_${name}` }
      const special = name === 'ring' ? { entriesMax: ringBytes } : name === 'approved' ? { inner: tree } : {}
      fds.set(name, bpf.createMap({ ...shape, ...special }))
    }
    for (const name of frozen) bpf.freeze(fds.get(name) ?? -1)
    return Object.fromEntries(fds) as unknown as AllMaps
  } catch (error) {
    for (const fd of fds.values()) bpf.close(fd)
    throw error
  } finally {
    bpf.close(tree)
  }
}

/** Makes an empty tree of approved prefixes. */
export function makeTree(bpf: Bpf): number {
  return bpf.createMap({
    name: 'shoukou_tree',
    type: type.lpmTrie,
    keyBytes: approvedKeyBytes,
    valueBytes: approvedValueBytes,
    entriesMax: treeEntriesMax,
    flags: noPreallocation,
  })
}

export function closeMaps(bpf: Bpf, maps: AllMaps): void {
  for (const name of mapNames) bpf.close(maps[name])
}

/** How many processors the kernel keeps counters for. */
export function processorCount(): number {
  const text = readFileSync('/sys/devices/system/cpu/possible', 'latin1').trim()
  return text.split(',').reduce((sum, span) => {
    const [first = '0', last = first] = span.split('-')
    return sum + Number(last) - Number(first) + 1
  }, 0)
}

function isOurs(bpf: Bpf, fd: number, name: MapName): boolean {
  const info = bpf.mapInfo(fd)
  const wanted = shapes[name]
  return (
    info.type === wanted.type &&
    info.keyBytes === wanted.keyBytes &&
    info.valueBytes === wanted.valueBytes &&
    (name === 'ring' || info.entriesMax === wanted.entriesMax)
  )
}

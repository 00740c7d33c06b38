/**
 * Puts the first net in force, finds the one of an earlier run, ends it.
 *
 * The net is eight programs on a cgroup and their maps, pinned, so that it outlives the agent. An earlier one is taken
 * over with its rules, its counters and what waits in its ring; its links get the programs of this version in one step.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { ERRNO, loadLibc } from '../../base/libc-linux.ts'
import type { Poller } from '../../base/poll-linux.ts'
import { type Bpf, openBpf } from '../bpf-linux.ts'
import { findCgroup } from '../device-guard-places-linux.ts'
import { encodeReadState, type HookName, hookNames, idBytes } from './connection-layout.ts'
import type { Opened } from './connection-net.ts'
import { LiveConnectionNet } from './connection-net-live-linux.ts'
import {
  type AllMaps,
  closeMaps,
  defaultConnectionPins,
  defaultRingBytes,
  firstKey,
  makeMaps,
  openMaps,
  prepareFolder,
  unpinAll,
} from './net-maps-linux.ts'
import {
  defaultBtf,
  detachPinned,
  isUnavailable,
  type KernelKnowledge,
  type LoadedPrograms,
  loadPrograms,
  readKnowledge,
} from './net-programs-linux.ts'
import { NetRules } from './net-rules-linux.ts'
import { KernelRing } from './ring-linux.ts'
import { RingReader } from './ring-reader-linux.ts'

export interface ConnectionNetOptions {
  /** Waits at the ring for all: `LazyPoller.get()`. */
  readonly poller: Poller
  /** The cgroup2 folder to look at, with everything below it; the root of the tree if not given. */
  readonly cgroup?: string
  /** The folder of pins; `/sys/fs/bpf/shoukou/connections` if not given. */
  readonly pins?: string
  /** Of a new net: a power of two, at least a page. */
  readonly ringBytes?: number
  /** The kernel's description of its own structures; `/sys/kernel/btf/vmlinux` if not given. */
  readonly btf?: string
}

/**
 * Puts the net in force. One that is there already goes on with its rules, counters and what waits in its ring; a new one
 * begins with the first `setRules`, until when nothing is looked at. Never throws for what the kernel lacks.
 */
export async function openConnectionNet(options: ConnectionNetOptions): Promise<Opened<LiveConnectionNet>> {
  try {
    return { net: await open(options) }
  } catch (error) {
    if (!isUnavailable(error)) throw error
    const { verifier, errno, remedy } = error.context
    const said = typeof verifier === 'string' && verifier !== '' ? ` The kernel says: ${verifier}` : ''
    return {
      net: null,
      reason: `${error.message}${said}`,
      remedy: errno === ERRNO.EINVAL ? newerKernel : String(remedy ?? newerKernel),
    }
  }
}

const newerKernel =
  'Use a kernel of Linux 5.8 or later with CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF, and a cgroup2 tree.'

/** Ends the net, whoever still holds it open. Reports whether there was one. */
export async function removeConnectionNet(options: { readonly pins?: string } = {}): Promise<boolean> {
  const pins = options.pins ?? defaultConnectionPins
  detachPinned(await openBpf(), pins)
  return unpinAll(pins)
}

async function open(options: ConnectionNetOptions): Promise<LiveConnectionNet> {
  const bpf = await openBpf()
  const libc = await loadLibc()
  const cgroup = findCgroup(options.cgroup)
  const pins = options.pins ?? defaultConnectionPins
  await prepareFolder(pins)
  const earlier = openMaps(bpf, pins)
  const maps = earlier ?? makeMaps(bpf, options.ringBytes ?? defaultRingBytes)
  // Each attempt that fails gives back what it took: it is made again and again.
  const fds: number[] = []
  try {
    const rules = new NetRules(bpf, maps)
    if (earlier === null) beginState(bpf, maps)
    else rules.forgetPaths()
    const ringBytes = bpf.mapInfo(maps.ring).entriesMax
    const knowledge = readKnowledge(options.btf ?? defaultBtf)
    const programs = loadPrograms(bpf, { maps, ringBytes, path: knowledge.path })
    fds.push(...programs.fds.values())
    const links = openLinks(bpf, pins)
    fds.push(...links.values())
    const reader = new RingReader({
      bpf,
      stateMap: maps.state,
      ring: new KernelRing(libc, maps.ring, ringBytes),
      ringFd: maps.ring,
      poller: options.poller,
      onUnknownProcess: () => rules.forgetPaths(),
    })
    const lacks = lacksOf(knowledge, programs)
    const parts = { bpf, cgroup, pins, maps, programs: new Map(programs.fds), links, lacks, rules }
    return new LiveConnectionNet({ ...parts, nowMs: () => performance.now() }, reader)
  } catch (error) {
    for (const fd of fds) bpf.close(fd)
    closeMaps(bpf, maps)
    throw error
  }
}

function beginState(bpf: Bpf, maps: AllMaps): void {
  const state = { id: randomBytes(idBytes), sinceWallMs: Date.now(), position: 0n, reported: 0n }
  bpf.update(maps.state, firstKey, encodeReadState(state), 'any')
}

function openLinks(bpf: Bpf, pins: string): Map<HookName, number> {
  const links = new Map<HookName, number>()
  for (const hook of hookNames) {
    const fd = bpf.openPinned(join(pins, `link-${hook}`))
    if (fd !== null) links.set(hook, fd)
  }
  return links
}

function lacksOf(knowledge: KernelKnowledge, programs: LoadedPrograms): string[] {
  const missing = hookNames.filter((hook) => !programs.fds.has(hook)).map((hook) => hookLacks[hook])
  const paths = programs.hasPaths
    ? []
    : [
        'This kernel does not tell the path of a program at the moment it connects: programs that end at once have none.',
      ]
  const ping = knowledge.hasPingHook
    ? []
    : ['This kernel does not ask about ICMP sockets: only the packet net sees them.']
  return [...new Set(missing), ...paths, ...ping]
}

const hookLacks: Readonly<Record<HookName, string>> = {
  connect4: 'This kernel does not ask about connections over IPv4.',
  connect6: 'This kernel does not ask about connections over IPv6.',
  send4: 'This kernel does not ask about datagrams over IPv4.',
  send6: 'This kernel does not ask about datagrams over IPv6.',
  bind4: 'This kernel does not tell which program waits at a port.',
  bind6: 'This kernel does not tell which program waits at a port.',
  socket: 'This kernel does not ask about raw sockets.',
  tcp: 'This kernel does not tell which connections came about.',
}

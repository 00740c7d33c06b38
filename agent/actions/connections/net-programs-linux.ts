/**
 * The programs of the first net in the kernel: loaded, and held on the cgroup by links that outlive the agent.
 *
 * A link gets another program in one step (BPF_LINK_UPDATE): at no moment is there none.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { ERRNO } from '../../base/libc-linux.ts'
import type { Bpf } from '../bpf-linux.ts'
import { cgroupIdOf } from '../device-guard-places-linux.ts'
import { type HookName, hookNames, hooks } from './connection-layout.ts'
import { connectionProgram } from './connection-programs.ts'
import { type PathOffsets, parsePathOffsets } from './path-offsets.ts'
import type { ProgramOptions } from './program-lines.ts'

export const defaultBtf = '/sys/kernel/btf/vmlinux'

/** Descriptors of the programs that this kernel takes. */
export interface LoadedPrograms {
  readonly fds: ReadonlyMap<HookName, number>
  readonly hasPaths: boolean
}

/** What is known of the kernel's own structures. */
export interface KernelKnowledge {
  readonly path: PathOffsets | null
  /** Whether it asks about ICMP sockets too (Linux 6.1). */
  readonly hasPingHook: boolean
}

/** Reads the kernel's description of itself; nothing is known where there is none. */
export function readKnowledge(btf: string): KernelKnowledge {
  let bytes: Buffer
  try {
    bytes = readFileSync(btf)
  } catch (error) {
    if (!absent.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    return { path: null, hasPingHook: false }
  }
  return {
    path: parsePathOffsets(bytes),
    // One of the two may have been folded into another function when the kernel was built.
    hasPingHook: [4, 6].some((version) => bytes.includes(`\0ping_v${version}_pre_connect\0`, 0, 'latin1')),
  }
}
const absent = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'])

/**
 * Loads the richest programs that this kernel takes; those of hooks that it does not have are left out.
 *
 * @throws ShoukouError `control-unavailable` where not even connections over IPv4 can be asked about.
 */
export function loadPrograms(bpf: Bpf, options: ProgramOptions): LoadedPrograms {
  const steps = options.path === null ? [null] : [options.path, null]
  let refused: unknown
  for (const path of steps) {
    try {
      const first = load(bpf, 'connect4', { ...options, path })
      return { fds: loadOthers(bpf, { ...options, path }, first), hasPaths: path !== null }
    } catch (error) {
      if (!isRefusal(error)) throw error
      refused = error
    }
  }
  throw refused
}

function loadOthers(bpf: Bpf, options: ProgramOptions, first: number): Map<HookName, number> {
  const fds = new Map<HookName, number>([['connect4', first]])
  for (const hook of hookNames) {
    if (hook === 'connect4') continue
    try {
      fds.set(hook, load(bpf, hook, options))
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
  }
  return fds
}

function load(bpf: Bpf, hook: HookName, options: ProgramOptions): number {
  const code = connectionProgram(hook, options)
  return bpf.loadProgram({ name: `shoukou_${hook}`, ...hooks[hook], code })
}

/** How the link of a hook stands: it holds the program, another one, or nothing any more. */
export type LinkState = 'holds' | 'other-program' | 'detached'

export function linkState(
  bpf: Bpf,
  link: number,
  program: number,
  at: { readonly cgroup: string; readonly hook: HookName },
): LinkState {
  const info = bpf.linkInfo(link)
  if (info.cgroupId !== cgroupIdOf(at.cgroup) || info.attachType !== hooks[at.hook].attachType)
    return 'detached'
  return info.programId === bpf.programInfo(program).id ? 'holds' : 'other-program'
}

/** Puts a program in force by a new link. */
export function attach(bpf: Bpf, program: number, at: { readonly cgroup: string; readonly hook: HookName }) {
  const folder = openSync(at.cgroup, 'r')
  try {
    return bpf.createLink(program, folder, hooks[at.hook].attachType)
  } finally {
    closeSync(folder)
  }
}

/** Takes the links off, whoever still holds them open, and lets go of them. */
export function detachPinned(bpf: Bpf, pins: string): void {
  for (const hook of hookNames) {
    const link = bpf.openPinned(join(pins, `link-${hook}`))
    if (link === null) continue
    bpf.detachLink(link)
    bpf.close(link)
  }
}

/** The kernel does not take such a program; want of memory or of rights is no reason to do with less. */
function isRefusal(error: unknown): boolean {
  if (!isUnavailable(error)) return false
  const { errno } = error.context
  return errno === ERRNO.EINVAL || errno === ERRNO.EACCES || errno === ERRNO.E2BIG
}

export function isUnavailable(error: unknown): error is ShoukouError {
  return error instanceof ShoukouError && error.code === 'control-unavailable'
}

/**
 * Puts the first net in force, takes over the one of an earlier run, ends it.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { Poller } from '../../base/poll-linux.ts'
import type { ConnectionNet, Opened } from './connection-net.ts'

export interface ConnectionNetOptions {
  /** Waits at the ring for all: `LazyPoller.get()`. */
  readonly poller: Poller
  /** The cgroup2 folder to look at, with everything below it; the root of the tree if not given. */
  readonly cgroup?: string
  /** The folder of pins; `/sys/fs/bpf/shoukou/connections` if not given. */
  readonly pins?: string
  /** A power of two, at least a page. */
  readonly ringBytes?: number
  /** The kernel's description of its own structures; `/sys/kernel/btf/vmlinux` if not given. */
  readonly btf?: string
}

/**
 * Puts the net in force. One that is there already goes on with its rules, counters and what waits in its ring; a new one
 * lets everything pass uncounted until the first `setRules`. Never throws for what the kernel lacks.
 */
export async function openConnectionNet(options: ConnectionNetOptions): Promise<Opened<ConnectionNet>> {
  throw new ShoukouError('control-unavailable', `not yet ${String(options.cgroup)}`)
}

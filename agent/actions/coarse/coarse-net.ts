/**
 * Which programs connect, told by ways that sample: what is left where the kernel has no cgroup eBPF. Shapes only.
 *
 * `conntrack`: the kernel tells of each new flow, whoever's it is; its program is whoever holds that socket when it is
 * looked for, and null where it has gone. `socket-sweep`: the sockets that stand, four times a second. Neither judges:
 * everything but loopback is told, and `prohibited` in the totals is all of it.
 */
import type { LazyPoller } from '../../base/poll-linux.ts'
import type { ConnectionNet, Opened } from '../connections/connection-net.ts'

export interface CoarseNet {
  /** The way in use now: it changes when connection tracking begins or ends. */
  readonly method: 'conntrack' | 'socket-sweep'
  /** What it can't see, in sentences. */
  readonly lacks: readonly string[]
  readonly net: Pick<ConnectionNet, 'id' | 'sinceWallMs' | 'drain' | 'totals' | 'onReady'> & {
    close(): Promise<void>
  }
}

export interface CoarseNetOptions {
  readonly poller: LazyPoller
  /** Names this run: there is nothing in the kernel that outlives it. */
  readonly id: string
  readonly wallMs: () => number
  /** CLOCK_BOOTTIME, ns. */
  readonly bootNs: () => bigint
}

export type OpenCoarseNet = (options: CoarseNetOptions) => Promise<Opened<CoarseNet>>

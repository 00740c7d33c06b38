/**
 * Which programs connect, told by ways that sample: what is left where the kernel has no cgroup eBPF. Shapes only;
 * conntrack is in `conntrack-net-linux.ts`, the sweep over sockets in `socket-sweep-linux.ts`.
 */

import type { LazyPoller } from '../../base/poll-linux.ts'
import type { ConnectionNet, Opened } from '../connections/connection-net.ts'

export interface CoarseNet {
  readonly method: 'conntrack' | 'socket-sweep'
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

/** The packet net on a real kernel: our own two tables by nft(8), told by nfnetlink_log, watched over nf_tables events. */
import { ShoukouError } from '@shoukou/protocol'
import type { LazyPoller } from '../../base/poll-linux.ts'
import type { Opened } from '../connections/connection-net.ts'
import type { PacketNet } from './packet-net.ts'

export interface PacketNetOptions {
  readonly poller: LazyPoller
  /** Unix ms. */
  readonly wallMs: () => number
  /** Names an installation of the tables: a new one each time it is asked. */
  readonly newId: () => string
  /** File that keeps, over runs of the agent, what has been reported; null: each run counts from where it began. */
  readonly statePath: string | null
  /** First of the eight nfnetlink_log groups that are tried. */
  readonly logGroup?: number
  /** `nft` by default, looked for in PATH, /usr/sbin and /sbin. */
  readonly nftPath?: string
}

/** Opens the net; nothing is in force before `setRules`, but what an earlier run has left standing. */
export async function openPacketNet(_options: PacketNetOptions): Promise<Opened<PacketNet>> {
  await Promise.resolve()
  throw new ShoukouError('internal-error', 'The packet net is not there yet.')
}

/** Opens the coarser of the ways to see connections that this kernel has: conntrack events, else a sweep over sockets. */
import { ShoukouError } from '@shoukou/protocol'
import type { Opened } from '../connections/connection-net.ts'
import type { CoarseNet, CoarseNetOptions } from './coarse-net.ts'

export async function openCoarseNet(_options: CoarseNetOptions): Promise<Opened<CoarseNet>> {
  await Promise.resolve()
  throw new ShoukouError('internal-error', 'The coarse net is not there yet.')
}

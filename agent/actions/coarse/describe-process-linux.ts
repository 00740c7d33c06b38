/** Who holds a socket, as far as /proc still says. */
import { statSync } from 'node:fs'
import { bytesOfRawText } from '@shoukou/protocol'
import type { SocketOwner } from '../../base/socket-owners-linux.ts'
import type { ConnectionProcess } from '../connections/connection-net.ts'

/** Returns the process; null where it has gone meanwhile. The cgroup and the namespace are not asked for here: 0. */
export function describeProcess({ pid, program, path }: SocketOwner): ConnectionProcess | null {
  const owner = statSync(`/proc/${pid}`, { throwIfNoEntry: false })
  if (owner === undefined) return null
  return {
    pid,
    uid: owner.uid,
    gid: owner.gid,
    name: program === null ? Buffer.alloc(0) : Buffer.from(bytesOfRawText(program)),
    cgroupId: 0n,
    namespace: 0n,
    path: path === null ? null : Buffer.from(bytesOfRawText(path)),
  }
}

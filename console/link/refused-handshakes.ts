/** Says in the log that handshakes were refused: an operator must see it, and a stranger must not fill the disk with it. */
import type { TLSSocket } from 'node:tls'
import type { Log } from '../base/log.ts'

const quietMs = 10_000

/** Returns a listener for `tlsClientError`: one line at most each ten seconds, with how many it stands for. */
export function noteRefusedHandshakes(
  log: Log,
  monotonicMs: () => number,
): (error: Error, socket: TLSSocket) => void {
  let saidAt = Number.NEGATIVE_INFINITY
  let count = 0
  return (error, socket) => {
    count += 1
    const at = monotonicMs()
    if (at - saidAt < quietMs) return
    const { code } = error as NodeJS.ErrnoException
    log.warn({ code, address: socket.remoteAddress, count }, 'handshakes of agents refused')
    saidAt = at
    count = 0
  }
}

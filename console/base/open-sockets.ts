/**
 * The sockets of a server, from the first packet: a server that closes waits for all of them, also for those that have
 * said nothing yet, and nobody outside may decide how long a console takes to stop.
 */
import type { Server, Socket } from 'node:net'

/** Starts to keep track; the returned function ends whatever is open, and whatever still comes. */
export function trackSockets(server: Server): () => void {
  const open = new Set<Socket>()
  let isOver = false
  server.on('connection', (socket) => {
    if (isOver) socket.destroy()
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    isOver = true
    for (const socket of open) socket.destroy()
  }
}

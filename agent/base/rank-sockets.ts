/** Which sockets come first where not all fit: those that tell most about who speaks with whom. Pure. */
import {
  IPPROTO_TCP,
  IPPROTO_UDP,
  type KernelSocket,
  TCP_CLOSED,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_NEW_SYN_RECEIVED,
  TCP_SYN_RECEIVED,
  TCP_SYN_SENT,
} from './parse-sock-diag.ts'

/** Returns 0 (first) to 5: connected to others, below TCP and UDP, being connected, waiting, inside the computer, ending. */
export function rankSocket(socket: KernelSocket): number {
  if (socket.family === 'packet') return 1
  const isInside = isLoopback(socket.local) && (isLoopback(socket.peer) || socket.state === TCP_LISTEN)
  if (isInside) return 4
  if (socket.state === TCP_ESTABLISHED) return isLoopback(socket.peer) ? 4 : 0
  if (socket.protocol !== IPPROTO_TCP && socket.protocol !== IPPROTO_UDP) return 1
  if ([TCP_SYN_SENT, TCP_SYN_RECEIVED, TCP_NEW_SYN_RECEIVED].includes(socket.state)) return 2
  if (socket.state === TCP_LISTEN) return 3
  return socket.protocol === IPPROTO_UDP && socket.state === TCP_CLOSED ? 3 : 5
}

/** 127.0.0.0/8, ::1, and the first mapped into IPv6. */
export function isLoopback(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return bytes[0] === 127
  if (bytes.length !== 16 || bytes.subarray(0, 10).some((byte) => byte !== 0)) return false
  if (bytes[10] === 0xff && bytes[11] === 0xff) return bytes[12] === 127
  return bytes.subarray(10, 15).every((byte) => byte === 0) && bytes[15] === 1
}

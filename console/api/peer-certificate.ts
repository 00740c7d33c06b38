/** The client certificate of a request's connection. The handshake has proven that the far end holds its key, and nothing else. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'

/** Returns it, or null where none was shown. */
export function peerCertificateOf(request: Pick<FastifyRequest, 'socket'>): X509Certificate | null {
  const socket = request.socket as Partial<Pick<TLSSocket, 'getPeerX509Certificate'>>
  return socket.getPeerX509Certificate?.() ?? null
}

/** Opens the WebSocket to the console: mutual TLS 1.3, its certificate checked against the pinned authority and its name. */
import type { LookupFunction } from 'node:net'
import { LIMITS } from '@shoukou/protocol'
import { WebSocket } from 'ws'
import type { Identity } from './identity.ts'
import type { LinkTrouble } from './link-state.ts'

/**
 * Starts a connection; it is open when the socket says so. `lookup` answers for the console's name where the system's own
 * way must not be relied on; whoever answers is still held to the certificate for that name.
 */
export function connectToConsole(
  identity: Pick<Identity, 'host' | 'agentPort' | 'key' | 'certificate' | 'authority'>,
  lookup?: LookupFunction,
): WebSocket {
  const { host, agentPort, key, certificate, authority } = identity
  const name = host.includes(':') ? `[${host}]` : host
  return new WebSocket(`wss://${name}:${agentPort}/agent`, {
    key,
    cert: certificate,
    ca: authority,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytesMax,
    handshakeTimeout: LIMITS.helloMsMax,
    followRedirects: false,
    ...(lookup === undefined ? {} : { lookup }),
  })
}

/** Words a failed connection for an operator; the system's code stays in it. */
export function troubleOf(fault: Error): LinkTrouble {
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : 'connection-failed'
  const isUntrusted = untrusted.has(code)
  const isRefusedByPeer = /^ERR_SSL_.*ALERT/.test(code)
  if (isUntrusted)
    return {
      code: 'authority-mismatch',
      message: `The console's certificate is not to be trusted (${code}).`,
      needsSomebody: true,
    }
  if (code.endsWith('CERTIFICATE_REVOKED'))
    return {
      code: 'certificate-revoked',
      message:
        'The console revoked this computer’s certificate; it goes on recording, and must be enrolled anew.',
      needsSomebody: true,
    }
  if (isRefusedByPeer)
    return {
      code: 'unknown-agent',
      message: `The console refused this agent's certificate (${code}).`,
      needsSomebody: true,
    }
  return { code, message: fault.message.slice(0, 200), needsSomebody: false }
}

const untrusted = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

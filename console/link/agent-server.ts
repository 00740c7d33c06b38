/**
 * Where agents connect: TLS 1.3 with a client certificate of this console's authority, required in the handshake, then
 * one WebSocket each. Who an agent is comes from its certificate and from nothing it says.
 */
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import { LIMITS, type SentCeiling, ShoukouError } from '@shoukou/protocol'
import { WebSocketServer } from 'ws'
import type { Log } from '../base/log.ts'
import { trackSockets } from '../base/open-sockets.ts'
import type { Ingest } from '../ingest/ports.ts'
import type { Store } from '../store/ports.ts'
import { AgentConnection, type WitnessPort } from './agent-connection.ts'
import type { IdentityGate, ProtectionPort } from './ports.ts'
import { noteRefusedHandshakes } from './refused-handshakes.ts'

/** PEM, all. */
export interface AgentTls {
  readonly key: string
  readonly certificate: string
  readonly authority: string
  /** Certificates that no handshake accepts (RFC 5280); null where there are none. */
  readonly revoked: string | null
}

export interface AgentServerOptions {
  readonly tls: AgentTls
  readonly identity: IdentityGate
  readonly host: string
  readonly port: number
  readonly store: Store
  readonly ingest: Ingest
  readonly log: Log
  readonly now: () => number
  readonly monotonicMs: () => number
  /** As `ConnectionOptions.ceilingsFor`. */
  readonly ceilingsFor?: (version: number | null) => readonly SentCeiling[]
  /** As `ConnectionOptions.welcomed`. */
  readonly welcomed?: (agent: string) => Promise<void>
  /** As `ConnectionOptions.protection`. */
  readonly protection?: ProtectionPort
  readonly witnesses?: WitnessPort
}

export interface AgentServer {
  readonly port: number
  isConnected(agent: string): boolean
  /** When an agent was last heard since this server listens, by the given monotonic clock, ms; null where never. */
  lastHeardMs(agent: string): number | null
  /** Sends the newest policy to an agent that is connected; false where it is not. */
  sendPolicy(agent: string): Promise<boolean>
  /** Sends the ceilings that connected agents do not hold. */
  sendCeilings(): void
  /** Sends a signed command (envelope as JSON text); false where the agent is not connected. */
  sendCommand(agent: string, envelope: string): boolean
  /** Refuses these certificates in handshakes from now on. */
  refuse(revoked: string): void
  /** Ends the connections of an agent, told why; false where it has none. */
  disconnect(agent: string, reason: ShoukouError): boolean
  close(): Promise<void>
}

/** Listens. Rejects with the system's error where the port can't be had. */
export async function listenForAgents(options: AgentServerOptions): Promise<AgentServer> {
  const server = createServer({
    ...contextOf(options.tls),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: LIMITS.helloMsMax,
    maxHeaderSize: 8_192,
    connectionsCheckingInterval: slowCheckMs,
  })
  server.maxConnections = connectionsMax
  const endSockets = trackSockets(server)
  server.on('tlsClientError', noteRefusedHandshakes(options.log, options.monotonicMs))
  // First of the listeners: before a byte of it is read.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const { serialNumber } = socket.getPeerCertificate()
    if (!options.identity.isEnded(serialNumber)) return
    options.identity.refused(serialNumber, socket.remoteAddress ?? '')
    socket.destroy()
  })
  server.headersTimeout = LIMITS.helloMsMax
  server.requestTimeout = LIMITS.helloMsMax
  server.on('request', (_request, response) => {
    response.writeHead(426, { connection: 'close' }).end()
  })
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.frameBytesMax,
    perMessageDeflate: false,
    clientTracking: false,
    skipUTF8Validation: false,
  })
  const connections = new Map<string, AgentConnection>()
  /** Also those that have not said hello. */
  const open = new Set<AgentConnection>()
  const heard = new Map<string, number>()
  server.on('upgrade', (request, socket, head) => {
    // Of a socket that was destroyed no certificate is left, and what it had sent may still be parsed.
    const { serialNumber: serial, raw } = socket.destroyed
      ? { serialNumber: undefined, raw: undefined }
      : (socket as TLSSocket).getPeerCertificate()
    // Only a browser names the page that asks, and no page has business here, whatever certificate its browser holds.
    const isPage = request.headers.origin !== undefined
    if (request.url !== '/agent' || isPage || serial === undefined || raw === undefined) {
      socket.destroy()
      return
    }
    sockets.handleUpgrade(request, socket, head, (peer) => {
      const connection = new AgentConnection(peer, {
        ...options,
        certificate: { serial, raw, address: request.socket.remoteAddress ?? '' },
        address: request.socket.remoteAddress ?? '',
        heard: (agent) => heard.set(agent, options.monotonicMs()),
      })
      open.add(connection)
      connection
        .run(
          (agent) => adopt(connections, agent, connection),
          (agent) => connections.get(agent) ?? null,
        )
        .catch((error: unknown) => {
          options.log.error({ err: error }, 'agent connection failed')
          connection.close(new ShoukouError('internal-error'))
        })
        .finally(() => open.delete(connection))
    })
  })
  await listen(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    lastHeardMs: (agent) => heard.get(agent) ?? null,
    isConnected: (agent) => connections.has(agent),
    sendPolicy: async (agent) => {
      const connection = connections.get(agent)
      if (connection === undefined) return false
      await connection.sendPolicyIfNewer()
      return true
    },
    refuse: (revoked) => server.setSecureContext(contextOf({ ...options.tls, revoked })),
    disconnect: (agent, reason) => {
      // Also one that has said hello and waits for its place.
      const its = [...open].filter((connection) => connection.agent === agent)
      for (const connection of its) connection.close(reason)
      return its.length > 0
    },
    sendCeilings: () => {
      for (const connection of connections.values()) connection.sendCeilings()
    },
    sendCommand: (agent, envelope) => connections.get(agent)?.sendCommand(envelope) ?? false,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const ending = [...open]
      for (const connection of ending) connection.close(new ShoukouError('console-stopping'))
      await Promise.race([Promise.all(ending.map((connection) => connection.done)), delay(closeMsMax)])
      endSockets()
      await closed
    },
  }
}

const closeMsMax = 2_000
/** How often half-sent requests are looked for. */
const slowCheckMs = 2_000
/** Twice the agents that one console is made for. */
const connectionsMax = 20_000

/**
 * One connection an agent: a newer one takes the older one's place, once what the older one brought is stored. Resolves
 * to what to call when it ends: false where it has lost its place itself.
 */
async function adopt(
  connections: Map<string, AgentConnection>,
  agent: string,
  connection: AgentConnection,
): Promise<() => boolean> {
  const older = connections.get(agent)
  connections.set(agent, connection)
  older?.close(new ShoukouError('superseded-connection'))
  await older?.done
  return () => connections.get(agent) === connection && connections.delete(agent)
}

function contextOf({ key, certificate, authority, revoked }: AgentTls): SecureContextOptions {
  return {
    key,
    cert: certificate,
    ca: authority,
    minVersion: 'TLSv1.3',
    ...(revoked === null ? {} : { crl: revoked }),
  }
}

function listen(server: Server, { host, port }: AgentServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}

/**
 * The console's end of the link, for the agent's own tests: real TLS 1.3, real frames, and a script of misbehaviour.
 * The real console joins in the integration tests.
 */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import {
  type ConsoleFrame,
  chainHashOf,
  type ErrorCode,
  encodeFrame,
  errorFrame,
  type HelloFrame,
  headAfter,
  LIMITS,
  type Position,
  parseAgentFrame,
  parseRecord,
  parseRecordsFrame,
  type Record,
} from '@shoukou/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import type { TestAuthority } from './test-authority.ts'

export interface StandInConsole {
  readonly port: number
  readonly hellos: HelloFrame[]
  readonly records: Record[]
  readonly errors: { readonly code: string; readonly message: string }[]
  readonly frames: { readonly count: number; readonly gap: unknown; readonly at: number }[]
  heartbeats: number
  /** What it says to have stored, by epoch. */
  readonly stored: Map<string, Position>
  /** Whether it acknowledges; off, the agent's window fills. */
  acknowledges: boolean
  window: { records: number; bytes: number }
  /** Answers the next hello with this error instead of a welcome. */
  refuseWith: ErrorCode | null
  send(frame: ConsoleFrame | string): void
  drop(): void
  acknowledge(): void
  readonly connections: number
  close(): Promise<void>
}

/** To an agent a receipt is opaque: the stand-in writes the number into it. */
export function standInReceipt(seq: number): string {
  return seq.toString(16).padStart(64, '0')
}

export async function startStandInConsole(
  authority: TestAuthority,
  port = 0,
  names = ['localhost'],
): Promise<StandInConsole> {
  const server = createServer({
    ...(await authority.server(names)),
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  })
  const sockets = new WebSocketServer({
    server,
    path: '/agent',
    maxPayload: LIMITS.frameBytesMax,
    perMessageDeflate: false,
  })
  let current: WebSocket | null = null
  let connections = 0
  let epoch = ''
  const self: StandInConsole = {
    get port() {
      return (server.address() as AddressInfo).port
    },
    get connections() {
      return connections
    },
    hellos: [],
    records: [],
    errors: [],
    frames: [],
    heartbeats: 0,
    stored: new Map(),
    acknowledges: true,
    window: { records: 100, bytes: 1_000_000 },
    refuseWith: null,
    send: (frame) => current?.send(typeof frame === 'string' ? frame : encodeFrame(frame)),
    drop: () => current?.terminate(),
    acknowledge: () => {
      const stored = self.stored.get(epoch)
      if (stored !== undefined) self.send({ v: 1, type: 'ack', stored, receipt: standInReceipt(stored.seq) })
    },
    close: () => {
      for (const socket of sockets.clients) socket.terminate()
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
  sockets.on('connection', (socket) => {
    current = socket
    connections += 1
    socket.on('message', (data, isBinary) => {
      if (isBinary) takeRecords(data as Buffer)
      else takeFrame((data as Buffer).toString('utf8'))
    })
  })

  function takeFrame(text: string): void {
    const frame = parseAgentFrame(text)
    if (frame.type === 'heartbeat') self.heartbeats += 1
    if (frame.type === 'error') self.errors.push(frame)
    if (frame.type !== 'hello') return
    self.hellos.push(frame)
    epoch = frame.journal.epoch
    if (self.refuseWith !== null) return self.send(errorFrame(self.refuseWith, 'As the test says.'))
    self.send({
      v: 1,
      type: 'welcome',
      consoleVersion: '0.1.0',
      stored: self.stored.get(epoch) ?? null,
      window: self.window,
      heartbeatMs: 100,
      wallMs: Date.now(),
      receipt: self.stored.has(epoch) ? standInReceipt(self.stored.get(epoch)?.seq ?? 0) : null,
    })
  }

  function takeRecords(data: Buffer): void {
    const { header, records } = parseRecordsFrame(data)
    const before = self.stored.get(epoch)
    if (header.firstSeq !== (before?.seq ?? 0) + 1 && header.gap === null) throw new Error('out of sequence')
    if (before !== undefined && header.gap === null && header.headBefore !== before.head)
      throw new Error('chain broken')
    let head: Buffer = Buffer.from(header.headBefore, 'hex')
    records.forEach((raw, index) => {
      head = headAfter(head, header.firstSeq + index, raw, chainHashOf(epoch))
      self.records.push(parseRecord(raw))
    })
    self.frames.push({ count: records.length, gap: header.gap, at: performance.now() })
    self.stored.set(epoch, {
      epoch,
      seq: header.firstSeq + records.length - 1,
      head: head.toString('hex'),
    })
    if (self.acknowledges) self.acknowledge()
  }

  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  return self
}

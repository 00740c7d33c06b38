/** For tests: receivers that speak the real protocols on loopback, and a real store with violations. Not part of the product. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createTcp, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createServer as createTls } from 'node:tls'
import { createAuthority, issueServerCertificate, type KeyAndCertificate } from '../pki/authority.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'

export interface TestPki {
  readonly authority: KeyAndCertificate
  readonly server: KeyAndCertificate
}

let pkiOnce: Promise<TestPki> | undefined

/** A real authority and a server's certificate for `localhost`. */
export function testPki(): Promise<TestPki> {
  pkiOnce ??= makePki()
  return pkiOnce
}

async function makePki(): Promise<TestPki> {
  const authority = await createAuthority('Receivers', Date.now())
  return {
    authority,
    server: await issueServerCertificate(authority, ['localhost', '127.0.0.1'], Date.now()),
  }
}

export interface StreamReceiver {
  readonly port: number
  /** What was read of connections that ended in order. */
  read(): Buffer
  /** Resets whatever is open and listens no more. */
  kill(): Promise<void>
}

export interface StreamReceiverOptions {
  /** Left out: plain. */
  readonly pki?: TestPki
  readonly port?: number
  /** A client certificate of this authority is asked for. */
  readonly clientCa?: string
  readonly maxVersion?: 'TLSv1.2'
  /** Reads nothing and never closes. */
  readonly isDeaf?: boolean
  /** What it has read is added here, as it is read. */
  readonly into?: Buffer[]
}

export async function startStreamReceiver(options: StreamReceiverOptions = {}): Promise<StreamReceiver> {
  const { pki, isDeaf = false, into = [], clientCa, maxVersion } = options
  const open = new Set<Socket>()
  const take = (socket: Socket): void => {
    socket.on('error', () => undefined)
    if (isDeaf) socket.pause()
    else socket.on('data', (chunk: Buffer) => into.push(chunk))
  }
  const server: Server =
    pki === undefined
      ? createTcp(take)
      : createTls(
          {
            key: pki.server.key,
            cert: pki.server.certificate,
            ...(maxVersion === undefined ? {} : { maxVersion }),
            ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
          },
          take,
        )
  server.on('tlsClientError', () => undefined)
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => open.delete(socket))
  })
  const port = await listen(server, options.port ?? 0)
  return {
    port,
    read: () => Buffer.concat(into),
    kill: async () => {
      for (const socket of open) socket.resetAndDestroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** Splits a stream of RFC 5425 frames; throws where it is none. */
export function readFrames(stream: Buffer): string[] {
  const messages: string[] = []
  let at = 0
  while (at < stream.length) {
    const space = stream.indexOf(0x20, at)
    const length = Number(stream.subarray(at, space).toString('latin1'))
    if (!/^[1-9]\d*$/.test(stream.subarray(at, space).toString('latin1')))
      throw new Error(`no length at ${at}`)
    messages.push(stream.subarray(space + 1, space + 1 + length).toString('utf8'))
    at = space + 1 + length
  }
  return messages
}

export interface TestStore extends AsyncDisposable {
  readonly store: Store
  readonly folder: string
  readonly path: string
  /** Adds violations of JM-0001; returns their ids. */
  addViolations(count: number, product?: string): number[]
  endViolation(id: number): void
}

export async function startTestStore(): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-forward-'))
  const path = join(folder, 'console.db')
  const store = await openSqliteStoreHere(path)
  const raw = new DatabaseSync(path)
  raw.exec('pragma busy_timeout=5000')
  raw.exec(
    "insert into computers (agent, number, hostname, certificate_serial, certificate, enrolled_at, status, policy_version, level, network_mode, coverage) values ('a-1', 'JM-0001', 'host', '01', '', 1, 'online', 1, 'secret', 'standalone', '[]')",
  )
  let made = 0
  const add = raw.prepare(
    "insert into violations (agent, key, type, severity, level, policy_version, evidence, occurred_at, received_at) values ('a-1', ?, 'agent-silent', 'high', 'secret', 1, ?, 1, 2)",
  )
  return {
    store,
    folder,
    path,
    addViolations(count, product = 'Stick') {
      raw.exec('begin immediate')
      const ids = Array.from({ length: count }, () => {
        made += 1
        return Number(add.run(`k-${made}`, JSON.stringify({ n: made, product })).lastInsertRowid)
      })
      raw.exec('commit')
      return ids
    },
    endViolation: (id) => void raw.prepare('update violations set ended_at = 9 where id = ?').run(id),
    async [Symbol.asyncDispose]() {
      raw.close()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

/**
 * An agent made by hand: real key, real certificate, real TLS, and full control of every byte that it sends. For what
 * the product's own agent would never do.
 */
import { randomUUID, webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import {
  type AckFrame,
  type ConsoleFrame,
  chainHashOf,
  type EnrolmentAnswer,
  encodeFrame,
  encodeRecord,
  encodeRecordsFrame,
  type Fact,
  genesisHead,
  type HelloFrame,
  headAfter,
  type Position,
  PROTOCOL_VERSION,
  parseConsoleFrame,
  parseEnrolmentToken,
  type Record,
  type RecordsHeader,
  type WelcomeFrame,
} from '@shoukou/protocol'
import { WebSocket } from 'ws'
import type { RunningConsole } from '../../console/main.ts'
import type { TestConsole } from './console.ts'
import { recordOf } from './facts.ts'

export interface RawIdentity {
  readonly answer: EnrolmentAnswer
  readonly key: string
}

/** Enrols by the wire alone. */
export async function enrolRaw(console: TestConsole, token: string, baseline?: object): Promise<RawIdentity> {
  return enrolAt(console.address, console.authority, token, baseline)
}

/** Enrols at a console of which only the address and the authority are known. */
export async function enrolAt(
  address: string,
  authority: string,
  token: string,
  baseline?: object,
): Promise<RawIdentity> {
  x509.cryptoProvider.set(webcrypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=agent',
    keys,
    signingAlgorithm: algorithm,
  })
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  )
  const { Agent, request: httpsRequest } = await import('node:https')
  const body = JSON.stringify({
    v: 1,
    secret: parseEnrolmentToken(token).secret,
    certificateRequest: request.toString('pem'),
    agentVersion: '0.1.0',
    hostname: 'raw-agent',
    baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [], ...baseline },
  })
  const answer = await new Promise<EnrolmentAnswer>((resolve, reject) => {
    const call = httpsRequest(
      `${address}/api/enroll`,
      {
        method: 'POST',
        agent: new Agent({ ca: authority }),
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          if (response.statusCode === 200) resolve(JSON.parse(text) as EnrolmentAnswer)
          else reject(new Error(`${response.statusCode} ${text}`))
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
  return { answer, key }
}

/** A journal in memory: makes records, knows every head. */
export class RawJournal {
  readonly agent: string
  readonly epoch: string
  readonly raws: Buffer[] = []
  readonly heads: Buffer[]

  constructor(agent: string, epoch: string = randomUUID()) {
    this.agent = agent
    this.epoch = epoch
    this.heads = [genesisHead(agent, epoch)]
  }

  append(fact: Fact, more: Partial<Record> = {}): Buffer {
    const seq = this.raws.length + 1
    return this.appendRaw(
      encodeRecord(
        recordOf(fact, { agent: this.agent, epoch: this.epoch, seq, wallMs: Date.now(), ...more }),
      ),
    )
  }

  appendRaw(raw: Buffer): Buffer {
    this.raws.push(raw)
    this.heads.push(
      headAfter(this.heads.at(-1) ?? Buffer.alloc(32), this.raws.length, raw, chainHashOf(this.epoch)),
    )
    return raw
  }

  position(seq = this.raws.length): Position {
    return { epoch: this.epoch, seq, head: this.heads[seq]?.toString('hex') ?? '' }
  }

  /** A frame of records `from` … `to`. */
  frame(from: number, to: number, more: Partial<RecordsHeader> = {}): Buffer {
    return encodeRecordsFrame(
      {
        epoch: this.epoch,
        firstSeq: from,
        headBefore: this.position(from - 1).head,
        headAfter: this.position(to).head,
        gap: null,
        ...more,
      },
      this.raws.slice(from - 1, to),
    )
  }
}

export interface RawLink extends AsyncDisposable {
  send(message: string | Buffer): void
  /** The next frame of the given type; others before it are passed over. Rejects when the connection closes first. */
  next<T extends ConsoleFrame['type']>(type: T): Promise<Extract<ConsoleFrame, { type: T }>>
  /** Resolves to the close code and reason. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  hello(journal: RawJournal, more?: Partial<HelloFrame>): Promise<WelcomeFrame>
  records(frame: Buffer): Promise<AckFrame>
}

const waitMsMax = 10_000

/** As much of a console as an agent knows. */
export interface AgentDoor {
  readonly authority: string
  readonly running: Pick<RunningConsole, 'agentPort'>
}

/** Connects by mutual TLS; rejects where the handshake is refused. */
export async function connectRaw(console: AgentDoor, identity: RawIdentity | null): Promise<RawLink> {
  const socket = new WebSocket(`wss://localhost:${console.running.agentPort}/agent`, {
    ca: console.authority,
    minVersion: 'TLSv1.3',
    ...(identity === null ? {} : { cert: identity.answer.certificate, key: identity.key }),
  })
  const frames: ConsoleFrame[] = []
  let wake = (): void => {}
  let isClosed = false
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      isClosed = true
      wake()
      resolve({ code, reason: reason.toString() })
    })
  })
  socket.on('message', (data) => {
    frames.push(parseConsoleFrame((data as Buffer).toString('utf8')))
    wake()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  socket.on('error', () => socket.terminate())
  const next = async <T extends ConsoleFrame['type']>(
    type: T,
  ): Promise<Extract<ConsoleFrame, { type: T }>> => {
    const until = Date.now() + waitMsMax
    for (;;) {
      for (let frame = frames.shift(); frame !== undefined; frame = frames.shift()) {
        if (frame.type === type) return frame as Extract<ConsoleFrame, { type: T }>
        if (frame.type === 'error') throw new Error(`${frame.code}: ${frame.message}`)
      }
      if (isClosed) throw new Error(`closed before ${type}`)
      if (Date.now() > until) throw new Error(`no ${type} within ${waitMsMax} ms`)
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, 1_000)
      })
    }
  }
  const send = (message: string | Buffer): void => socket.send(message)
  return {
    send,
    next,
    closed,
    hello: async (journal, more = {}) => {
      send(
        encodeFrame({
          v: PROTOCOL_VERSION,
          type: 'hello',
          agentVersion: '0.1.0',
          bootId: 'b1',
          journal: journal.position(),
          policyVersion: 1,
          wallMs: Date.now(),
          receipt: null,
          ...more,
        }),
      )
      return next('welcome')
    },
    records: async (frame) => {
      send(frame)
      return next('ack')
    },
    [Symbol.asyncDispose]: async () => {
      socket.close()
      const timer = setTimeout(() => socket.terminate(), 2_000)
      await closed
      clearTimeout(timer)
    },
  }
}

/**
 * A simulated agent: its journal is a chain as every agent's is, its link the real one (mutual TLS, a certificate of the console),
 * and it obeys the policies that it is sent as far as telling of them goes. It touches nothing on this computer, and keeps on no
 * disk what it tells: the console has it.
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  type ConsoleFrame,
  type Coverage,
  chainHashOf,
  type Decision,
  encodeFrame,
  encodeRecord,
  encodeRecordsFrame,
  type Fact,
  genesisHead,
  headAfter,
  nextSealKey,
  type Policy,
  type PolicySettings,
  type Position,
  PRODUCT_VERSION,
  PROTOCOL_VERSION,
  parseConsoleFrame,
  type SensorName,
  sealMac,
} from '@shoukou/protocol'
import { connectToConsole } from '../../agent/link/connect.ts'
import { mediaControl } from './facts.ts'

type Socket = ReturnType<typeof connectToConsole>

/** What is kept of an agent from one start of the demonstration to the next. */
export interface AgentIdentity {
  readonly agent: string
  readonly number: string
  /** PEM, all. */
  readonly key: string
  readonly certificate: string
}

export interface AgentStanding {
  readonly settings: Pick<PolicySettings, 'level' | 'networkMode' | 'modes'>
  readonly policyVersion: number
  /** Null: its journal begins. */
  readonly position: Position | null
  /** What it seals its journal with next; null: it was given no key. */
  readonly seal: SealKey | null
}

export interface SealKey {
  readonly index: number
  readonly key: Buffer
}

export interface AgentPeer {
  readonly port: number
  readonly authority: string
  readonly now: () => number
}

interface Wanted {
  readonly type: ConsoleFrame['type']
  readonly resolve: (frame: ConsoleFrame) => void
  readonly reject: (error: Error) => void
}

/** Records of one frame, and how long an answer may take. */
const frameRecords = 400
const answerMsMax = 60_000

export class DemoAgent {
  readonly identity: AgentIdentity
  readonly #peer: AgentPeer
  #settings: AgentStanding['settings']
  #policyVersion: number
  #epoch: string
  #seq: number
  #head: Buffer
  #bootId: string = randomUUID()
  #bootedAt: number
  /** Told and not stored, each with the head after it; all of them follow on `#sent`. */
  #waiting: { readonly raw: Buffer; readonly head: Buffer }[] = []
  #sent: { readonly seq: number; readonly head: Buffer }
  #seal: SealKey | null
  /** Records since the last seal. */
  #unsealed = 0
  /** When what it told last was, Unix ms. */
  #toldAt: number
  #socket: Socket | null = null
  #wanted: Wanted | null = null

  constructor(identity: AgentIdentity, standing: AgentStanding, peer: AgentPeer) {
    const { settings, policyVersion, position, seal } = standing
    this.identity = identity
    this.#peer = peer
    this.#settings = settings
    this.#policyVersion = policyVersion
    this.#epoch = position?.epoch ?? randomUUID()
    this.#seq = position?.seq ?? 0
    this.#head =
      position === null ? genesisHead(identity.agent, this.#epoch) : Buffer.from(position.head, 'hex')
    this.#sent = { seq: this.#seq, head: this.#head }
    this.#bootedAt = peer.now()
    this.#toldAt = peer.now()
    this.#seal = seal
  }

  get isEnforcing(): boolean {
    return this.#settings.modes.media === 'enforce'
  }

  get policyVersion(): number {
    return this.#policyVersion
  }

  get isConnected(): boolean {
    return this.#socket !== null
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** A start of the computer: what is told from now on is of another boot. */
  boot(atMs: number): void {
    this.#bootId = randomUUID()
    this.#bootedAt = atMs - 30_000
  }

  /** Writes a record; returns its number. */
  tell(told: {
    readonly atMs: number
    readonly fact: Fact
    readonly sensor: SensorName | 'agent'
    readonly decision: Decision | null
  }): number {
    this.#seq += 1
    this.#toldAt = told.atMs
    this.#unsealed += 1
    const { atMs, fact, sensor, decision } = told
    const raw = encodeRecord({
      v: 1,
      agent: this.identity.agent,
      epoch: this.#epoch,
      seq: this.#seq,
      wallMs: atMs,
      bootMs: Math.max(0, atMs - this.#bootedAt),
      bootId: this.#bootId,
      agentVersion: PRODUCT_VERSION,
      policyVersion: this.#policyVersion,
      level: this.#settings.level,
      networkMode: this.#settings.networkMode,
      ...{ sensor, fact, decision },
    })
    this.#head = headAfter(this.#head, this.#seq, raw, chainHashOf(this.#epoch))
    this.#waiting.push({ raw, head: this.#head })
    const seq = this.#seq
    if (this.#unsealed === frameRecords && fact.kind !== 'journal.sealed') this.#sealJournal()
    return seq
  }

  /** Where its record of this number stands. */
  placeOf(seq: number): { readonly agent: string; readonly epoch: string; readonly seq: number } {
    return { agent: this.identity.agent, epoch: this.#epoch, seq }
  }

  /** Connects and says hello. Rejects where the console does not answer. */
  async connect(): Promise<void> {
    const { key, certificate } = this.identity
    const { port, authority, now } = this.#peer
    const socket = connectToConsole({ host: 'localhost', agentPort: port, key, certificate, authority })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
    })
    this.#socket = socket
    socket.on('message', (data) => this.#take(parseConsoleFrame((data as Buffer).toString('utf8'))))
    socket.on('error', () => socket.terminate())
    socket.on('close', (code, reason) => {
      this.#socket = null
      this.#fail(new Error(`${this.identity.number}: the console closed (${code} ${reason.toString()})`))
    })
    const welcomed = this.#want('welcome')
    socket.send(
      encodeFrame({
        v: PROTOCOL_VERSION,
        type: 'hello',
        agentVersion: PRODUCT_VERSION,
        bootId: this.#bootId,
        journal: this.#position(),
        policyVersion: this.#policyVersion,
        wallMs: now(),
        receipt: null,
      }),
    )
    await welcomed
  }

  /** Seals what was told, and sends it; resolves once the console has stored it. */
  async deliver(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#unsealed > 0) this.#sealJournal()
      const sending = this.#waiting.slice(0, frameRecords)
      const head = sending.at(-1)?.head ?? this.#head
      const acknowledged = this.#want('ack')
      this.#socket?.send(
        encodeRecordsFrame(
          {
            epoch: this.#epoch,
            firstSeq: this.#sent.seq + 1,
            headBefore: this.#sent.head.toString('hex'),
            headAfter: head.toString('hex'),
            gap: null,
          },
          sending.map(({ raw }) => raw),
        ),
      )
      await acknowledged
      this.#sent = { seq: this.#sent.seq + sending.length, head }
      this.#waiting = this.#waiting.slice(sending.length)
    }
  }

  /** A sign of life, with what each sensor vouches for. */
  beat(coverage: readonly Coverage[]): void {
    if (this.#socket === null) return
    this.#socket.send(
      encodeFrame({
        v: PROTOCOL_VERSION,
        type: 'heartbeat',
        wallMs: this.#peer.now(),
        journal: this.#position(),
        coverage: [...coverage],
        policyVersion: this.#policyVersion,
      }),
    )
  }

  close(): void {
    this.#socket?.removeAllListeners('close')
    this.#socket?.close()
    this.#socket = null
  }

  /** As an agent does each second: what stands in its journal so far is proved by a key that it gives up with it. */
  #sealJournal(): void {
    if (this.#seal === null) return
    const { index, key } = this.#seal
    const place = { epoch: this.#epoch, upToSeq: this.#seq, head: this.#head.toString('hex') }
    const mac = sealMac(key, { agent: this.identity.agent, index, ...place })
    const { upToSeq, head } = place
    this.tell({
      ...{ atMs: this.#toldAt, sensor: 'agent', decision: null },
      fact: { kind: 'journal.sealed', index, upToSeq, head, mac },
    })
    this.#seal = { index: index + 1, key: nextSealKey(key) }
    this.#unsealed = 0
  }

  #position(): Position {
    return { epoch: this.#epoch, seq: this.#seq, head: this.#head.toString('hex') }
  }

  #take(frame: ConsoleFrame): void {
    if (frame.type === 'error')
      this.#fail(new Error(`${this.identity.number}: ${frame.code}: ${frame.message}`))
    if (frame.type === 'policy') this.#obey(frame.envelope.payload)
    if (this.#wanted?.type !== frame.type) return
    const { resolve } = this.#wanted
    this.#wanted = null
    resolve(frame)
  }

  #obey(payload: string): void {
    const policy = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Policy
    if (policy.version <= this.#policyVersion) return
    const wasEnforcing = this.isEnforcing
    this.#policyVersion = policy.version
    this.#settings = policy.settings
    const digest = createHash('sha256').update(payload).digest('hex')
    this.tell({
      atMs: this.#peer.now(),
      fact: { kind: 'policy.applied', version: policy.version, digest },
      sensor: 'agent',
      decision: null,
    })
    if (!this.isEnforcing || wasEnforcing) return
    const fact = mediaControl('policy')
    this.tell({ atMs: this.#peer.now(), fact, sensor: 'media', decision: null })
  }

  #want(type: ConsoleFrame['type']): Promise<ConsoleFrame> {
    return new Promise((resolve, reject) => {
      if (this.#socket === null) {
        reject(new Error(`${this.identity.number} is not connected`))
        return
      }
      const timer = setTimeout(
        () => this.#fail(new Error(`${this.identity.number}: no ${type} within ${answerMsMax / 1_000} s`)),
        answerMsMax,
      )
      this.#wanted = {
        type,
        resolve: (frame) => {
          clearTimeout(timer)
          resolve(frame)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
    })
  }

  #fail(error: Error): void {
    const wanted = this.#wanted
    this.#wanted = null
    wanted?.reject(error)
  }
}

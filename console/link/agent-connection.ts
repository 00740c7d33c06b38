/**
 * One agent's WebSocket: hello, welcome, then records and heartbeats in the order they came, each answered only when
 * what it brought is stored. Reading stops while too much waits: the agent's window and TCP hold it back.
 */
import { randomBytes } from 'node:crypto'
import {
  type AgentFrame,
  type ConsoleFrame,
  type Envelope,
  encodeFrame,
  errorFrame,
  type HelloFrame,
  LIMITS,
  PRODUCT_VERSION,
  PROTOCOL_VERSION,
  parseAgentFrame,
  parseRecordsFrame,
  type RecordsFrame,
  readCeiling,
  type SentCeiling,
  ShoukouError,
  type Witness,
} from '@shoukou/protocol'
import type { RawData, WebSocket } from 'ws'
import type { Log } from '../base/log.ts'
import type { AgentSession, Ingest } from '../ingest/ports.ts'
import type { Store } from '../store/ports.ts'
import { Challenger } from './challenger.ts'
import { type Message, MessageQueue } from './message-queue.ts'
import { noteClaim } from './note-claim.ts'
import type { IdentityGate, LiveConnection, PresentedCertificate, ProtectionPort } from './ports.ts'

export interface ConnectionOptions {
  readonly certificate: PresentedCertificate
  readonly identity: IdentityGate
  readonly address: string
  readonly store: Store
  readonly ingest: Ingest
  readonly log: Log
  readonly now: () => number
  /** Called at each sign of life. */
  readonly heard: (agent: string) => void
  /** Called once an agent was welcomed and has its policy: what waits for it is sent then. */
  readonly welcomed?: (agent: string) => Promise<void>
  /** Ceilings that an agent which holds a version is sent, oldest first; null: it knows of none. Left out: none are. */
  readonly ceilingsFor?: (version: number | null) => readonly SentCeiling[]
  /** Left out: nobody is challenged, and given keys. */
  readonly protection?: ProtectionPort
  /** Heads of the console's own log, held by agents for it. */
  readonly witnesses?: WitnessPort
}

export interface WitnessPort {
  current(): Promise<Witness | null>
  shown(agent: string, witness: Witness): Promise<void>
}

/** Heartbeats and errors in one span of looking for life (15 s); each costs a write that other agents wait for. */
const controlFramesMax = 300
/** Bytes that an agent leaves unread: acknowledgements that it asked for and never takes. */
const unreadBytesMax = 1_048_576
/** An agent that lives answers a ping in this time; one that was killed has its socket closed by its kernel. */
const proofMsMax = 3_000
/** Becomes the connection of an agent; resolves, once an older one has ended, to the way to give that up. */
export type Adopt = (agent: string) => Promise<() => boolean>

type Greet = (hello: HelloFrame) => Promise<void>
/** Who has an agent's place now. */
export type Holder = (agent: string) => LiveConnection | null

export class AgentConnection implements LiveConnection {
  readonly #socket: WebSocket
  readonly #options: ConnectionOptions
  readonly done: Promise<void>
  #end: () => void = () => {}
  #agent: string | null = null
  #session: AgentSession | null = null
  readonly #queue = new MessageQueue()
  #isWorking = false
  #work: Promise<void> = Promise.resolve()
  #isClosed = false
  #isAlive = true
  #sentPolicyVersion = 0
  /** What it holds by its hello and what was sent since; null: it knows of no ceilings. */
  #ceilingVersion: number | null = null
  #controlFrames = 0
  #challenger: Challenger | null = null
  /** Gives the agent's place up; false where a newer connection has it. */
  #leave: () => boolean = () => false

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.done = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** Serves the connection until it closes; `adopt` is called once it is known whose it is. */
  async run(adopt: Adopt, holder: Holder): Promise<void> {
    const silence = setInterval(() => this.#checkAlive(), LIMITS.connectionSilentMsMax / 2)
    const hello = setTimeout(() => {
      if (this.#session === null) this.close(new ShoukouError('hello-timeout'))
    }, LIMITS.helloMsMax)
    this.#socket.on('message', (data, isBinary) =>
      this.#enqueue(data, isBinary, (frame) => this.#welcome(frame, adopt, holder)),
    )
    this.#socket.on('pong', () => this.#noteAlive())
    this.#socket.on('error', (error) => {
      this.#options.log.warn({ agent: this.#agent, reason: error.message }, 'agent connection error')
    })
    await new Promise<void>((resolve) => this.#socket.on('close', () => resolve()))
    this.#isClosed = true
    this.#challenger?.stop()
    clearInterval(silence)
    clearTimeout(hello)
    await this.#work
    try {
      // A newer connection of the same agent goes on: it is not offline then.
      if (this.#leave()) await this.#session?.closed()
    } finally {
      this.#options.log.info({ agent: this.#agent }, 'agent disconnected')
      this.#end()
    }
  }

  /** Whose it is; null before its hello. */
  get agent(): string | null {
    return this.#agent
  }

  /** Asks now; resolves to whether an answer to this very question came in time. */
  async provesAlive(): Promise<boolean> {
    if (this.#isClosed || this.#session === null) return false
    const question = randomBytes(16)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const onPong = (answer: Buffer): void => {
      if (answer.equals(question)) resolve(true)
    }
    const onClose = (): void => resolve(false)
    const timer = setTimeout(() => resolve(false), proofMsMax)
    this.#socket.on('pong', onPong)
    this.#socket.once('close', onClose)
    this.#socket.ping(question)
    const isAlive = await promise
    clearTimeout(timer)
    this.#socket.off('pong', onPong)
    this.#socket.off('close', onClose)
    return isAlive
  }

  /** Tells the reason and closes. */
  close(error: ShoukouError): void {
    if (this.#isClosed) return
    this.#send(errorFrame(error.code, error.message, this.#session?.stored ?? null))
    this.#isClosed = true
    this.#socket.close(1008, error.code)
    setTimeout(() => this.#socket.terminate(), 1_000).unref()
  }

  sendCommand(envelope: string): boolean {
    if (this.#isClosed || this.#session === null) return false
    this.#send({ v: PROTOCOL_VERSION, type: 'command', envelope: JSON.parse(envelope) as Envelope })
    return true
  }

  /** Sends the ceilings that this agent does not hold. */
  sendCeilings(): void {
    if (this.#isClosed || this.#session === null) return
    for (const sent of this.#options.ceilingsFor?.(this.#ceilingVersion) ?? []) {
      this.#send({ v: PROTOCOL_VERSION, type: 'ceiling', sent })
      this.#ceilingVersion = readCeiling(sent.ceiling)?.version ?? this.#ceilingVersion
    }
  }

  /** Sends the newest policy where this connection has not carried it yet. */
  async sendPolicyIfNewer(): Promise<void> {
    const { store } = this.#options
    if (this.#agent === null || this.#session === null) return
    const computer = await store.computer(this.#agent)
    if (computer === null || computer.policyVersion <= this.#sentPolicyVersion) return
    const row = await store.policy(computer.agent, computer.policyVersion)
    // Two changes at one time: the older must not follow the newer, the agent would have to refuse it.
    if (row === null || this.#isClosed || row.version <= this.#sentPolicyVersion) return
    this.#sentPolicyVersion = row.version
    this.#send({ v: PROTOCOL_VERSION, type: 'policy', envelope: JSON.parse(row.envelope) as Envelope })
  }

  #enqueue(data: RawData, isBinary: boolean, greet: Greet): void {
    this.#noteAlive()
    this.#challenger?.heard()
    this.#queue.push({ data: data as Buffer, isBinary })
    if (this.#queue.isFull) this.#socket.pause()
    if (this.#isWorking) return
    this.#isWorking = true
    this.#work = this.#drain(greet)
  }

  async #drain(greet: Greet): Promise<void> {
    while (!this.#queue.isEmpty) {
      try {
        await this.#handle(this.#queue.take(), greet)
      } catch (error) {
        this.#fail(error)
      }
      if (!this.#queue.isFull && this.#socket.isPaused) this.#socket.resume()
    }
    this.#isWorking = false
  }

  async #handle(messages: readonly Message[], greet: Greet): Promise<void> {
    const [first] = messages
    if (this.#isClosed || first === undefined) return
    if (first.isBinary) await this.#takeRecords(messages.map((message) => message.data))
    else await this.#takeControl(first.data, greet)
  }

  async #takeRecords(messages: readonly Buffer[]): Promise<void> {
    const session = this.#sessionOf('records')
    const frames: RecordsFrame[] = []
    let fault: ShoukouError | null = null
    for (const message of messages) {
      try {
        frames.push(parseRecordsFrame(message))
      } catch (error) {
        if (!(error instanceof ShoukouError)) throw error
        // What came before it is stored all the same, and what comes after it is not looked at.
        fault = error
        break
      }
    }
    const stored = await session.records(frames)
    if (stored !== null && frames.length > 0) {
      this.#send({ v: PROTOCOL_VERSION, type: 'ack', stored, receipt: session.receiptFor(stored) })
    }
    if (fault !== null) throw fault
  }

  async #takeControl(data: Buffer, greet: Greet): Promise<void> {
    const frame = parseAgentFrame(data.toString('utf8'))
    this.#controlFrames += 1
    if (this.#controlFrames > controlFramesMax) {
      throw new ShoukouError('limit-exceeded', `More than ${controlFramesMax} control frames at a time.`)
    }
    switch (frame.type) {
      case 'hello':
        await greet(frame)
        return
      case 'heartbeat':
        this.#challenger?.heartbeat(frame)
        await this.#sessionOf(frame.type).heartbeat(frame)
        return
      case 'error':
        this.#options.log.warn(
          { agent: this.#agent, code: frame.code, text: frame.message },
          'agent reports an error',
        )
        return
    }
  }

  async #welcome(hello: HelloFrame, adopt: Adopt, holder: Holder): Promise<void> {
    if (this.#session !== null) throw new ShoukouError('unexpected-frame', 'A second hello.')
    const { certificate, identity, address } = this.#options
    const { serial } = certificate
    const computer = await identity.computerOf(certificate)
    if (computer === null) throw new ShoukouError('unknown-agent')
    const { agent } = computer
    this.#agent = agent
    await identity.admit({ agent, serial, address, hello, older: holder(agent) })
    if (this.#isClosed) return
    // First: what an older connection still stores must be stored before this one is told where the journal stands.
    this.#leave = await adopt(computer.agent)
    if (this.#isClosed) return
    const keys = hello.protection && (await this.#options.protection?.keysFor(agent, hello.protection))
    this.#session = await this.#options.ingest.open(computer.agent, hello)
    this.#noteAlive()
    this.#sentPolicyVersion = hello.policyVersion
    const { stored } = this.#session
    const witness = await this.#exchangeWitness(computer.agent, hello)
    this.#send({
      v: PROTOCOL_VERSION,
      type: 'welcome',
      consoleVersion: PRODUCT_VERSION,
      stored,
      window: { records: LIMITS.windowRecordsMax, bytes: LIMITS.windowBytesMax },
      heartbeatMs: LIMITS.heartbeatMs,
      wallMs: this.#options.now(),
      receipt: stored === null ? null : this.#session.receiptFor(stored),
      ...(witness === null ? {} : { witness }),
    })
    this.#options.log.info({ agent: computer.agent, address: this.#options.address }, 'agent connected')
    if (keys !== undefined && keys !== null) this.#send(keys)
    if (hello.protection !== undefined)
      this.#challenge(agent, hello.protection.run, hello.witness !== undefined)
    this.#ceilingVersion = hello.ceilingVersion ?? null
    // Before the policy: it may be one that only the newer ceiling allows.
    this.sendCeilings()
    await this.sendPolicyIfNewer()
    await this.#options.welcomed?.(computer.agent)
  }

  /** Asks it again and again whether it runs; where it holds heads of the console's log, it is given the newest with it. */
  #challenge(agent: string, run: string, holdsWitness: boolean): void {
    const { protection, witnesses } = this.#options
    if (protection === undefined) return
    const send = async (nonce: string): Promise<void> => {
      const witness = holdsWitness ? ((await witnesses?.current()) ?? null) : null
      this.#send({
        v: PROTOCOL_VERSION,
        type: 'challenge',
        nonce,
        ...(witness === null ? {} : { witness }),
      })
    }
    this.#challenger = new Challenger({
      run,
      send: (nonce) => void send(nonce).catch((error: unknown) => this.#fail(error)),
      isBusy: () => this.#isWorking,
      changed: (isAnswering) => protection.answers(agent, isAnswering),
      monotonicMs: () => performance.now(),
    })
    // A new connection answers for itself; what an older one did not is over.
    protection.answers(agent, true)
    this.#challenger.start()
  }

  /** Looks at the head that the agent holds; returns the one to hold from now on, where it holds any. */
  async #exchangeWitness(agent: string, { witness }: HelloFrame): Promise<Witness | null> {
    const { witnesses } = this.#options
    if (witness === undefined || witnesses === undefined) return null
    if (witness !== null) await witnesses.shown(agent, witness)
    return witnesses.current()
  }

  #sessionOf(type: AgentFrame['type'] | 'records'): AgentSession {
    if (this.#session === null) throw new ShoukouError('unexpected-frame', `${type} before hello.`)
    return this.#session
  }

  #fail(error: unknown): void {
    const { log, address } = this.#options
    if (error instanceof ShoukouError) {
      log.warn(
        { agent: this.#agent, address, code: error.code, reason: error.message },
        'agent frame refused',
      )
      if (this.#agent !== null) noteClaim(this.#options, this.#agent, error)
      this.close(error)
      return
    }
    log.error({ agent: this.#agent, address, err: error }, 'agent frame could not be handled')
    this.close(new ShoukouError('store-unavailable'))
  }

  #noteAlive(): void {
    this.#isAlive = true
    if (this.#agent !== null) this.#options.heard(this.#agent)
  }

  #checkAlive(): void {
    this.#controlFrames = 0
    // What waits here was sent: an agent that is held back is not silent.
    if (!this.#isAlive && !this.#isWorking) {
      this.close(new ShoukouError('connection-silent'))
      return
    }
    this.#isAlive = false
    this.#socket.ping()
  }

  #send(frame: ConsoleFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(encodeFrame(frame))
    if (this.#socket.bufferedAmount <= unreadBytesMax) return
    this.#options.log.warn({ agent: this.#agent, address: this.#options.address }, 'agent reads nothing')
    this.#socket.terminate()
  }
}

/**
 * Runs the link: carries out what `link-state.ts` decides, over one WebSocket at a time.
 *
 * A fresh record leaves as soon as its sync has ended: no timer stands in between; what gathers meanwhile goes along.
 */
import type { LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AgentFrame,
  type Command,
  type Coverage,
  encodeFrame,
  encodeRecordsFrame,
  errorFrame,
  type Fact,
  type HelloIdentity,
  type Policy,
  type Position,
  PRODUCT_VERSION,
  PROTOCOL_VERSION,
  parseConsoleFrame,
  ShoukouError,
  type Witness,
} from '@shoukou/protocol'
import type { RawData, WebSocket } from 'ws'
import { isErrno } from '../base/atomic-file.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { CommandStore } from './command-store.ts'
import { connectToConsole, troubleOf } from './connect.ts'
import type { Identity } from './identity.ts'
import type { LinkJournal } from './journal-port.ts'
import type { LinkProof } from './link-proof.ts'
import {
  INITIAL_LINK_STATE,
  type InFlight,
  type LinkEffect,
  type LinkEvent,
  type LinkState,
  type LinkTrouble,
  step,
  type Window,
} from './link-state.ts'
import type { PolicyStore } from './policy-store.ts'
import { DISK_FAULTS, OrderTaker } from './take-orders.ts'
import type { WitnessStore } from './witness-store.ts'

export interface LinkOptions {
  readonly identity: Identity
  readonly journal: LinkJournal
  readonly policy: PolicyStore
  readonly commands: CommandStore
  /** Holds the console's heads; left out where there is no place for them. */
  readonly witness?: WitnessStore
  /** Left out: no challenge is answered, and no key taken. */
  readonly proof?: LinkProof
  readonly clock: Clock
  readonly log: Log
  readonly coverage: () => readonly Coverage[]
  /** Records what the link did: a policy taken or refused, a command done. */
  readonly tell: (fact: Fact) => Promise<unknown>
  /** Carries a command out; returns its outcome as a code. */
  readonly carryOut: (command: Command) => Promise<string>
  /** Another policy is in force, and its record is on its way. */
  readonly onPolicy?: (before: Policy) => void
  readonly onChange: () => void
  /** Which machine and process this is. */
  readonly machine?: () => HelloIdentity
  /** Answers for the console's name; the system does where it is left out. */
  readonly lookup?: LookupFunction
}

export interface LinkStatus {
  readonly phase: LinkState['phase']
  readonly trouble: LinkTrouble | null
  readonly attempt: number
}

/** Sending waits while this much stands in the socket's buffer. */
const bufferedBytesMax = 4_194_304
/** Orders received and not yet carried out. */
const ordersWaitingMax = 64
/** A disk that could not take an order is tried again this much later. */
const storeRetryMs = 10_000
/** An order under way does not hold a stop up for longer. */
const orderStopMsMax = 1_000

export class Link {
  readonly #options: LinkOptions
  #state: LinkState = INITIAL_LINK_STATE
  #socket: WebSocket | null = null
  #retryTimer: NodeJS.Timeout | null = null
  readonly #orderRetries = new Set<NodeJS.Timeout>()
  readonly #taker: OrderTaker
  #heartbeatTimer: NodeJS.Timeout | null = null
  #silenceTimer: NodeJS.Timeout | null = null
  #orders: Promise<void> = Promise.resolve()
  #ordersWaiting = 0
  #unsubscribe: () => void = () => {}
  #repairsAtHello = 0
  #epochAtHello = ''
  #checks: Promise<void> = Promise.resolve()
  #acked = Promise.withResolvers<void>()

  constructor(options: LinkOptions) {
    this.#options = options
    this.#taker = new OrderTaker(options, (frame) => this.#send(frame))
  }

  get status(): LinkStatus {
    const state = this.#state
    if (state.phase === 'stopped') return { phase: 'stopped', trouble: null, attempt: 0 }
    return { phase: state.phase, trouble: state.trouble, attempt: state.attempt }
  }

  start(): void {
    this.#unsubscribe = this.#options.journal.onSynced(() => this.#on({ kind: 'journal-grew' }))
    this.#on({ kind: 'start', at: performance.now() })
  }

  /** Resolves when the console has everything up to `seq`, the time is up, or there is no connection to wait for. */
  async acknowledged(seq: number, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    const isUnderWay = () => this.#state.phase !== 'waiting' && this.#state.phase !== 'stopped'
    while (isUnderWay() && (this.#options.journal.acked?.seq ?? 0) < seq) {
      const left = deadline - performance.now()
      if (left <= 0) return
      await Promise.race([
        this.#acked.promise,
        new Promise((resolve) => setTimeout(resolve, Math.min(left, 100))),
      ])
    }
  }

  /** Begins another connection, with the certificate that holds now. */
  reconnect(): void {
    this.#close()
  }

  /** Closes the connection and does not come back. */
  async stop(): Promise<void> {
    this.#unsubscribe()
    const socket = this.#socket
    this.#on({ kind: 'stop' })
    this.#clearTimers()
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    for (const retry of this.#orderRetries) clearTimeout(retry)
    if (socket !== null && socket.readyState !== socket.CLOSED) await closed(socket)
    await Promise.race([this.#orders, sleep(orderStopMsMax, undefined, { ref: false })])
  }

  #on(event: LinkEvent): void {
    const before = this.#state
    const next = step(before, event)
    this.#state = next.state
    for (const effect of next.effects) this.#apply(effect)
    if (before.phase !== next.state.phase) this.#options.onChange()
  }

  #apply(effect: LinkEffect): void {
    switch (effect.kind) {
      case 'connect':
        return this.#connect()
      case 'retry-in':
        this.#retryTimer = setTimeout(() => this.#on({ kind: 'retry-due', at: performance.now() }), effect.ms)
        return
      case 'say-hello':
        return this.#sayHello()
      case 'start-heartbeats':
        return this.#startHeartbeats(effect.everyMs)
      case 'check-stored':
        return this.#run((socket) => this.#inTurn(() => this.#checkStored(socket, effect)))
      case 'send-records':
        return this.#run((socket) => this.#sendRecords(socket, effect.fromSeq, effect.window))
      case 'acknowledge':
        return this.#acknowledge(effect)
      case 'take-ceiling':
        return this.#order(() => this.#taker.ceiling(effect.frame.sent))
      case 'take-policy':
        return this.#order(() => this.#taker.policy(effect.frame.envelope))
      case 'take-command':
        return this.#inOrder(() => this.#taker.command(effect.frame.envelope))
      case 'send-error':
        return this.#send(errorFrame(effect.code, effect.message))
      case 'close':
        return this.#close()
    }
  }

  #connect(): void {
    const socket = connectToConsole(this.#options.identity, this.#options.lookup)
    let trouble: LinkTrouble | null = null
    this.#socket = socket
    const isCurrent = () => this.#socket === socket
    socket.on('open', () => isCurrent() && this.#on({ kind: 'opened', at: performance.now() }))
    socket.on('message', (data, isBinary) => isCurrent() && this.#message(data, isBinary))
    socket.on('ping', () => isCurrent() && this.#on({ kind: 'heard', at: performance.now() }))
    socket.on('pong', () => isCurrent() && this.#on({ kind: 'heard', at: performance.now() }))
    socket.on('error', (fault) => {
      trouble = troubleOf(fault)
    })
    socket.on('close', () => {
      if (!isCurrent()) return
      this.#socket = null
      this.#clearTimers()
      this.#on({ kind: 'closed', at: performance.now(), random: Math.random(), trouble })
      this.#logClosed()
    })
    this.#silenceTimer = setInterval(() => this.#on({ kind: 'silence-check', at: performance.now() }), 1_000)
  }

  #message(data: RawData, isBinary: boolean): void {
    const at = performance.now()
    this.#on({ kind: 'heard', at })
    try {
      if (isBinary) throw new ShoukouError('malformed-frame', 'A console sends no binary frame.')
      const frame = parseConsoleFrame((data as Buffer).toString('utf8'))
      if ('witness' in frame) this.#hold(frame.witness)
      switch (frame.type) {
        case 'welcome':
          return this.#on({ kind: 'welcome', frame, at })
        case 'ack':
          return this.#on({ kind: 'ack', stored: frame.stored, receipt: frame.receipt })
        case 'ceiling':
          return this.#on({ kind: 'ceiling', frame })
        case 'policy':
          return this.#on({ kind: 'policy', frame })
        case 'command':
          return this.#on({ kind: 'command', frame })
        case 'challenge':
          this.#options.proof?.challenged(frame.nonce)
          // One that asks and does not read gets its answer with the next heartbeat: nothing piles up here.
          if ((this.#socket?.bufferedAmount ?? 0) <= bufferedBytesMax) this.#beat()
          return
        case 'keys':
          return this.#inOrder(async () => await this.#options.proof?.take(frame))
        case 'error':
          return this.#on({ kind: 'error', frame })
      }
    } catch (fault) {
      if (!(fault instanceof ShoukouError)) throw fault
      this.#options.log.warn({ code: fault.code, fault: fault.message }, 'frame refused')
      this.#on({ kind: 'bad-frame', code: fault.code, message: fault.message })
    }
  }

  #sayHello(): void {
    const { journal, clock, policy } = this.#options
    this.#repairsAtHello = journal.repairs
    this.#epochAtHello = journal.end.epoch
    this.#send({
      v: PROTOCOL_VERSION,
      type: 'hello',
      agentVersion: PRODUCT_VERSION,
      bootId: clock.bootId,
      journal: journal.end,
      policyVersion: policy.current.version,
      wallMs: clock.wallMs(),
      receipt: journal.receipt,
      ...(this.#options.machine === undefined ? {} : { identity: this.#options.machine() }),
      ceilingVersion: policy.ceiling?.version ?? 0,
      ...(this.#options.proof === undefined ? {} : { protection: this.#options.proof.hello }),
      ...(this.#options.witness === undefined ? {} : { witness: this.#options.witness.newest }),
    })
  }

  #hold(witness: Witness | undefined): void {
    if (witness === undefined) return
    this.#options.witness?.take(witness).catch((fault: unknown) => {
      const code = isErrno(fault, ...DISK_FAULTS)
        ? String((fault as NodeJS.ErrnoException).code)
        : String(fault)
      this.#options.log.warn({ code }, 'the head of the console’s log could not be written down')
    })
  }

  #startHeartbeats(everyMs: number): void {
    this.#beat()
    this.#heartbeatTimer = setInterval(() => this.#beat(), everyMs)
  }

  #beat(): void {
    const { clock, policy, coverage, proof } = this.#options
    const journal = this.#options.journal.end
    this.#send({
      v: PROTOCOL_VERSION,
      type: 'heartbeat',
      wallMs: clock.wallMs(),
      journal,
      coverage: [...coverage()],
      policyVersion: policy.current.version,
      ...proof?.answer(journal),
    })
    // A pong proves that the console lives even where it has nothing to say.
    this.#socket?.ping()
  }

  /** Compares what the console has with our own journal, before anything is sent. */
  async #checkStored(
    socket: WebSocket,
    { stored, receipt }: { readonly stored: Position | null; readonly receipt: string | null },
  ): Promise<void> {
    const { journal, log } = this.#options
    if (this.#socket !== socket) return
    // An earlier connection's check may have begun a new epoch after this one's hello.
    const { epoch } = journal.end
    if (epoch !== this.#epochAtHello || (stored !== null && stored.epoch !== epoch))
      return this.#onIf(socket, { kind: 'journal-changed' })
    if (stored === null || stored.seq === 0) {
      journal.resume(null, null)
      return this.#onIf(socket, { kind: 'checked', nextSeq: 1 })
    }
    const ours = stored.seq > journal.end.seq ? 'beyond our end' : await journal.headAt(stored.seq)
    if (ours === null || ours === stored.head) {
      journal.resume(stored, receipt)
      return this.#onIf(socket, { kind: 'checked', nextSeq: stored.seq + 1 })
    }
    log.error(
      { storedSeq: stored.seq, ourSeq: journal.end.seq },
      'the console has another continuation of this journal: a new epoch begins',
    )
    await journal.fork(stored.seq)
    this.#onIf(socket, { kind: 'journal-changed' })
  }

  async #sendRecords(socket: WebSocket, fromSeq: number, window: Window): Promise<void> {
    const { journal } = this.#options
    await this.#drained(socket)
    const { epoch } = journal.end
    const chunk = await journal.read(fromSeq, window)
    // A gap found only now is declared behind the end that our hello named: it would look undeclared.
    if (
      journal.repairs !== this.#repairsAtHello ||
      journal.end.epoch !== epoch ||
      epoch !== this.#epochAtHello
    )
      return this.#onIf(socket, { kind: 'journal-changed' })
    if (this.#socket !== socket || socket.readyState !== socket.OPEN) return
    let sent: InFlight | null = null
    if (chunk !== null) {
      const frame = encodeRecordsFrame(
        {
          epoch,
          firstSeq: chunk.firstSeq,
          headBefore: chunk.headBefore.toString('hex'),
          headAfter: chunk.headAfter.toString('hex'),
          gap: chunk.gap,
        },
        chunk.raws,
      )
      socket.send(frame, { binary: true })
      sent = {
        lastSeq: chunk.lastSeq,
        head: chunk.headAfter.toString('hex'),
        records: chunk.raws.length,
        bytes: chunk.bytes,
      }
    }
    this.#on({ kind: 'sent', frame: sent })
    // What was synced while we read found a read under way; look once more.
    if (sent === null && journal.end.seq >= fromSeq) this.#on({ kind: 'journal-grew' })
  }

  async #drained(socket: WebSocket): Promise<void> {
    while (socket.bufferedAmount > bufferedBytesMax && socket.readyState === socket.OPEN) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  #acknowledge({ stored, receipt }: { readonly stored: Position; readonly receipt: string }): void {
    this.#options.journal.acknowledge(stored, receipt)
    this.#acked.resolve()
    this.#acked = Promise.withResolvers<void>()
  }

  /** Carries an order out; what the disk could not take is tried again. */
  #order(take: () => Promise<boolean>): void {
    this.#inOrder(async () => {
      if (await take()) return
      const retry = setTimeout(() => {
        this.#orderRetries.delete(retry)
        this.#order(take)
      }, storeRetryMs).unref()
      this.#orderRetries.add(retry)
    })
  }

  #send(frame: AgentFrame): void {
    const socket = this.#socket
    if (socket?.readyState === socket?.OPEN) socket?.send(encodeFrame(frame))
  }

  #close(): void {
    const socket = this.#socket
    if (socket === null) return
    socket.close(1000)
    // A peer that does not answer the close keeps nothing of ours.
    setTimeout(() => socket.terminate(), 1_000).unref()
  }

  #onIf(socket: WebSocket, event: LinkEvent): void {
    if (this.#socket === socket) this.#on(event)
  }

  /** Orders, one after another. */
  #inOrder(work: (socket: WebSocket) => Promise<void>): void {
    const socket = this.#socket
    if (socket === null) return
    if (this.#ordersWaiting >= ordersWaitingMax) {
      const message = `More than ${ordersWaitingMax} orders wait.`
      return this.#on({ kind: 'bad-frame', code: 'limit-exceeded', message })
    }
    this.#ordersWaiting += 1
    this.#orders = this.#orders
      .then(() => this.#guard(() => work(socket)))
      .finally(() => {
        this.#ordersWaiting -= 1
      })
  }

  /** Checks are not among the orders: an order that waits for the disk or a sensor must not keep records from leaving. */
  #inTurn(check: () => Promise<void>): Promise<void> {
    const done = this.#checks.then(check)
    this.#checks = done.catch(() => {})
    return done
  }

  #run(work: (socket: WebSocket) => Promise<void>): void {
    const socket = this.#socket
    if (socket !== null) void this.#guard(() => work(socket))
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (fault) {
      this.#options.log.error(
        { fault: fault instanceof Error ? fault.message : String(fault) },
        'link work failed',
      )
      this.#close()
    }
  }

  #clearTimers(): void {
    if (this.#heartbeatTimer !== null) clearInterval(this.#heartbeatTimer)
    if (this.#silenceTimer !== null) clearInterval(this.#silenceTimer)
    this.#heartbeatTimer = null
    this.#silenceTimer = null
  }

  #logClosed(): void {
    const { trouble } = this.status
    this.#options.log.info(
      { code: trouble?.code ?? null, reason: trouble?.message ?? null },
      'not connected to the console',
    )
  }
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}

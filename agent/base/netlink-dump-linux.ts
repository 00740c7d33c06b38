/**
 * Question and answer over netlink: one request, all messages of its answer. For families whose kernel side answers at
 * once (generic netlink, sock_diag, nf_tables): nothing here waits for the kernel. One question at a time.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ShoukouError } from '@shoukou/protocol'
import { type Drained, type NetlinkSocket, openNetlink } from './netlink-linux.ts'
import {
  errnoOf,
  type NetlinkMessage,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  netlinkMessage,
  parseNetlink,
} from './parse-netlink.ts'

export interface NetlinkAnswer {
  readonly bodies: readonly Buffer[]
  /** errno by which the kernel refused (ENOENT: no such family or protocol here); 0 where it answered. */
  readonly errno: number
  /** The tables changed while they were told, three times over: the answer may lack something. */
  readonly wasInterrupted: boolean
}

/** Of a table that changes while it is told. */
const attemptsMax = 3
const turnMs = 4
/** At 32 KiB each, 640 MiB of kernel tables: beyond any computer's. */
const datagramsMax = 20_000
const receiveBufferBytes = 1_048_576

export class NetlinkAsker {
  readonly #socket: NetlinkSocket
  #sequence = 0

  private constructor(socket: NetlinkSocket) {
    this.#socket = socket
  }

  /** Opens a socket for questions. @throws ShoukouError where koffi or the kernel refuses. */
  static async open(protocol: number): Promise<NetlinkAsker> {
    return new NetlinkAsker(await openNetlink({ protocol, groups: 0, receiveBufferBytes }))
  }

  /** Asks for a table. @throws ShoukouError where the answer does not end. */
  dump(type: number, body: Uint8Array): NetlinkAnswer {
    let last: NetlinkAnswer = { bodies: [], errno: 0, wasInterrupted: true }
    for (let attempt = 1; attempt <= attemptsMax && last.wasInterrupted; attempt += 1) {
      last = this.get(type, body, NLM_F_DUMP)
    }
    return last
  }

  /** Asks for one thing. @throws ShoukouError where no answer comes. */
  get(type: number, body: Uint8Array, flags = 0): NetlinkAnswer {
    const answer = this.#ask(type, flags, body)
    while (!answer.isWhole) answer.take(this.#socket.drain())
    return answer.result()
  }

  /**
   * The same for a table that may be long: the event loop gets a turn about every 4 ms, and the kernel waits meanwhile. Nothing
   * else may be asked until it is there.
   */
  async dumpInTurns(type: number, body: Uint8Array): Promise<NetlinkAnswer> {
    let last: NetlinkAnswer = { bodies: [], errno: 0, wasInterrupted: true }
    for (let attempt = 1; attempt <= attemptsMax && last.wasInterrupted; attempt += 1) {
      const answer = this.#ask(type, NLM_F_DUMP, body)
      while (!answer.isWhole) {
        answer.take(this.#socket.drain(turnMs))
        if (!answer.isWhole) await nextTurn()
      }
      last = answer.result()
    }
    return last
  }

  close(): void {
    this.#socket.close()
  }

  #ask(type: number, flags: number, body: Uint8Array): GrowingAnswer {
    // What is left of a question that ended early.
    this.#socket.drain()
    this.#sequence += 1
    this.#socket.send(netlinkMessage(type, NLM_F_REQUEST | flags, this.#sequence, body))
    return new GrowingAnswer(type, this.#sequence, flags !== 0)
  }
}

/** The part of an answer that has come so far. */
class GrowingAnswer {
  readonly #type: number
  readonly #sequence: number
  readonly #isTable: boolean
  readonly #bodies: Buffer[] = []
  #datagrams = 0
  #errno = 0
  #wasInterrupted = false
  #isWhole = false

  constructor(type: number, sequence: number, isTable: boolean) {
    this.#type = type
    this.#sequence = sequence
    this.#isTable = isTable
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  take({ datagrams, overflowed }: Drained): void {
    this.#datagrams += datagrams.length
    for (const datagram of datagrams) {
      const { messages, faults } = parseNetlink(datagram)
      this.#wasInterrupted ||= faults > 0
      for (const message of messages) if (!this.#isWhole) this.#takeMessage(message)
    }
    if (overflowed) [this.#isWhole, this.#wasInterrupted] = [true, true]
    if (!this.#isTable && this.#bodies.length > 0) this.#isWhole = true
    if (!this.#isWhole && (datagrams.length === 0 || this.#datagrams > datagramsMax)) {
      throw new ShoukouError('internal-error', 'The kernel gave no whole answer over netlink.', {
        context: { type: this.#type },
      })
    }
  }

  result(): NetlinkAnswer {
    // A refusal is an answer, and a whole one.
    const wasInterrupted = this.#wasInterrupted && this.#errno === 0
    return { bodies: this.#bodies, errno: this.#errno, wasInterrupted }
  }

  #takeMessage(message: NetlinkMessage): void {
    if (message.sequence !== this.#sequence) return
    this.#wasInterrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0
    if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
      this.#errno = errnoOf(message)
      this.#isWhole = true
    } else this.#bodies.push(message.body)
  }
}

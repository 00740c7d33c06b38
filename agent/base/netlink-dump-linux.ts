/**
 * Question and answer over netlink: one request, all messages of its answer. For families whose kernel side answers at
 * once (generic netlink, sock_diag): nothing here waits.
 */
import { ShoukouError } from '@shoukou/protocol'
import { type NetlinkSocket, openNetlink } from './netlink-linux.ts'
import {
  errnoOf,
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

const attemptsMax = 3
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
      last = this.#ask(type, NLM_F_REQUEST | NLM_F_DUMP, body)
    }
    return last
  }

  /** Asks for one thing. @throws ShoukouError where no answer comes. */
  get(type: number, body: Uint8Array): NetlinkAnswer {
    return this.#ask(type, NLM_F_REQUEST, body)
  }

  close(): void {
    this.#socket.close()
  }

  #ask(type: number, flags: number, body: Uint8Array): NetlinkAnswer {
    // What is left of a question that ended early.
    this.#socket.drain()
    this.#sequence += 1
    this.#socket.send(netlinkMessage(type, flags, this.#sequence, body))
    const bodies: Buffer[] = []
    let wasInterrupted = false
    for (let count = 0; count < datagramsMax; ) {
      const { datagrams, overflowed } = this.#socket.drain()
      if (overflowed) return { bodies, errno: 0, wasInterrupted: true }
      if (datagrams.length === 0) break
      for (const datagram of datagrams) {
        count += 1
        const parsed = parseNetlink(datagram)
        wasInterrupted ||= parsed.faults > 0
        for (const message of parsed.messages) {
          if (message.sequence !== this.#sequence) continue
          wasInterrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0
          if (message.type === NLMSG_ERROR) return { bodies, errno: errnoOf(message), wasInterrupted: false }
          if (message.type === NLMSG_DONE) return { bodies, errno: errnoOf(message), wasInterrupted }
          bodies.push(message.body)
        }
      }
      if ((flags & NLM_F_DUMP) === 0 && bodies.length > 0) return { bodies, errno: 0, wasInterrupted }
    }
    throw new ShoukouError('internal-error', 'The kernel gave no whole answer over netlink.', {
      context: { type },
    })
  }
}

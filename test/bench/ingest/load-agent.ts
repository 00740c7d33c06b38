/** One agent of the load: a real identity and link, and frames that were made before the clock runs. */
import {
  type ConsoleFrame,
  encodeFrame,
  type Fact,
  PROTOCOL_VERSION,
  parseConsoleFrame,
} from '@shoukou/protocol'
import { WebSocket } from 'ws'
import { type RawIdentity, RawJournal } from '../../support/raw-agent.ts'

/** A record of about 600 bytes that no rule accuses: the most frequent kind. */
function activity(n: number): Fact {
  const name = `${String(n).padStart(8, '0')}-report-of-the-third-quarter`
  return {
    kind: 'file.activity',
    operation: 'created',
    entry: 'file',
    root: '/media/usb',
    path: `projects/2026/drawings/${name}/${'part-'.repeat(15)}${n}.dwg`,
    renamedFrom: null,
    sizeBytes: 1_048_576 + n,
    isOnMedium: true,
    source: 'event',
  }
}

export interface Load {
  readonly frames: readonly Buffer[]
  readonly bytesPerRecord: number
}

export class LoadAgent {
  readonly #journal: RawJournal
  readonly #socket: WebSocket
  #seq = 0
  #received: (frame: ConsoleFrame) => void = () => {}

  private constructor(journal: RawJournal, socket: WebSocket) {
    this.#journal = journal
    this.#socket = socket
    socket.on('message', (data) => this.#received(parseConsoleFrame((data as Buffer).toString('utf8'))))
  }

  /** Connects and says hello. */
  static async connect(address: string, authority: string, identity: RawIdentity): Promise<LoadAgent> {
    const socket = new WebSocket(address, {
      ca: authority,
      cert: identity.answer.certificate,
      key: identity.key,
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
    })
    const agent = new LoadAgent(new RawJournal(identity.answer.agent), socket)
    const welcomed = agent.#next('welcome')
    socket.send(
      encodeFrame({
        v: PROTOCOL_VERSION,
        type: 'hello',
        agentVersion: '0.1.0',
        bootId: 'b1',
        journal: agent.#journal.position(0),
        policyVersion: 1,
        wallMs: Date.now(),
        receipt: null,
      }),
    )
    await welcomed
    return agent
  }

  /** Makes `count` frames of `size` records that go on where the last ones ended. */
  make(count: number, size: number): Load {
    const journal = this.#journal
    const frames: Buffer[] = []
    const first = journal.raws.length + 1
    let bytes = 0
    for (let at = 0; at < count; at += 1) {
      const from = journal.raws.length + 1
      for (let n = 0; n < size; n += 1) {
        bytes += journal.append(activity(from + n), { sensor: 'files' }).length
      }
      frames.push(journal.frame(from, from + size - 1))
    }
    if (first !== this.#seq + 1) throw new Error('frames were made and not sent')
    this.#seq = journal.raws.length
    return { frames, bytesPerRecord: bytes / (count * size) }
  }

  /** Sends frames, so many unacknowledged at a time; resolves with ms from send to acknowledgement of each. */
  send({ frames }: Load, inFlightMax: number): Promise<number[]> {
    const latencies: number[] = []
    const sentAt: { readonly at: number; readonly seq: number }[] = []
    let next = 0
    let seq = this.#seq - this.#recordsIn(frames)
    return new Promise((resolve, reject) => {
      const more = (): void => {
        while (next < frames.length && sentAt.length < inFlightMax) {
          const frame = frames[next] ?? Buffer.alloc(0)
          seq += this.#recordsIn([frame])
          sentAt.push({ at: performance.now(), seq })
          this.#socket.send(frame)
          next += 1
        }
      }
      this.#socket.removeAllListeners('close')
      this.#socket.once('close', (code, reason) => reject(new Error(`closed: ${code} ${reason.toString()}`)))
      this.#received = (frame) => {
        if (frame.type === 'error') reject(new Error(`${frame.code}: ${frame.message}`))
        if (frame.type !== 'ack') return
        while ((sentAt[0]?.seq ?? Number.POSITIVE_INFINITY) <= frame.stored.seq) {
          latencies.push(performance.now() - (sentAt.shift()?.at ?? 0))
        }
        if (latencies.length === frames.length) resolve(latencies)
        else more()
      }
      more()
    })
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.close()
  }

  #recordsIn(frames: readonly Buffer[]): number {
    let records = 0
    for (const frame of frames) {
      const header = JSON.parse(frame.toString('utf8', 8, 8 + frame.readUInt32BE(4))) as { count: number }
      records += header.count
    }
    return records
  }

  #next(type: ConsoleFrame['type']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#received = (frame) => {
        if (frame.type === type) resolve()
        else if (frame.type === 'error') reject(new Error(`${frame.code}: ${frame.message}`))
      }
    })
  }
}

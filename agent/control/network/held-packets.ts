/**
 * Packets that wait a moment for the call that sent them: the two nets speak through queues of their own, and the
 * packet's may be read first. Pure bookkeeping.
 */
import type { PacketEvent } from '../../actions/packets/packet-net.ts'
import type { FlowMoment, FlowOwner } from './flow-ledger.ts'

export interface HeldPacket {
  readonly event: PacketEvent
  readonly owner: FlowOwner
  readonly rule: string
  readonly at: FlowMoment
}

const TCP = 6
const UDP = 17

export class HeldPackets {
  readonly #held: { readonly packet: HeldPacket; readonly untilMs: number }[] = []
  readonly #waitMs: number
  readonly #max: number

  constructor(limits: { readonly waitMs: number; readonly max: number }) {
    this.#waitMs = limits.waitMs
    this.#max = limits.max
  }

  get size(): number {
    return this.#held.length
  }

  /** When the oldest has waited long enough; null where none waits. */
  get nextMs(): number | null {
    return this.#held[0]?.untilMs ?? null
  }

  /** Holds one that may have a call behind it; false where it has none, or there is no room. */
  hold(packet: HeldPacket): boolean {
    const { act, protocol, isDropped } = packet.event
    // Only TCP and UDP have calls that the first net sees; what was dropped was sent past that net.
    const mayHaveCall = act === 'outgoing' && !isDropped && (protocol === TCP || protocol === UDP)
    if (!mayHaveCall || this.#held.length >= this.#max) return false
    this.#held.push({ packet, untilMs: packet.at.nowMs + this.#waitMs })
    return true
  }

  /** Returns those that have waited long enough, oldest first. */
  take(nowMs: number): HeldPacket[] {
    const end = this.#held.findIndex(({ untilMs }) => untilMs > nowMs)
    return this.#held.splice(0, end < 0 ? this.#held.length : end).map(({ packet }) => packet)
  }
}

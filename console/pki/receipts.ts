/**
 * Receipts: this console's proof to itself that it once stored an agent's journal up to a place.
 *
 *   mac = HMAC-SHA-256(receipt key, "shoukou.receipt.v1" 00 agent 00 epoch 00 u64be(seq) head)
 *
 * Whoever holds no key can make none; the agent that deletes what was acknowledged keeps the newest one. A receipt says
 * that the console had those records, not that it has them still.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Position } from '@shoukou/protocol'

const tag = 'shoukou.receipt.v1\0'

export interface Receipts {
  /** Returns the MAC (hex) for a place that is committed. */
  make(agent: string, stored: Position): string
  /** Reports whether this console made that MAC for this very agent and place. */
  holds(agent: string, stored: Position, mac: string): boolean
}

/** Makes receipts with a key of 32 bytes. */
export function receiptsWith(key: Uint8Array): Receipts {
  // An agent's name is the console's own and holds no zero byte, and the tail has a fixed length: no two places read alike.
  const macOf = (agent: string, { epoch, seq, head }: Position): Buffer => {
    const place = Buffer.alloc(8)
    place.writeBigUInt64BE(BigInt(seq))
    return createHmac('sha256', key)
      .update(`${tag}${agent}\0${epoch}\0`)
      .update(place)
      .update(Buffer.from(head, 'hex'))
      .digest()
  }
  return {
    make: (agent, stored) => macOf(agent, stored).toString('hex'),
    holds: (agent, stored, mac) => {
      const claimed = Buffer.from(mac, 'hex')
      const own = macOf(agent, stored)
      return claimed.length === own.length && timingSafeEqual(claimed, own)
    },
  }
}

/**
 * Seals over a journal, under a key that moves on and is erased: who has all rights today can't seal yesterday anew. Pure.
 *
 *   K(i+1) = SHA-256("shoukou.seal-key.v1" 00 K(i))
 *   mac(i) = HMAC-SHA-256(K(i), "shoukou.journal-seal.v1" 00 agent 00 epoch 00 u64be(index) u64be(upToSeq) head)
 *
 * A seal is itself a record, and covers everything up to the record before it: `upToSeq` is its own number less one,
 * `head` the chain head there. Its index never comes twice and none is left out, over all epochs of an agent: cutting a
 * journal short and sealing the rest with a newer key leaves a hole in the indexes, for whoever holds an earlier key.
 *
 * A generation is one run of keys from a first one that the console derived. Its indexes begin at `generation · 2^40`, so
 * that an index names its generation; a later generation is for an agent that lost its key or went back to an older one.
 *
 * The rules are set for good: a change is a new version beside them. Vectors: `journal-seal.test.ts`.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const SEAL_KEY_BYTES = 32
/** Seals of one generation: at one a second, 34,000 years. */
export const SEALS_PER_GENERATION = 2 ** 40
/** Generations that an index can name. */
export const SEAL_GENERATIONS_MAX = 4_096
/** Records that may stand behind the last seal: the next one is the seal. */
export const RECORDS_PER_SEAL_MAX = 1_000

const keyTag = 'shoukou.seal-key.v1\0'
const firstKeyTag = 'shoukou.seal-first-key.v1\0'
const sealTag = 'shoukou.journal-seal.v1\0'

/** What a seal is made over. */
export interface SealedPlace {
  readonly agent: string
  readonly epoch: string
  readonly index: number
  readonly upToSeq: number
  /** Chain head after `upToSeq`, hex. */
  readonly head: string
}

/** Returns the first key of a generation (32 bytes), as the console derives it for one agent. */
export function firstSealKey(consoleKey: Uint8Array, agent: string, generation: number): Buffer {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(generation))
  return createHmac('sha256', consoleKey).update(`${firstKeyTag}${agent}\0`).update(number).digest()
}

/** Returns the key that follows. */
export function nextSealKey(key: Uint8Array): Buffer {
  return createHash('sha256').update(keyTag).update(key).digest()
}

/** Returns the MAC of a seal, hex. `key` is that of its index. */
export function sealMac(key: Uint8Array, { agent, epoch, index, upToSeq, head }: SealedPlace): string {
  const numbers = Buffer.alloc(16)
  numbers.writeBigUInt64BE(BigInt(index), 0)
  numbers.writeBigUInt64BE(BigInt(upToSeq), 8)
  return createHmac('sha256', key)
    .update(`${sealTag}${agent}\0${epoch}\0`)
    .update(numbers)
    .update(Buffer.from(head, 'hex'))
    .digest('hex')
}

/** Reports whether a MAC is that of a place, in constant time. */
export function isSealMac(key: Uint8Array, place: SealedPlace, mac: string): boolean {
  const claimed = Buffer.from(mac, 'hex')
  const own = Buffer.from(sealMac(key, place), 'hex')
  return claimed.length === own.length && timingSafeEqual(claimed, own)
}

/** Returns the generation that an index belongs to. */
export function generationOf(index: number): number {
  return Math.floor(index / SEALS_PER_GENERATION)
}

/** Returns the first index of a generation. */
export function firstIndexOf(generation: number): number {
  return generation * SEALS_PER_GENERATION
}

/**
 * A head of the log with the log key's signature.
 *
 *   witness     Ed25519("shoukou.witness.v1" 00 u64be(seq) head): held by agents, shown again when they connect
 *   checkpoint  Ed25519 over its lines of text: printed, signed by two people, kept in a safe
 *
 * Either makes a log that was cut, exchanged or set back known as such, to whoever holds it and needs nothing else.
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { BASE64_PATTERN } from '../raw-text.ts'

const head = Type.String({ pattern: '^[0-9a-f]{64}$' })
const seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const WitnessSchema = Type.Object(
  {
    seq,
    head,
    /** Ed25519, base64. */
    signature: Type.String({ minLength: 88, maxLength: 88, pattern: BASE64_PATTERN }),
  },
  { additionalProperties: false },
)
export type Witness = Static<typeof WitnessSchema>

/** What a checkpoint says. */
export interface Checkpoint {
  /** The console's own random name. */
  readonly origin: string
  readonly seq: number
  readonly head: string
  readonly atMs: number
  /** How many violations, gaps and policies were kept, and the head of their chain. */
  readonly kept: number
  readonly keptHead: string
  /** Journals of agents that were stored, and one hash over where each of them stood. */
  readonly journals: number
  readonly journalsRoot: string
}
export interface SignedCheckpoint extends Checkpoint {
  /** Ed25519, base64. */
  readonly signature: string
}

/** Signs a head of the log with the log key (PKCS #8 PEM). */
export function signWitness(at: { readonly seq: number; readonly head: string }, key: string): Witness {
  const signature = sign(null, witnessBytes(at), createPrivateKey(key)).toString('base64')
  return { seq: at.seq, head: at.head, signature }
}

/** Reports whether the log key (SPKI PEM) made it. */
export function isWitnessOf(witness: Witness, publicKey: string): boolean {
  return isSigned(witnessBytes(witness), witness.signature, publicKey)
}

/** Signs a checkpoint with the log key (PKCS #8 PEM). */
export function signCheckpoint(checkpoint: Checkpoint, key: string): SignedCheckpoint {
  const signature = sign(null, checkpointBytes(checkpoint), createPrivateKey(key)).toString('base64')
  return { ...checkpoint, signature }
}

/** Reports whether the log key (SPKI PEM) made it. */
export function isCheckpointOf(checkpoint: SignedCheckpoint, publicKey: string): boolean {
  return isSigned(checkpointBytes(checkpoint), checkpoint.signature, publicKey)
}

/** One text for one signature: bits that base64 leaves over are none that may be altered unseen. */
function isSigned(bytes: Buffer, text: string, publicKey: string): boolean {
  const signature = Buffer.from(text, 'base64')
  return signature.toString('base64') === text && verify(null, bytes, createPublicKey(publicKey), signature)
}

/** What is signed, line by line as it is printed. */
function checkpointBytes(checkpoint: Checkpoint): Buffer {
  const { origin, seq: entries, head: logHead, atMs, kept, keptHead, journals, journalsRoot } = checkpoint
  return Buffer.from(
    `shoukou.checkpoint.v1\n${origin}\n${entries}\n${logHead}\n${atMs}\n${kept}\n${keptHead}\n${journals}\n${journalsRoot}\n`,
  )
}

function witnessBytes(at: { readonly seq: number; readonly head: string }): Buffer {
  const place = Buffer.alloc(8)
  place.writeBigUInt64BE(BigInt(at.seq))
  return Buffer.concat([Buffer.from('shoukou.witness.v1\0'), place, Buffer.from(at.head, 'hex')])
}

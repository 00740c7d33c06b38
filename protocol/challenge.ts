/**
 * The answer to a console's challenge: proof that the agent runs now, and not a recording of it.
 *
 *   answer = SHA-256("shoukou.challenge.v1" 00 nonce 00 run 00 epoch 00 u64be(seq) head)
 *
 * Who answers is known from the connection's certificate; the digest binds what is said to this nonce, to one run of the
 * agent and to the journal's end that the same heartbeat names. A process that is held still can't make it.
 */
import { createHash } from 'node:crypto'

export interface ChallengePlace {
  readonly epoch: string
  readonly seq: number
  readonly head: string
}

/** Returns the answer, hex. `run` names one run of the agent. */
export function challengeAnswer(nonce: string, run: string, { epoch, seq, head }: ChallengePlace): string {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(seq))
  return createHash('sha256')
    .update(`shoukou.challenge.v1\0${nonce}\0${run}\0${epoch}\0`)
    .update(number)
    .update(Buffer.from(head, 'hex'))
    .digest('hex')
}

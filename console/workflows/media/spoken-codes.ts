/** Answers the challenge of a computer that reaches no console, over the telephone. How codes are made is the protocol's. */
import { createHmac } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'
import { makeCode, parseChallenge } from '@shoukou/protocol/media/spoken-code.ts'

export interface SpokenCodeAsked {
  readonly agent: string
  /** As read out. */
  readonly challenge: string
  readonly right: 'read-only' | 'read-write'
  readonly minutes: number
}

export interface SpokenCode {
  /** In groups of four. */
  readonly code: string
  readonly counter: number
}

/** Returns a computer's own key for spoken codes, 32 bytes: what it got at its enrolment, and nobody else has. */
export function spokenKeyOf(grantKey: Buffer, agent: string): Buffer {
  return createHmac('sha256', grantKey).update(`shoukou.spoken-key.v1\0${agent}`).digest()
}

/** @throws ShoukouError `grant-refused` where the challenge was misread: nothing is granted by it. */
export function answerChallenge(grantKey: Buffer, asked: SpokenCodeAsked): SpokenCode {
  const { agent, challenge, right, minutes } = asked
  const parsed = parseChallenge(challenge)
  if (parsed === null) {
    throw new ShoukouError(
      'grant-refused',
      'The challenge was misread: it has 16 digits, and its check digit does not hold. Have it read out again.',
    )
  }
  const spokenKey = spokenKeyOf(grantKey, agent)
  return { code: makeCode({ spokenKey, challenge, right, minutes }), counter: parsed.counter }
}

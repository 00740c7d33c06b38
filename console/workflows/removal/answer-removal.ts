/** Answers the challenge of a computer whose agent is to be removed. How codes are made is the protocol's. */
import { computerDigits, makeRemovalCode, parseRemovalChallenge, ShoukouError } from '@shoukou/protocol'

export interface RemovalCode {
  /** In groups of four. */
  readonly code: string
  readonly counter: number
}

export interface RemovalKeys {
  removalKey(agent: string): Buffer
}

/**
 * Returns the code that permits one removal.
 *
 * @throws ShoukouError `removal-refused` where the challenge was misread, or is another computer's.
 */
export function answerRemoval(keys: RemovalKeys, agent: string, challenge: string): RemovalCode {
  const parsed = parseRemovalChallenge(challenge)
  if (parsed === null) {
    throw new ShoukouError(
      'removal-refused',
      'The challenge was misread: it has 16 digits, and its check digit does not hold. Have it read out again.',
    )
  }
  if (parsed.computer !== computerDigits(agent)) {
    throw new ShoukouError(
      'removal-refused',
      'This challenge was shown by another computer; open the page of the one that shows it.',
    )
  }
  return { code: makeRemovalCode(keys.removalKey(agent), challenge), counter: parsed.counter }
}

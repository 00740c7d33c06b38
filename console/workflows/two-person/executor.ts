/**
 * What an act must bring along so that two people can want it: who fills this in builds the act, this folder sees to the
 * two people.
 */
import type { TwoPersonAct } from '@shoukou/protocol'

/** Two languages of what will happen, and to whom: said before anybody agrees. */
export interface ActWords {
  readonly zh: string
  readonly en: string
}

export interface PreparedAct {
  /** What it is about, by name: one open proposal of an act for each. At most 200 characters. */
  readonly object: string
  /** How the object stands now. Where it stands otherwise when a second person agrees, nothing is done. */
  readonly basis: string
  readonly words: ActWords
}

/** Somebody's wish, and another one's agreement. */
export interface AgreedAct<Payload> {
  readonly proposal: number
  readonly payload: Payload
  readonly reason: string
  readonly askedBy: string
  readonly agreedBy: string
  readonly now: number
}

export interface ActOutcome {
  /** For the record: what came of it. */
  readonly detail: string
  /** Accounts whose sessions and open pages end with it. */
  readonly ended?: readonly string[]
}

export interface ActExecutor<Payload = unknown> {
  readonly act: TwoPersonAct
  /**
   * Reads what is asked for, as a request or the store has it, and says what would be done now.
   *
   * @throws ShoukouError where it can't be asked for: `invalid-request`, `not-found`, or what the act itself would say.
   */
  prepare(payload: Payload): Promise<PreparedAct>
  /** Does it: called once for each agreed proposal. What it throws is the outcome, in words. */
  carryOut(agreed: AgreedAct<Payload>): Promise<ActOutcome>
  /**
   * Where the console ended in the middle of it: true, and it is carried out again at the next start (a second time must
   * change nothing); false, and its outcome says that nobody knows how far it came.
   */
  readonly isRepeatable: boolean
}

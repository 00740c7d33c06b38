/**
 * What was asked about the agent's removal: challenges, tries, and what came of them. Pure.
 *
 * The counter outlives everything, so that each code is good once. Whoever may write this file has all rights on the computer
 * already: it keeps an honest removal in order, and the console's record is what tells the other kind.
 */
import {
  type FactNamed,
  makeRemovalChallenge,
  REMOVAL_COUNTER_MAX,
  REMOVAL_TRIES_MAX,
  type RemovalCheck,
  ShoukouError,
} from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const ACCOUNT_LENGTH_MAX = 256

const EventSchema = Type.Object(
  {
    /** From 1, without a hole: what the running agent has told is known by it. */
    number: count,
    result: Type.Union([Type.Literal('refused'), Type.Literal('permitted'), Type.Literal('forced')]),
    reason: nullable(Type.String({ maxLength: 100 })),
    counter: nullable(count),
    account: nullable(Type.String({ maxLength: ACCOUNT_LENGTH_MAX })),
  },
  closed,
)
export type RemovalEvent = Static<typeof EventSchema>

const BookSchema = Type.Object(
  {
    v: Type.Literal(1),
    counter: count,
    challenge: nullable(Type.Object({ text: Type.String({ maxLength: 40 }), counter: count }, closed)),
    wrongTries: count,
    locked: nullable(
      Type.Object({ bootId: Type.String({ maxLength: 64 }), untilBootMs: Type.Number() }, closed),
    ),
    events: Type.Array(EventSchema, { maxItems: 64 }),
  },
  closed,
)
export type RemovalBook = Static<typeof BookSchema>
export const removalFile = stateFile(BookSchema)

/** What of it the running agent has told, and whether the console has that. */
const ToldSchema = Type.Object({ v: Type.Literal(1), number: count, isAcknowledged: Type.Boolean() }, closed)
export const removalToldFile = stateFile(ToldSchema)

export const EMPTY_REMOVAL_BOOK: RemovalBook = {
  v: 1,
  counter: 0,
  challenge: null,
  wrongTries: 0,
  locked: null,
  events: [],
}

export const REMOVAL_LOCK_MS = 30 * 60_000
const eventsMax = 32

export interface BootNow {
  readonly bootId: string
  readonly bootMs: number
}

/** Whether codes are refused unseen. Another boot counts anew, with the tries that are left. */
export function isRemovalLocked({ locked }: RemovalBook, { bootId, bootMs }: BootNow): boolean {
  return locked !== null && locked.bootId === bootId && locked.untilBootMs > bootMs
}

/**
 * Makes a new challenge; one before it is good no more.
 *
 * @throws ShoukouError `removal-refused` where no number is left.
 */
export function challengeRemoval(book: RemovalBook, agent: string, nonce: number): RemovalBook {
  const counter = book.counter + 1
  if (counter > REMOVAL_COUNTER_MAX)
    throw new ShoukouError('removal-refused', 'The counter of removal codes is used up.')
  return { ...book, counter, challenge: { text: makeRemovalChallenge(agent, counter, nonce), counter } }
}

/** Takes in how a code compared with the challenge. A slip that the check digit finds is no try. */
export function takeRemovalCode(
  book: RemovalBook,
  check: RemovalCheck,
  now: BootNow,
  account: string | null,
): RemovalBook {
  if (check === 'check-digit') return book
  const counter = book.challenge?.counter ?? null
  if (check === 'right')
    return add(
      { ...book, challenge: null, wrongTries: 0 },
      { result: 'permitted', reason: 'code', counter, account },
    )
  const wrongTries = book.wrongTries + 1
  if (wrongTries < REMOVAL_TRIES_MAX)
    return add({ ...book, wrongTries }, { result: 'refused', reason: 'wrong-code', counter, account })
  const locked = { bootId: now.bootId, untilBootMs: now.bootMs + REMOVAL_LOCK_MS }
  const next = { ...book, wrongTries: 0, locked, challenge: null }
  return add(next, { result: 'refused', reason: 'locked', counter, account })
}

/** Notes a removal without a code. */
export function forceRemoval(book: RemovalBook, account: string | null): RemovalBook {
  return add(book, { result: 'forced', reason: 'no-code', counter: null, account })
}

/** The fact of an event. */
export function removalFact({ result, reason, counter, account }: RemovalEvent): FactNamed<'agent.removal'> {
  return { kind: 'agent.removal', result, reason, counter, account }
}

function add(book: RemovalBook, event: Omit<RemovalEvent, 'number'>): RemovalBook {
  const number = (book.events.at(-1)?.number ?? 0) + 1
  return { ...book, events: [...book.events, { number, ...event }].slice(-eventsMax) }
}

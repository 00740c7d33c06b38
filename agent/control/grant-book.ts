/**
 * Temporary rights for single stays of media: from the console, or by a code that was read out over the telephone. Pure.
 *
 * A right ends by uptime, never by the wall clock, which whoever sits at the computer can move. It does not outlive the
 * boot: a stay does not either. Spoken codes are counted, and the counter outlives everything: a code is good once.
 */
import type { MediumRight } from '@shoukou/protocol'

export interface Grant {
  readonly id: string
  readonly instance: string
  readonly right: Exclude<MediumRight, 'none'>
  readonly minutes: number
  readonly source: 'console' | 'spoken'
  readonly counter: number | null
  readonly bootId: string
  /** ms of CLOCK_BOOTTIME. */
  readonly untilBootMs: number
}

export interface Challenge {
  readonly instance: string
  readonly text: string
  readonly counter: number
}

export interface GrantBook {
  /** The highest number that a challenge was made with, ever. */
  readonly counter: number
  readonly grants: readonly Grant[]
  /** Challenges that can still be answered, one for each stay. */
  readonly challenges: readonly Challenge[]
  readonly wrongTries: number
  /** Until when no code is taken, ms of CLOCK_BOOTTIME, in the boot of that id. */
  readonly locked: { readonly bootId: string; readonly untilBootMs: number } | null
}

export const EMPTY_GRANT_BOOK: GrantBook = {
  counter: 0,
  grants: [],
  challenges: [],
  wrongTries: 0,
  locked: null,
}

export const WRONG_TRIES_MAX = 5
export const LOCK_MS = 30 * 60_000
/** Stays that may ask at a time; the oldest challenge gives way. */
export const CHALLENGES_MAX = 32
const grantsMax = 64

export interface Now {
  readonly bootId: string
  readonly bootMs: number
}

/** Returns the grant that is in force for a stay now; null where none is. */
export function grantFor(book: GrantBook, instance: string, now: Now): Grant | null {
  return (
    book.grants.find(
      (grant) => grant.instance === instance && grant.bootId === now.bootId && grant.untilBootMs > now.bootMs,
    ) ?? null
  )
}

/** Returns the grants that ended, and the book without them. Another boot ends all of the one before. */
export function endGrants(
  book: GrantBook,
  now: Now,
): { readonly book: GrantBook; readonly ended: readonly Grant[] } {
  const lasts = (grant: Grant): boolean => grant.bootId === now.bootId && grant.untilBootMs > now.bootMs
  const ended = book.grants.filter((grant) => !lasts(grant))
  return ended.length === 0
    ? { book, ended }
    : { book: { ...book, grants: book.grants.filter(lasts) }, ended }
}

/** Adds a grant; one for the same stay gives way to it. */
export function addGrant(book: GrantBook, grant: Grant): GrantBook {
  const others = book.grants.filter((each) => each.instance !== grant.instance)
  return { ...book, grants: [...others, grant].slice(-grantsMax) }
}

/** Takes the grant of a stay away. */
export function removeGrant(book: GrantBook, instance: string): GrantBook {
  return { ...book, grants: book.grants.filter((grant) => grant.instance !== instance) }
}

/** Makes room for a challenge: `make` words it from its number. One that stands for the stay already is kept. */
export function askFor(
  book: GrantBook,
  instance: string,
  make: (counter: number) => string,
): { readonly book: GrantBook; readonly challenge: Challenge; readonly isNew: boolean } {
  const standing = book.challenges.find((each) => each.instance === instance)
  if (standing !== undefined) return { book, challenge: standing, isNew: false }
  const counter = book.counter + 1
  const challenge = { instance, text: make(counter), counter }
  return {
    book: { ...book, counter, challenges: [...book.challenges, challenge].slice(-CHALLENGES_MAX) },
    challenge,
    isNew: true,
  }
}

/** Takes away what a stay that ended had asked for. */
export function forgetStay(book: GrantBook, instance: string): GrantBook {
  return { ...book, challenges: book.challenges.filter((each) => each.instance !== instance) }
}

/** Whether codes are refused unseen now: too many were wrong. A boot of another id has another uptime: it counts anew. */
export function isLocked(book: GrantBook, now: Now): boolean {
  return book.locked !== null && book.locked.bootId === now.bootId && book.locked.untilBootMs > now.bootMs
}

/** Counts a wrong code. The fifth in a row locks. */
export function countWrong(
  book: GrantBook,
  now: Now,
): { readonly book: GrantBook; readonly hasLocked: boolean } {
  const wrongTries = book.wrongTries + 1
  if (wrongTries < WRONG_TRIES_MAX) return { book: { ...book, wrongTries }, hasLocked: false }
  const locked = { bootId: now.bootId, untilBootMs: now.bootMs + LOCK_MS }
  // What was asked before the lock can't be answered after it.
  return { book: { ...book, wrongTries: 0, locked, challenges: [] }, hasLocked: true }
}

/** Takes a right code in: its challenge is used up. */
export function takeCode(book: GrantBook, grant: Grant): GrantBook {
  return addGrant({ ...forgetStay(book, grant.instance), wrongTries: 0 }, grant)
}

/**
 * What `uninstall` does once it has been asked: the challenge, the code, the record at the console, and only then the removal.
 * What is done to the computer comes as an argument.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkRemovalCode, REMOVAL_NONCE_MAX, ShoukouError } from '@shoukou/protocol'
import type { StateFolder } from '../base/state-folder.ts'
import { readIdentity } from '../link/identity.ts'
import { readRemovalKey } from '../link/protection-keys.ts'
import {
  ACCOUNT_LENGTH_MAX,
  type BootNow,
  challengeRemoval,
  EMPTY_REMOVAL_BOOK,
  forceRemoval,
  isRemovalLocked,
  type RemovalBook,
  removalFile,
  removalToldFile,
  takeRemovalCode,
} from '../protection/removal-book.ts'

export interface RemovalRequest {
  readonly folder: StateFolder
  /** As read back by the console; null: only the challenge is asked for. */
  readonly code: string | null
  readonly isForced: boolean
  readonly account: string | null
  readonly now: BootNow
  readonly isAgentRunning: () => Promise<boolean>
  /** Stops, disables and removes units, and lifts what the kernel holds. */
  readonly remove: () => Promise<readonly string[]>
  /** How long the running agent may take to tell it, ms. */
  readonly tellMsMax?: number
}

export type RemovalOutcome =
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'refused'; readonly why: 'mistyped' | 'wrong' | 'locked' | 'no-challenge' | 'no-key' }
  /** `isTold`: the console has the record of it. */
  | { readonly kind: 'removed'; readonly isTold: boolean; readonly left: readonly string[] }

const defaultTellMsMax = 20_000

/**
 * Carries one call out.
 *
 * @throws ShoukouError `not-enrolled`; what the removal throws.
 */
export async function removeAgent(request: RemovalRequest): Promise<RemovalOutcome> {
  const { folder, code, isForced, now } = request
  // From the environment, as long as somebody likes: a book that is not what it should be would never be told.
  const account = request.account?.slice(0, ACCOUNT_LENGTH_MAX) ?? null
  const identity = await readIdentity(folder)
  if (identity === null)
    throw new ShoukouError('not-enrolled', undefined, { context: { folder: folder.root } })
  const found = await removalFile.peek(folder.removalFile)
  // A book that was tampered with begins no count anew: it is refused, until somebody looks at it.
  if (found === 'damaged')
    throw new ShoukouError('state-unusable', `${folder.removalFile} is damaged; use --force in an emergency.`)
  const book = found ?? EMPTY_REMOVAL_BOOK
  if (isForced) return await removeAfter(request, forceRemoval(book, account))
  const key = await readRemovalKey(folder)
  if (key === null) return { kind: 'refused', why: 'no-key' }
  if (isRemovalLocked(book, now)) return { kind: 'refused', why: 'locked' }
  if (code === null) {
    const next = challengeRemoval(book, identity.agent, randomInt(REMOVAL_NONCE_MAX + 1))
    // On the disk before anybody can read it out.
    await removalFile.write(folder.removalFile, next)
    return { kind: 'challenge', challenge: next.challenge?.text ?? '' }
  }
  if (book.challenge === null) return { kind: 'refused', why: 'no-challenge' }
  const check = checkRemovalCode(key, book.challenge.text, code)
  if (check === 'check-digit') return { kind: 'refused', why: 'mistyped' }
  const next = takeRemovalCode(book, check, now, account)
  if (check === 'right') return await removeAfter(request, next)
  await removalFile.write(folder.removalFile, next)
  return { kind: 'refused', why: isRemovalLocked(next, now) ? 'locked' : 'wrong' }
}

/** The record first, at the console where it is reached: then nothing is done that nobody knows of. */
async function removeAfter(request: RemovalRequest, book: RemovalBook): Promise<RemovalOutcome> {
  const { folder, isAgentRunning, remove, tellMsMax = defaultTellMsMax } = request
  await removalFile.write(folder.removalFile, book)
  const number = book.events.at(-1)?.number ?? 0
  const deadline = performance.now() + tellMsMax
  let isTold = false
  while ((await isAgentRunning()) && performance.now() < deadline) {
    const told = await removalToldFile.peek(folder.removalToldFile)
    if (told !== null && told !== 'damaged' && told.number >= number) {
      isTold = told.isAcknowledged
      break
    }
    await sleep(100)
  }
  return { kind: 'removed', isTold, left: await remove() }
}

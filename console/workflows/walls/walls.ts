/**
 * Wall displays: an administrator allows one screen, at one address and for a time, to show the unit with nobody at it.
 *
 * What the administrator gets is a code that is good once and for minutes, typed in at the screen itself: a session never
 * travels. The session reaches what a wall display shows and nothing else, from that address alone, and is over when its
 * time is, when the rules of signing in stop allowing it, or at once when it is ended.
 */
import { createHash, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { mayRole, ShoukouError } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import type { WallRow } from '../../store/wall-ports.ts'
import { comparableAddress, sessionIdOf } from '../accounts/session.ts'
import type { SignInRules } from '../accounts/sign-in-rules.ts'

export const WALL_LIMITS = {
  /** From making one to opening it at the screen. */
  codeMs: 15 * 60_000,
  /** Listed, newest first. */
  listed: 100,
  /** Screens that may show the unit at one time. */
  openMax: 20,
} as const

export interface WallAsked {
  readonly account: string
  readonly address: string
  readonly days: number
  readonly reason: string
}

export interface WallOptions {
  readonly store: Store
  readonly rules: () => SignInRules
  readonly now: () => number
}

/**
 * Makes one; returns it with its code, which is nowhere else.
 *
 * @throws ShoukouError `not-permitted` where the rules allow none, or not for so long; `invalid-request` where the account may not
 * read what is shown or the address is none; `limit-exceeded`.
 */
export async function makeWall(
  { store, rules, now }: WallOptions,
  asked: WallAsked,
  by: string,
): Promise<{ readonly wall: WallRow; readonly code: string }> {
  const { wallDaysMax } = rules()
  if (wallDaysMax === 0)
    throw new ShoukouError(
      'not-permitted',
      'The rules of signing in allow no wall display; change them first.',
    )
  if (asked.days > wallDaysMax)
    throw new ShoukouError('not-permitted', `The rules of signing in allow ${wallDaysMax} days at most.`)
  const account = await store.account(asked.account)
  // An account that may change something has no business on a wall.
  if (account?.state !== 'active' || account.role !== 'viewer' || !mayRole(account.role, 'wall.read'))
    throw new ShoukouError('invalid-request', 'Name an account in use with the role viewer.')
  const address = comparableAddress(asked.address.trim())
  if (address !== 'loopback' && isIP(address) === 0)
    throw new ShoukouError('invalid-request', 'Give the IP address of the screen’s computer.')
  const at = now()
  const open = (await store.walls(WALL_LIMITS.listed)).filter((wall) => isAwaitedOrOpen(wall, at))
  if (open.length >= WALL_LIMITS.openMax)
    throw new ShoukouError('limit-exceeded', `At most ${WALL_LIMITS.openMax} wall displays; end one first.`)
  const code = makeCode()
  const wall = await store.addWall({
    account: account.name,
    address,
    reason: asked.reason,
    madeBy: by,
    madeAt: at,
    expiresAt: at + asked.days * 86_400_000,
    code: hashOf(code),
    codeUntil: at + WALL_LIMITS.codeMs,
  })
  return { wall, code }
}

/**
 * Opens one at its screen; returns the session's secret for the cookie.
 *
 * @throws ShoukouError `token-refused`, in the same words whatever is wrong: whoever guesses learns nothing.
 */
export async function openWall(
  { store, rules, now }: WallOptions,
  code: string,
  from: { readonly address: string; readonly browser: string },
): Promise<{ readonly wall: WallRow; readonly secret: string }> {
  const at = now()
  const wall = await store.wallOfCode(hashOf(code))
  const account = wall === null ? null : await store.account(wall.account)
  const address = comparableAddress(from.address)
  if (
    wall === null ||
    account?.state !== 'active' ||
    account.role !== 'viewer' ||
    wall.endedAt !== null ||
    wall.session !== null ||
    at >= wall.codeUntil ||
    wall.address !== address ||
    rules().wallDaysMax === 0
  )
    throw refused()
  const secret = randomBytes(32).toString('base64url')
  const session = sessionIdOf(secret)
  // The code's one use is taken before the session is there: two screens with one code are one screen.
  if (!(await store.openWall(wall.id, session, at))) throw refused()
  await store.addSession({
    id: session,
    account: account.name,
    role: account.role,
    createdAt: at,
    lastUsedAt: at,
    address,
    browser: from.browser.slice(0, 256),
    factors: ['password'],
    certificate: null,
    reach: 'wall',
    endedAt: null,
    ending: null,
  })
  return { wall, secret }
}

/** Ends one; returns the session that ended with it, null where none was opened. @throws ShoukouError `not-found`, `edit-conflict` */
export async function endWall(
  { store, now }: Pick<WallOptions, 'store' | 'now'>,
  id: number,
  { by, why }: { readonly by: string; readonly why: string },
): Promise<string | null> {
  const wall = await store.wall(id)
  if (wall === null) throw new ShoukouError('not-found', 'There is no such wall display; see the list.')
  if (!(await store.endWall(id, { at: now(), by, why })))
    throw new ShoukouError('edit-conflict', 'That wall display was ended already.')
  if (wall.session !== null) await store.endSession(wall.session, 'wall-ended', now())
  return wall.session
}

function isAwaitedOrOpen(wall: WallRow, now: number): boolean {
  if (wall.endedAt !== null) return false
  return wall.session === null ? now < wall.codeUntil : now < wall.expiresAt
}

function refused(): ShoukouError {
  return new ShoukouError(
    'token-refused',
    'The code is wrong, used, over, or not for this address; ask the administrator for another one.',
  )
}

/** Without letters and digits that are taken for each other. */
const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** Twelve of 32 signs: 60 bits, for fifteen minutes. */
function makeCode(): string {
  const signs = [...randomBytes(12)].map((byte) => letters[byte & 31])
  return [0, 4, 8].map((at) => signs.slice(at, at + 4).join('')).join('-')
}

function hashOf(code: string): string {
  return createHash('sha256')
    .update(code.toUpperCase().replace(/[^0-9A-Z]/g, ''))
    .digest('hex')
}

/**
 * Passwords at rest: Argon2id with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane),
 * written as a PHC string, so that stronger parameters can join later and old hashes still be read.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { ShoukouError } from '@shoukou/protocol'
import { ACCOUNT_LIMITS } from './limits.ts'

interface Cost {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

const cost: Cost = { memory: 19_456, passes: 2, parallelism: 1 }
const tagBytes = 32
const saltBytes = 16
const derive = promisify(argon2)
const phc =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

let running = 0
const waiting: (() => void)[] = []

/** Returns a new PHC string for a password. @throws ShoukouError `rate-limited` where too many wait already. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const tag = await deriveInTurn(password, salt, cost, tagBytes)
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

/**
 * Reports whether a password is the one of a PHC string; compared in constant time. Null, where there is no account,
 * costs the same and is never right.
 *
 * @throws ShoukouError `rate-limited` where too many wait already; Error where the stored string is not one of ours.
 */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  if (stored === null) {
    await deriveInTurn(password, randomBytes(saltBytes), cost, tagBytes)
    return false
  }
  const [, memory, passes, parallelism, salt, tag] = phc.exec(stored) ?? []
  if (salt === undefined || tag === undefined)
    throw new Error('A stored password hash is not a PHC string of Argon2id.')
  const expected = Buffer.from(tag, 'base64')
  const asked: Cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  return timingSafeEqual(
    await deriveInTurn(password, Buffer.from(salt, 'base64'), asked, expected.length),
    expected,
  )
}

/** Few at one time: each takes 19 MiB, and anybody may ask. */
async function deriveInTurn(
  password: string,
  salt: Buffer,
  { memory, passes, parallelism }: Cost,
  bytes: number,
): Promise<Buffer> {
  await takeTurn()
  try {
    // NFC: one password typed on two keyboards is the same password.
    const message = Buffer.from(password.normalize('NFC'))
    return await derive('argon2id', { message, nonce: salt, memory, passes, parallelism, tagLength: bytes })
  } finally {
    giveTurn()
  }
}

async function takeTurn(): Promise<void> {
  if (running < ACCOUNT_LIMITS.hashesAtOnceMax) {
    running += 1
    return
  }
  if (waiting.length >= ACCOUNT_LIMITS.hashesWaitingMax) {
    throw new ShoukouError('rate-limited', 'Too many sign-ins at this moment; try again in a few seconds.')
  }
  await new Promise<void>((resolve) => waiting.push(resolve))
}

/** Hands the turn to the next who waits, so that none overtakes. */
function giveTurn(): void {
  const next = waiting.shift()
  if (next === undefined) running -= 1
  else next()
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}

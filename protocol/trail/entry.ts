/**
 * One entry of the administrators' log. Its raw bytes (this as JSON, once) are the evidence; whoever needs the values
 * parses a copy.
 *
 * Entries name what was done, to what, by whom, from where, and what came of it; never a password, a secret or a file's
 * content. What is above its bound is replaced by its digest, and says so.
 */
import { createHash } from 'node:crypto'
import { ROLES, type Role } from '../access.ts'
import { ShoukouError } from '../errors.ts'

export const TRAIL_LIMITS = {
  /** One value of `before` or `after`, as JSON in UTF-8. Whole policies fit; whole registers do not. */
  valueBytesMax: 65_536,
  /** Any one text of an entry, in UTF-16 units. */
  textMax: 4_096,
  /** Shown of a value that is above its bound. */
  cutTextShown: 512,
} as const

/**
 * `intended` stands there before the act, and an entry with `of` says what came of it: an intention without one means
 * that nobody knows. `done` without `of`: both at once.
 */
export type TrailOutcome =
  | { readonly kind: 'intended' }
  | { readonly kind: 'done'; readonly of?: number }
  | { readonly kind: 'refused'; readonly code: string; readonly of?: number }

export interface TrailEntry {
  readonly v: 1
  readonly seq: number
  /** The console's clock. */
  readonly atMs: number
  /** Empty where nobody was signed in, or the console itself acted. */
  readonly account: string
  readonly role: Role | null
  readonly person?: string
  readonly act: string
  readonly object: string
  readonly detail: string
  readonly before?: unknown
  readonly after?: unknown
  readonly reason?: string
  readonly outcome: TrailOutcome
  /** The socket's far end. */
  readonly address: string
  readonly session?: string
  /** Written before there was a chain: nothing but this console's word vouches for it. */
  readonly isEarlier?: true
}

/** Writes an entry: the one moment at which its bytes come to be. */
export function encodeTrailEntry(entry: TrailEntry): Buffer {
  const { before, after, reason } = entry
  const bounded: TrailEntry = {
    v: 1,
    seq: entry.seq,
    atMs: entry.atMs,
    account: text(entry.account),
    role: entry.role,
    ...(entry.person === undefined ? {} : { person: text(entry.person) }),
    act: text(entry.act),
    object: text(entry.object),
    detail: text(entry.detail),
    ...(before === undefined ? {} : { before: value(before) }),
    ...(after === undefined ? {} : { after: value(after) }),
    ...(reason === undefined ? {} : { reason: text(reason) }),
    outcome: entry.outcome,
    address: text(entry.address),
    ...(entry.session === undefined ? {} : { session: text(entry.session) }),
    ...(entry.isEarlier === true ? { isEarlier: true } : {}),
  }
  return Buffer.from(JSON.stringify(bounded))
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Parses one. @throws ShoukouError `malformed-frame` where the bytes are no entry. */
export function parseTrailEntry(raw: Uint8Array): TrailEntry {
  let entry: Partial<TrailEntry> | null
  try {
    entry = JSON.parse(strictUtf8.decode(raw)) as Partial<TrailEntry> | null
  } catch (cause) {
    throw new ShoukouError('malformed-frame', 'The entry is not JSON in UTF-8.', { cause })
  }
  const texts = [entry?.account, entry?.act, entry?.object, entry?.detail, entry?.address]
  const isEntry =
    entry !== null &&
    entry.v === 1 &&
    Number.isSafeInteger(entry.seq) &&
    Number.isSafeInteger(entry.atMs) &&
    texts.every((one) => typeof one === 'string') &&
    (entry.role === null || ROLES.some((role) => role === entry.role)) &&
    isOutcome(entry.outcome)
  if (!isEntry) throw new ShoukouError('malformed-frame', 'The bytes are no entry of the log.')
  return entry as TrailEntry
}

function isOutcome(outcome: unknown): boolean {
  const { kind, code, of } = (outcome ?? {}) as { kind?: unknown; code?: unknown; of?: unknown }
  if (of !== undefined && !Number.isSafeInteger(of)) return false
  return kind === 'intended' || kind === 'done' || (kind === 'refused' && typeof code === 'string')
}

function text(given: string): string {
  if (given.length <= TRAIL_LIMITS.textMax) return given
  return `${given.slice(0, TRAIL_LIMITS.cutTextShown)}… (sha256 ${digest(given)})`
}

function value(given: unknown): unknown {
  const json = JSON.stringify(given) ?? 'null'
  const bytes = Buffer.byteLength(json)
  if (bytes <= TRAIL_LIMITS.valueBytesMax) return given
  return { cut: json.slice(0, TRAIL_LIMITS.cutTextShown), bytes, sha256: digest(json) }
}

function digest(given: string): string {
  return createHash('sha256').update(given).digest('hex')
}

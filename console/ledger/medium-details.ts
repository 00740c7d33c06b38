/** What people fill in for a medium, and what a change of it means. Pure. */
import { compareLevels, LEVEL_NAMES, type Level, type Passport, ShoukouError } from '@shoukou/protocol'

export const MEDIUM_KINDS = [
  'usb-stick',
  'portable-disk',
  'memory-card',
  'optical-disc',
  'floppy',
  'tape',
  'other',
] as const
export type MediumKind = (typeof MEDIUM_KINDS)[number]

export interface MediumDetails {
  readonly level: Level
  readonly kind: MediumKind
  readonly custodian: string
  readonly department: string
  /** Numbers of computers; null: every computer of the unit. */
  readonly computers: readonly string[] | null
  /** Accounts of the operating system; null: everyone. */
  readonly users: readonly string[] | null
  readonly right: 'read-only' | 'read-write'
  readonly validFromMs: number
  readonly validUntilMs: number | null
  readonly note: string
}

export const DETAIL_FIELDS = [
  'level',
  'kind',
  'custodian',
  'department',
  'computers',
  'users',
  'right',
  'validFromMs',
  'validUntilMs',
  'note',
] as const satisfies readonly (keyof MediumDetails)[]

/** What the seal says: a change of any of these makes the seals before it void. */
const sealedFields = new Set<keyof MediumDetails>([
  'level',
  'custodian',
  'computers',
  'users',
  'right',
  'validFromMs',
  'validUntilMs',
])

/** A number: as a label carries it, also in an address. */
const numberPattern = /^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u

/** Beside the media's own addresses in the API stands this one. */
const takenAddress = 'template.xlsx'

/** What differs: field → [before, after]. */
export type Changes = Readonly<Record<string, readonly [unknown, unknown]>>

/** Returns a number as it is kept: full-width letters and digits, which an input method types, are the plain ones. */
export function plainNumber(text: string): string {
  return text.normalize('NFKC').trim()
}

/** Reports whether a text may be a medium's number. */
export function isMediumNumber(text: string): boolean {
  return numberPattern.test(text) && text.toLowerCase() !== takenAddress
}

/** Returns the fields that differ between two fillings-in, with both values. */
export function changesBetween(before: Partial<MediumDetails>, after: MediumDetails): Changes {
  const differing = DETAIL_FIELDS.filter(
    (field) => JSON.stringify(before[field] ?? null) !== JSON.stringify(after[field]),
  )
  return Object.fromEntries(differing.map((field) => [field, [before[field] ?? null, after[field]] as const]))
}

/** Reports whether changes touch what the seal certifies. */
export function changeTheSeal(changes: Changes): boolean {
  return Object.keys(changes).some((field) => sealedFields.has(field as keyof MediumDetails))
}

/** Takes the part that people fill in out of something larger. */
export function detailsOf(from: MediumDetails): MediumDetails {
  const { level, kind, custodian, department, computers, users, right, validFromMs, validUntilMs, note } =
    from
  return { level, kind, custodian, department, computers, users, right, validFromMs, validUntilMs, note }
}

/** @throws ShoukouError `invalid-request` where the level would fall: what held secrets of a level goes on holding them. */
export function assertLevelNotLowered(before: Level, after: Level): void {
  if (compareLevels(after, before) >= 0) return
  const [from, to] = [LEVEL_NAMES[before], LEVEL_NAMES[after]]
  throw new ShoukouError(
    'invalid-request',
    `The level of a medium is never lowered: it is ${from.zh} (${from.en}), and ${to.zh} (${to.en}) was asked for.`,
  )
}

/** @throws ShoukouError `invalid-request` where the medium would be good until before it is good. */
export function assertValidity({ validFromMs, validUntilMs }: MediumDetails): void {
  if (validUntilMs === null || validUntilMs > validFromMs) return
  throw new ShoukouError('invalid-request', 'The validity ends before it begins; correct one of both dates.')
}

/** Says in few words what a passport is of: for the history and the log, never to decide by. */
export function passportName(passport: Passport): string {
  const ids = passport.usb === null ? passport.bus : `${passport.usb.vendorId}:${passport.usb.productId}`
  return passport.sizeBytes === null ? ids : `${ids}, ${passport.sizeBytes} bytes`
}

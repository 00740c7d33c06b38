/**
 * What the store keeps of media that were seen: one row for each stay of one medium at one place. Part of the store's
 * interface: see `ports.ts`.
 *
 * A stay is named by the first record about it (`epoch:seq`): what the kernel calls a place comes again. Rows of ended
 * stays are history and stay.
 */
import type { Level, MediumRight, Passport } from '@shoukou/protocol'

/** A stay as ingest keeps it: what `rules/stays.ts` makes. */
export interface StayRow {
  readonly id: string
  readonly bootId: string
  readonly instance: string | null
  readonly by: 'usb' | 'disk'
  readonly usbPath: string | null
  readonly disk: string | null
  readonly epoch: string
  readonly seq: number
  readonly isExamined: boolean
  /** By the computer's clock, Unix ms. */
  readonly at: number
  readonly endedAt: number | null
  readonly openedBootMs: number
  readonly number: string | null
  readonly level: Level | null
  readonly keys: readonly string[]
  readonly passport: Passport | null
  readonly sealId: string | null
  readonly right: MediumRight
  readonly rule: string
  readonly isConfirmed: boolean
  readonly dueBootMs: number | null
  readonly pending: string | null
  readonly mounts: readonly string[]
}

/** A stay as others read it. */
export interface SightingRow {
  /** Order of receipt; given by the store. */
  readonly id: number
  readonly agent: string
  /** The computer's number. */
  readonly computer: string
  readonly stay: string
  /** The agent's name of the stay, as its commands take it. */
  readonly instance: string
  /** Key of the USB port's text; null on other buses. */
  readonly usbPath: string | null
  /** The record of its examination; of its coming where it was never examined. */
  readonly epoch: string
  readonly seq: number
  readonly isExamined: boolean
  /** When it came and went, by the computer's clock; received by the console's. */
  readonly at: number
  readonly endedAt: number | null
  readonly receivedAt: number
  /** The register's number; null where it is none of its media. */
  readonly number: string | null
  readonly level: Level | null
  readonly passport: Passport | null
  readonly keys: readonly string[]
  readonly sealId: string | null
  readonly right: MediumRight
  /** The rule that decided, a later grant included. */
  readonly rule: string
  /** Told since the agent last started. */
  readonly isConfirmed: boolean
}

/** The sightings' part of the store; they are written by `ingest`. */
export interface SightingStore {
  /** What has not ended, as ingest goes on with it. */
  openStays(agent: string): Promise<readonly StayRow[]>
  /** Media that are in a computer now, as far as it has told; the youngest first. */
  presentMedia(agent: string): Promise<readonly SightingRow[]>
  /** Of all computers: examined media that are there now. */
  presentEverywhere(limit: number): Promise<readonly SightingRow[]>
  /** Where a registered medium was, newest first. */
  mediumSightings(number: string, limit: number): Promise<readonly SightingRow[]>
  /** The last sighting of each of the given numbers that was ever seen. */
  lastSightings(numbers: readonly string[]): Promise<readonly SightingRow[]>
  /** The stay that a record examined or opened. */
  sightingOfRecord(agent: string, epoch: string, seq: number): Promise<SightingRow | null>
  /** The stay that a violation is about; none where it is about no medium. */
  sightingsOfViolation(id: number): Promise<readonly SightingRow[]>
  /** Open and examined elsewhere or here: those that share a key, or the number. */
  presentWith(
    identity: { readonly keys: readonly string[]; readonly number: string | null },
    limit: number,
  ): Promise<readonly SightingRow[]>
  /** Changes whenever the register does: a mark to keep a copy by. */
  registerMark(): Promise<string>
  /** Passports of registered USB media, to tell at an attachment whether it could be one of them. */
  registeredUsbPassports(): Promise<readonly Passport[]>
}

/** What the store keeps of the media register. Part of the store's interface: see `ports.ts`. */
import type { Level, MediumState, Passport, SignedSeal } from '@shoukou/protocol'

/** A registered medium as it stands now. How it came to be so is in its history. */
export interface MediumRow {
  /** Order of registration; given by the store. */
  readonly id: number
  readonly number: string
  readonly level: Level
  readonly kind: string
  readonly custodian: string
  readonly department: string
  /** Numbers of the computers that may use it; null: every computer of the unit. */
  readonly computers: readonly string[] | null
  readonly users: readonly string[] | null
  readonly right: 'read-only' | 'read-write'
  readonly validFromMs: number
  readonly validUntilMs: number | null
  readonly note: string
  readonly state: MediumState
  /** Raised by each write. */
  readonly version: number
  readonly registeredAt: number
  readonly registeredBy: string
  readonly changedAt: number
  /** Null: nothing is known of it yet but its number. */
  readonly passport: Passport | null
  /** The seal in force; null where there never was one. */
  readonly seal: MediumSeal | null
  /** Seals issued before this are void; null: none was ever replaced. */
  readonly sealsVoidBeforeMs: number | null
  /** When a station reported that the seal in force stands on the medium. */
  readonly sealWrittenAt: number | null
  /** Lent or carried out: the moment by which it is to be back; null: in its place, or no day was agreed. */
  readonly dueBackMs: number | null
}

export interface MediumSeal {
  readonly id: string
  readonly issuedAtMs: number
  readonly signed: SignedSeal
}

export type MediumEventKind =
  | 'registered'
  | 'changed'
  | 'state-changed'
  | 'seal-issued'
  | 'seal-written'
  | 'passport-set'

export interface MediumEventRow {
  readonly at: number
  readonly account: string
  readonly kind: MediumEventKind
  /** JSON of what differed: field → [before, after]. */
  readonly changes: string
  readonly reason: string
}

/** One medium as an act leaves it, with what the act adds to its history. */
export interface MediumWrite {
  readonly medium: Omit<MediumRow, 'id'>
  /** The version that the act began from; null: it is new. */
  readonly baseVersion: number | null
  /** Under which a medium with such a passport is looked for; null: as they are. */
  readonly keys: readonly string[] | null
  readonly events: readonly MediumEventRow[]
}

/** Computers whose policy no longer carries what the register says: kept until their next policy is signed. */
export interface MediaPolicyDue {
  /** Numbers; null: every computer of the unit. */
  readonly computers: readonly string[] | null
  readonly account: string
  /** What was done: `YM-0001 registered`. */
  readonly reason: string
}

export interface DueRow {
  readonly id: number
  /** Number of a computer; null: every computer. */
  readonly computer: string | null
  readonly account: string
  readonly reason: string
}

export interface MediumFilter {
  readonly states?: readonly MediumState[]
  readonly levels?: readonly Level[]
  /** Number of a computer that may use it, by name or because every computer may. */
  readonly computer?: string
  /** Part of number, custodian, department or note. */
  readonly search?: string
  /** Of this department alone. */
  readonly department?: string
  /** By number; left out: newest registration first. */
  readonly sort?: 'number'
  /** Of a sort by number: from the last one. */
  readonly isDescending?: boolean
  /** Rows behind the one with this id. */
  readonly beforeId?: number
  readonly limit: number
}

/** Sealed media that one computer may use. */
export interface UsableMedia {
  /** Those assigned to it first; of these, those first whose seal is not known to stand on the medium. */
  readonly media: readonly MediumRow[]
  /** How many there are in all. */
  readonly total: number
}

/** The register's part of the store. */
export interface MediaStore {
  /**
   * Writes media, their history and what is due to computers: all of it or nothing.
   *
   * @throws ShoukouError `invalid-request` where a number is taken, `edit-conflict` where a version is not the one that
   * the act began from.
   */
  writeMedia(writes: readonly MediumWrite[], due: MediaPolicyDue | null): Promise<void>
  medium(number: string): Promise<MediumRow | null>
  media(filter: MediumFilter): Promise<readonly MediumRow[]>
  countMedia(filter: Omit<MediumFilter, 'beforeId' | 'limit'>): Promise<number>
  /** Newest first. */
  mediumHistory(number: string, limit: number): Promise<readonly MediumEventRow[]>
  /** Media that share an identity key with a passport. */
  mediaWithKeys(keys: readonly string[], limit: number): Promise<readonly MediumRow[]>
  /** Those of the given numbers that are taken, upper and lower case alike, as they are written here. */
  takenMediumNumbers(numbers: readonly string[]): Promise<readonly string[]>
  /** Counts `count` numbers off among those of one name; returns the first. Of 0 nothing is counted off. */
  nextMediumCount(count: number, name: string): Promise<number>
  usableMedia(computer: string, limit: number): Promise<UsableMedia>
  /** Media of which a seal may be about that counts no more: the most urgent first. */
  revokedMedia(limit: number): Promise<{ readonly media: readonly MediumRow[]; readonly total: number }>
  /** Adds to what is due without a write: a computer enrolled while the register was written. */
  addMediaPolicyDue(due: MediaPolicyDue): Promise<void>
  mediaPolicyDue(limit: number): Promise<readonly DueRow[]>
  /** Policies are made: nothing up to this id is due any more. */
  settleMediaPolicyDue(ids: readonly number[]): Promise<void>
}

/**
 * What the store keeps of the ledger's differences from reality: each finding with who took it on, notes, and until when it
 * rests; and what of media and sightings they are found in. Part of the store's interface: see `ports.ts`.
 */
import type { Level } from '@shoukou/protocol'
import type { SightingRow } from './sighting-ports.ts'

/** A finding as it is made; kinds and what is told are `console/ledger/reality.ts`. */
export interface FoundRow {
  readonly id: string
  readonly kind: string
  readonly severity: string
  readonly place: string
  readonly number: string
  readonly department: string | null
  readonly since: number
  readonly told: Readonly<Record<string, string>>
}

export interface FindingRow extends FoundRow {
  /** Order of the list; given by the store. */
  readonly row: number
  readonly firstAt: number
  /** Null: it is still so. Set when it is no longer found, by itself. */
  readonly resolvedAt: number | null
  readonly takenBy: string | null
  readonly takenAt: number | null
  readonly note: string
  readonly snoozedUntil: number | null
  readonly snoozeReason: string
  /** How often it came again. */
  readonly reopened: number
  /** Raised by each act of a person. */
  readonly version: number
}

export type FindingAct =
  | { readonly kind: 'take' }
  | { readonly kind: 'release' }
  | { readonly kind: 'note'; readonly text: string }
  /** `until` null: it rests no longer. */
  | { readonly kind: 'snooze'; readonly until: number | null; readonly text: string }

export interface FindingEventRow {
  readonly at: number
  /** Null: the console itself found it so. */
  readonly account: string | null
  readonly kind: 'opened' | 'reopened' | 'resolved' | 'taken' | 'released' | 'noted' | 'snoozed' | 'woken'
  readonly text: string
}

export interface FindingFilter {
  readonly kinds?: readonly string[]
  readonly severities?: readonly string[]
  readonly places?: readonly string[]
  /** Names; left out: every department, and what is given to none. */
  readonly departments?: readonly string[]
  readonly state?: 'open' | 'snoozed' | 'resolved'
  /** An account; null: nobody. */
  readonly takenBy?: string | null
  /** Part of the number. */
  readonly search?: string
  /** Left out: the gravest first, then the oldest. */
  readonly sort?: 'since' | 'number' | 'department'
  readonly isDescending?: boolean
  /** What is snoozed is told by this time. */
  readonly at: number
}

export interface LeanMedium {
  readonly id: number
  readonly number: string
  readonly state: string
  readonly level: Level
  readonly department: string
  readonly custodian: string
  readonly validUntilMs: number | null
  readonly dueBackMs: number | null
  readonly registeredAt: number
  readonly changedAt: number
  /** Of one that is missing, retired or destroyed: since when it is; else since its last change. */
  readonly stateSince: number
}

export interface SeenNumber {
  readonly number: string
  readonly receivedAt: number
  readonly computer: string
  /** What its seal said there; null: it had none. */
  readonly sealLevel: Level | null
}

export interface SeenUnregistered {
  readonly key: string
  readonly agent: string
  readonly computer: string
  readonly department: string | null
  readonly firstAt: number
  readonly lastAt: number
  readonly name: string
}

/** A stay, and what its computer was then: what it has become since says nothing of the stay. */
export interface PlacedSighting extends SightingRow {
  readonly hostLevel: Level
  /** That its record was made under. */
  readonly policyVersion: number
}

export interface FindingsChange {
  readonly opened: number
  readonly reopened: number
  readonly resolved: number
}

/** The findings' part of the store. */
export interface FindingsStore {
  /** What is found now, all of it: what is new is opened, what is found no longer is resolved, in one transaction. */
  syncFindings(found: readonly FoundRow[], at: number): Promise<FindingsChange>
  /** In the order of the filter; those that are alike the gravest first, then the oldest. */
  findings(
    filter: FindingFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<readonly FindingRow[]>
  countFindings(filter: FindingFilter, max: number): Promise<number>
  countFindingKinds(
    filter: FindingFilter,
  ): Promise<readonly { readonly kind: string; readonly count: number }[]>
  finding(id: string): Promise<FindingRow | null>
  /** Newest first. */
  findingEvents(id: string, limit: number): Promise<readonly FindingEventRow[]>
  /**
   * One act on all of them, or on none.
   *
   * @throws ShoukouError `not-found`, `edit-conflict` where somebody else acted meanwhile.
   */
  actOnFindings(
    of: readonly { readonly id: string; readonly version: number }[],
    act: FindingAct,
    by: { readonly account: string; readonly at: number },
  ): Promise<void>

  /** Since when each computer's entry is in its state: a change of anything else does not make it another day. */
  computerStatesSince(): Promise<readonly { readonly number: string; readonly at: number }[]>
  /** By registration; without what only pages show. */
  leanMedia(afterId: number, limit: number): Promise<readonly LeanMedium[]>
  /** Of every number that was ever seen: when last, and where. */
  seenNumbers(): Promise<readonly SeenNumber[]>
  /** Examined media that no register has, seen since then: each identity once. */
  seenUnregistered(since: number, limit: number): Promise<readonly SeenUnregistered[]>
  /** Examined stays after this one, in the order of receipt. */
  sightingsAfter(id: number, limit: number): Promise<readonly PlacedSighting[]>
  /**
   * Where one identity was before this stay, ended stays and retired computers too: of each computer, at each level that it
   * had, the last that shares the number or a key; oldest first.
   */
  sightingsSharing(
    identity: { readonly id: number; readonly keys: readonly string[]; readonly number: string | null },
    limit: number,
  ): Promise<readonly PlacedSighting[]>

  /** A number that a watch goes on from: `unseen-days`, `cross-use`. Null: never set. */
  findingMark(name: string): Promise<number | null>
  setFindingMark(name: string, value: number): Promise<void>
}

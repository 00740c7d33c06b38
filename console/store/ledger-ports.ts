/**
 * What the store keeps of the registers: entries, their history, how they name each other, hand-overs, departments, patterns
 * of numbers, and which entry an agent's computer is. Part of the store's interface: see `ports.ts`.
 */
import type { Level } from '@shoukou/protocol'
import type { ViolationRow } from './ports.ts'

/** As the kind's definition in `console/ledger` has it; the store compares it with nothing. */
export type LedgerFields = Readonly<Record<string, unknown>>

export interface LedgerEntryRow {
  /** Order of registration; given by the store. */
  readonly id: number
  readonly kind: string
  readonly number: string
  readonly state: string
  readonly level: Level | null
  /** A department's name. */
  readonly department: string
  readonly custodian: string
  readonly fields: LedgerFields
  /** Raised by each write. */
  readonly version: number
  readonly createdAt: number
  readonly createdBy: string
  readonly changedAt: number
}

export type LedgerEventKind = 'registered' | 'imported' | 'changed' | 'state-changed' | 'handed-over'

export interface LedgerEventRow {
  readonly at: number
  readonly account: string
  readonly kind: LedgerEventKind
  /** JSON of what differed: field → [before, after]. */
  readonly changes: string
  readonly reason: string
}

/** A number that the store counts off: what stands before and behind the count, and its digits at least. */
export interface NumberStem {
  readonly before: string
  readonly after: string
  readonly digits: number
}

/** Another entry that this one names in a field. */
export interface LedgerLink {
  readonly field: string
  readonly kind: string
  readonly number: string
}

/** One entry as an act leaves it, with what the act adds to its history. */
export interface LedgerWrite {
  readonly entry: Omit<LedgerEntryRow, 'id' | 'number'> & {
    /** Asked for, or counted off in the same transaction. */
    readonly number: string | NumberStem
  }
  /** The version that the act began from; null: it is new. */
  readonly baseVersion: number | null
  readonly links: readonly LedgerLink[]
  /** What a search finds it by. */
  readonly text: string
  readonly events: readonly LedgerEventRow[]
  /** A hand-over that this write carries out. */
  readonly handover?: { readonly id: number; readonly doneAt: number }
}

export const LEDGER_SORTS = ['number', 'changed'] as const
export type LedgerSort = (typeof LEDGER_SORTS)[number]

export interface LedgerFilter {
  readonly kind: string
  readonly states?: readonly string[]
  readonly levels?: readonly Level[]
  /** Names; left out: every department. */
  readonly departments?: readonly string[]
  /** Exactly. */
  readonly custodian?: string
  /** Part of the number, the custodian, or of what else the kind is searched by. */
  readonly search?: string
}

export interface LedgerPage {
  readonly filter: LedgerFilter
  readonly sort: LedgerSort
  readonly isDescending: boolean
  /** `next` of the page before. */
  readonly after?: LedgerPlace
  readonly limit: number
}

/** Where a page ends: what was sorted by, and the entry. */
export interface LedgerPlace {
  readonly value: string | number
  readonly id: number
}

export interface LedgerPageRows {
  readonly entries: readonly LedgerEntryRow[]
  /** Null: that was the last page. */
  readonly next: LedgerPlace | null
}

/** An entry that names another one. */
export interface LedgerNamedBy {
  readonly kind: string
  readonly number: string
  readonly field: string
  readonly state: string
}

/** One side's word for a hand-over: in a session of their own, or on paper. */
export interface HandoverSignature {
  readonly at: number
  /** Who was signed in when it was written down. */
  readonly account: string
  /** Who gave or received: the account's person, or the name on the paper. */
  readonly person: string
  /** The number of the paper form; null: signed in a session. */
  readonly paper: string | null
}

export interface HandoverRow {
  readonly id: number
  readonly kind: string
  readonly number: string
  readonly giver: string
  readonly receiver: string
  readonly department: string
  readonly reason: string
  readonly askedAt: number
  readonly askedBy: string
  readonly given: HandoverSignature | null
  readonly received: HandoverSignature | null
  readonly endedAt: number | null
  /** Null while it waits. */
  readonly end: 'done' | 'withdrawn' | null
}

export interface DepartmentRow {
  /** Short, for numbers; never changed. */
  readonly code: string
  readonly name: string
  /** A code; null: of the unit itself. */
  readonly parent: string | null
  readonly isKey: boolean
  readonly head: string
  readonly version: number
  readonly changedAt: number
}

/** Who, when, why, and field → [before, after] as JSON. */
export interface DepartmentEventRow {
  readonly code: string
  readonly at: number
  readonly account: string
  readonly changes: string
  readonly reason: string
}

export interface NumberPatternRow {
  readonly kind: string
  readonly pattern: string
  readonly version: number
  readonly changedAt: number
  readonly changedBy: string
}

/** Which entry a person said that an agent's computer is; null: none. The newest holds. */
export interface AgentEntryRow {
  readonly agent: string
  readonly number: string | null
  readonly at: number
  readonly account: string
  readonly reason: string
}

/** A record of what a computer is made of, as it was stored. */
export interface StoredInventory {
  readonly receivedAt: number
  readonly raw: Uint8Array
}

/** The registers' part of the store. */
export interface LedgerStore {
  /**
   * Writes entries, their history and links: all of it or nothing. Returns them as they are now, in order.
   *
   * @throws ShoukouError `number-taken` where a number is, whatever its case; `edit-conflict` where a version is not the one
   * that the act began from.
   */
  writeLedger(writes: readonly LedgerWrite[]): Promise<readonly LedgerEntryRow[]>
  /** What entries are found by from now on; nothing else of them changes. */
  indexLedger(
    texts: readonly { readonly kind: string; readonly number: string; readonly text: string }[],
  ): Promise<void>
  /** By number, upper and lower case alike. */
  ledgerEntry(kind: string, number: string): Promise<LedgerEntryRow | null>
  ledgerEntries(page: LedgerPage): Promise<LedgerPageRows>
  /** Counts no further than `max`. */
  countLedger(filter: LedgerFilter, max: number): Promise<number>
  /** Newest first. */
  ledgerHistory(kind: string, number: string, limit: number): Promise<readonly LedgerEventRow[]>
  ledgerNamedBy(kind: string, number: string, limit: number): Promise<readonly LedgerNamedBy[]>
  /** Those of the given numbers that are taken, as they are written here. */
  takenLedgerNumbers(kind: string, numbers: readonly string[]): Promise<readonly string[]>
  /** The number that the next entry would be given; nothing is counted off. */
  nextLedgerNumber(kind: string, stem: NumberStem): Promise<string>
  /** When the register got its first entry; null: it has none. */
  firstLedgerEntryAt(kind: string): Promise<number | null>
  /** Custodians that begin with a text, for who fills in another entry. */
  ledgerCustodians(
    begin: string,
    departments: readonly string[] | null,
    limit: number,
  ): Promise<readonly string[]>

  /** Null where one of the same entry waits already. */
  addHandover(
    handover: Pick<
      HandoverRow,
      'kind' | 'number' | 'giver' | 'receiver' | 'department' | 'reason' | 'askedAt' | 'askedBy'
    >,
  ): Promise<HandoverRow | null>
  handover(id: number): Promise<HandoverRow | null>
  /** Newest first. */
  handovers(kind: string, number: string, limit: number): Promise<readonly HandoverRow[]>
  /** Those that wait. */
  openHandovers(limit: number): Promise<readonly HandoverRow[]>
  /** Adds one side's word; false where it was given before, or the hand-over is over. */
  signHandover(id: number, side: 'given' | 'received', signature: HandoverSignature): Promise<boolean>
  withdrawHandover(id: number, at: number): Promise<boolean>

  /** In the order of their codes. */
  departmentTree(): Promise<readonly DepartmentRow[]>
  /**
   * Adds a department (`baseVersion` null) or changes it. A new name is written to whatever is given to the department, in the
   * same transaction.
   *
   * @throws ShoukouError `number-taken` where code or name is, `edit-conflict`; `invalid-request` where something is given to
   * the new name already: whose it is could not be told from the department's own any more.
   */
  writeDepartment(
    row: DepartmentRow,
    baseVersion: number | null,
    event: Omit<DepartmentEventRow, 'code'>,
  ): Promise<void>
  /** False where something is given to it, or another one is below it. */
  removeDepartment(
    code: string,
    baseVersion: number,
    event: Omit<DepartmentEventRow, 'code'>,
  ): Promise<boolean>
  departmentHistory(code: string | null, limit: number): Promise<readonly DepartmentEventRow[]>

  numberPatterns(): Promise<readonly NumberPatternRow[]>
  /** @throws ShoukouError `edit-conflict`; `baseVersion` 0: the unit had none of its own. */
  setNumberPattern(row: NumberPatternRow, baseVersion: number, reason: string): Promise<void>

  /** What people said of the agents that they looked at; each agent once. */
  agentEntries(): Promise<readonly AgentEntryRow[]>
  agentEntry(agent: string): Promise<AgentEntryRow | null>
  setAgentEntry(row: AgentEntryRow): Promise<void>
  /** Newest first: what a computer told of itself at its starts. */
  inventories(agent: string, limit: number): Promise<readonly StoredInventory[]>
  /** Ends the violations of an agent that last under their type's own name; returns them. */
  endLasting(agent: string, type: string, at: number): Promise<readonly ViolationRow[]>
}

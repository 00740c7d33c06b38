/**
 * What the store keeps for wall displays: which screens may show the unit without anybody at them, and what they show.
 * Part of the store's interface: see `ports.ts`. Who made and ended one is in the administrators' log.
 */
import type { HandlingState } from './handling-ports.ts'
import type { Severity } from './ports.ts'

export interface NewWall {
  /** Whose session it is: what the display shows is what this account may read. */
  readonly account: string
  /** The one address that it may be opened from, as `comparableAddress` writes it. */
  readonly address: string
  readonly reason: string
  readonly madeBy: string
  readonly madeAt: number
  readonly expiresAt: number
  /** SHA-256 of the code that opens it once, hex. */
  readonly code: string
  readonly codeUntil: number
}

export interface WallRow extends NewWall {
  readonly id: number
  readonly openedAt: number | null
  /** The session's name, a hash; null until it was opened. */
  readonly session: string | null
  readonly endedAt: number | null
  /** Empty: its time was over. */
  readonly endedBy: string | null
  readonly endedWhy: string | null
}

/** How well the unit was watched on one day: how often it was looked at, and the sums of what was found. */
export interface WatchDayRow {
  /** Start of the day in Unix ms, by the console's own time zone. */
  readonly day: number
  readonly looks: number
  readonly proven: number
  readonly unproven: number
  readonly broken: number
}
export type WatchLook = Pick<WatchDayRow, 'proven' | 'unproven' | 'broken'>

export interface OpenCount {
  readonly agent: string
  readonly severity: Severity
  readonly count: number
}

export interface WallStore {
  addWall(wall: NewWall): Promise<WallRow>
  /** Newest first. */
  walls(limit: number): Promise<readonly WallRow[]>
  wall(id: number): Promise<WallRow | null>
  wallOfCode(code: string): Promise<WallRow | null>
  wallOfSession(session: string): Promise<WallRow | null>
  /** Opened, not ended. */
  openWalls(): Promise<readonly WallRow[]>
  /** Takes the code's one use; false where it was used, or the wall is over. */
  openWall(id: number, session: string, at: number): Promise<boolean>
  /** False where it was over. */
  endWall(
    id: number,
    end: { readonly at: number; readonly by: string; readonly why: string },
  ): Promise<boolean>

  /** What is open and not allowed for a time, repeats as one, by computer. */
  openViolationsByComputer(states: readonly HandlingState[]): Promise<readonly OpenCount[]>
  /** Of the same, what the registers say: by the department of the medium that it is about; null: of none. */
  openViolationsOfRegisters(
    states: readonly HandlingState[],
  ): Promise<readonly (Omit<OpenCount, 'agent'> & { readonly department: string | null })[]>
  /** Adds one look at all computers to its day. */
  addWatchLook(day: number, look: WatchLook): Promise<void>
  /** Oldest first. */
  watchDays(sinceDay: number): Promise<readonly WatchDayRow[]>
}

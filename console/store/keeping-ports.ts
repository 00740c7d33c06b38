/**
 * What the store keeps of backups, and what it can tell of itself for them. Part of the store's interface: see `ports.ts`.
 * There is no way here to take anything away; what may go after its period is `archive-ports.ts`.
 */

/** How backups are made by themselves, and how long things are kept; one row. */
export interface KeepingSettings {
  readonly version: number
  /** Made by itself each day; null: only when asked. */
  readonly daily: { readonly minuteOfDay: number; readonly keep: number } | null
  /** Where; null: none is named yet. */
  readonly folder: string | null
  /** The last good one may be as old as this, hours, before a warning. */
  readonly ageHoursMax: number
  /** What the console's keys are sealed to, JSON of `console/keeping/seal-keys.ts`; null: no passphrase was set. */
  readonly sealing: string | null
  /** Years; never below five, never lowered. */
  readonly retentionYears: number
}

export interface BackupRow {
  readonly id: number
  readonly startedAt: number
  readonly endedAt: number
  readonly by: string
  readonly place: string
  readonly bytes: number
  /** Null: it was verified by reading it back. Otherwise why there is no backup, in words. */
  readonly failure: string | null
  /** JSON of its manifest; null where it failed. */
  readonly manifest: string | null
}

/** What a database holds, told by itself. */
export interface StoreCounts {
  readonly computers: number
  readonly records: number
  readonly violations: number
  readonly actions: number
  readonly lastAction: number
  readonly lastViolation: number
  readonly migration: string
}

export interface JournalHead {
  readonly agent: string
  readonly epoch: string
  readonly seq: number
  readonly head: string
}

export interface KeepingStore {
  keepingSettings(): Promise<KeepingSettings>
  /** False where `version` is not one above the stored. */
  setKeepingSettings(settings: KeepingSettings): Promise<boolean>
  addBackup(row: Omit<BackupRow, 'id'>): Promise<BackupRow>
  /** Newest first. */
  backups(limit: number): Promise<readonly BackupRow[]>
  /** The newest that was verified; null where there is none. */
  lastGoodBackup(): Promise<BackupRow | null>
  /** The oldest record and entry of the log, Unix ms; null where there are none. */
  oldestKept(): Promise<{ readonly record: number | null; readonly action: number | null }>
}

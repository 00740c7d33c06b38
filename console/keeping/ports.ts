/** What backups and retention offer to the API. */
import type { BackupRow } from '../store/keeping-ports.ts'
import type { Manifest } from './manifest.ts'

/** Of the passphrase: the first person's and the second person's, in this order. */
export interface PassphraseHalves {
  readonly first: string
  readonly second: string
}

export interface KeepingChange {
  readonly daily: { readonly minuteOfDay: number; readonly keep: number } | null
  readonly folder: string | null
  readonly ageHoursMax: number
  readonly retentionYears: number
}

export interface BackupView extends Omit<BackupRow, 'manifest'> {
  readonly manifest: Manifest | null
}

export interface KeepingState extends KeepingChange {
  readonly version: number
  readonly hasPassphrase: boolean
  /** Of the key that signs manifests: compared at a restore. */
  readonly fingerprint: string
  readonly isRunning: boolean
  readonly backups: readonly BackupView[]
  readonly lastGoodAt: number | null
  /** There is none, or it is older than allowed. */
  readonly isLate: boolean
  readonly nextAt: number | null
  readonly kept: {
    /** The oldest that is there, Unix ms; null where there is nothing. */
    readonly oldestRecord: number | null
    readonly oldestAction: number | null
    /** Before this, nothing of the oldest book year may be taken away by anyone. */
    readonly keptUntil: number | null
    readonly bookYear: number | null
  }
  /** A verified backup that takes the place of this console's data at its next start; null: none. */
  readonly staged: { readonly place: string; readonly madeAt: number; readonly agreedBy: string } | null
}

export interface Keeping {
  state(): Promise<KeepingState>
  /** @throws ShoukouError `edit-conflict`, `invalid-request` where less is kept than was promised. */
  change(version: number, change: KeepingChange): Promise<KeepingState>
  /** Makes the pair that keys are sealed to; earlier backups go on opening with the earlier passphrase. */
  setPassphrase(version: number, halves: PassphraseHalves): Promise<KeepingState>
  /** Begins a backup; what came of it is in `state`. @throws ShoukouError `invalid-request` where folder or passphrase are missing, `edit-conflict` where one runs. */
  begin(by: string): Promise<void>
}

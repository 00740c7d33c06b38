/** What holds before anybody set anything: nothing is made by itself, five years are kept. */
import type { KeepingSettings } from './keeping-ports.ts'

/** Logs and year books are kept five years (the unit's rule on log books), from the end of the book's year. */
export const RETENTION_YEARS_MIN = 5

export const DEFAULT_KEEPING_SETTINGS: KeepingSettings = {
  version: 0,
  daily: null,
  folder: null,
  ageHoursMax: 36,
  sealing: null,
  retentionYears: RETENTION_YEARS_MIN,
}

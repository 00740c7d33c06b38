/** The API's contract for backups, restore and what is kept until when. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })
const path = Type.String({ minLength: 1, maxLength: 1_000 })

const settings = {
  daily: nullable(
    Type.Object(
      {
        minuteOfDay: Type.Integer({ minimum: 0, maximum: 1_439 }),
        keep: Type.Integer({ minimum: 2, maximum: 1_000 }),
      },
      closed,
    ),
  ),
  folder: nullable(path),
  ageHoursMax: Type.Integer({ minimum: 1, maximum: 8_760 }),
  retentionYears: Type.Integer({ minimum: 5, maximum: 100 }),
}

/** What a page shows of a backup's manifest. */
export const BackupSchema = Type.Object(
  {
    id: count,
    startedAt: count,
    endedAt: count,
    by: Type.String(),
    place: Type.String(),
    bytes: count,
    /** Null: verified by reading it back. */
    failure: nullable(Type.String()),
    holds: nullable(
      Type.Object(
        { computers: count, records: count, violations: count, actions: count, logHead: Type.String() },
        closed,
      ),
    ),
  },
  closed,
)
export type Backup = Static<typeof BackupSchema>

export const KeepingAnswerSchema = Type.Object(
  {
    ...settings,
    version: count,
    hasPassphrase: Type.Boolean(),
    fingerprint: Type.String(),
    isRunning: Type.Boolean(),
    backups: Type.Array(BackupSchema),
    lastGoodAt: nullable(count),
    isLate: Type.Boolean(),
    nextAt: nullable(count),
    kept: Type.Object(
      {
        oldestRecord: nullable(count),
        oldestAction: nullable(count),
        bookYear: nullable(count),
        keptUntil: nullable(count),
      },
      closed,
    ),
    staged: nullable(Type.Object({ place: Type.String(), madeAt: count, agreedBy: Type.String() }, closed)),
  },
  closed,
)
export type KeepingAnswer = Static<typeof KeepingAnswerSchema>

export const KeepingChangeSchema = Type.Object({ version: count, ...settings, reason }, closed)
export type KeepingChange = Static<typeof KeepingChangeSchema>
const half = Type.String({ minLength: 1, maxLength: 1_024 })
/** Each typed by another person. */
const halves = Type.Object({ first: half, second: half }, closed)
export const PassphraseSchema = Type.Object({ version: count, halves, reason }, closed)
export const BackupOrderSchema = Type.Object({ reason }, closed)
export const RestoreOrderSchema = Type.Object({ place: path, halves, reason }, closed)
export type RestoreOrder = Static<typeof RestoreOrderSchema>
export const RestoreAnswerSchema = Type.Object({ proposal: count, madeAt: count }, closed)

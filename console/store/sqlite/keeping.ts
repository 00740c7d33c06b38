/** Backups: their settings and what came of each. On SQLite, in the thread that opened it. */
import type { Selectable } from 'kysely'
import type { KeepingTables } from '../forward-tables.ts'
import { DEFAULT_KEEPING_SETTINGS } from '../keeping-defaults.ts'
import type { BackupRow, KeepingSettings, KeepingStore } from '../keeping-ports.ts'
import type { OpenDatabase } from './database.ts'

export function keepingIn({ query }: OpenDatabase): KeepingStore {
  return {
    async keepingSettings(): Promise<KeepingSettings> {
      const row = await query
        .selectFrom('keeping_settings')
        .selectAll()
        .where('id', '=', 1)
        .executeTakeFirst()
      return row === undefined ? DEFAULT_KEEPING_SETTINGS : settingsRow(row)
    },
    async setKeepingSettings(settings: KeepingSettings): Promise<boolean> {
      const values = settingsValues(settings)
      if (settings.version === 1) {
        const added = await query
          .insertInto('keeping_settings')
          .values(values)
          .onConflict((c) => c.doNothing())
          .executeTakeFirst()
        return Number(added.numInsertedOrUpdatedRows) === 1
      }
      const { numUpdatedRows } = await query
        .updateTable('keeping_settings')
        .set(values)
        .where('id', '=', 1)
        .where('version', '=', settings.version - 1)
        // What was promised to be kept is never promised for less.
        .where('retention_years', '<=', settings.retentionYears)
        .executeTakeFirst()
      return Number(numUpdatedRows) === 1
    },
    async addBackup(row: Omit<BackupRow, 'id'>): Promise<BackupRow> {
      const { id } = await query
        .insertInto('backups')
        .values({
          started_at: row.startedAt,
          ended_at: row.endedAt,
          by: row.by,
          place: row.place,
          bytes: row.bytes,
          failure: row.failure,
          manifest: row.manifest,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      return { id: Number(id), ...row }
    },
    async backups(limit: number): Promise<readonly BackupRow[]> {
      const rows = await query.selectFrom('backups').selectAll().orderBy('id', 'desc').limit(limit).execute()
      return rows.map(backupRow)
    },
    async lastGoodBackup(): Promise<BackupRow | null> {
      const row = await query
        .selectFrom('backups')
        .selectAll()
        .where('failure', 'is', null)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? null : backupRow(row)
    },
    async oldestKept(): Promise<{ readonly record: number | null; readonly action: number | null }> {
      // Receipt is by number: the first stored is the first received.
      const record = await query
        .selectFrom('records')
        .select('received_at')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      const action = await query.selectFrom('trail').select('at').orderBy('seq').limit(1).executeTakeFirst()
      return {
        record: record === undefined ? null : Number(record.received_at),
        action: action === undefined ? null : Number(action.at),
      }
    },
  }
}

function settingsRow(row: KeepingTables['keeping_settings']): KeepingSettings {
  return {
    version: Number(row.version),
    daily: row.daily === null ? null : (JSON.parse(row.daily) as KeepingSettings['daily']),
    folder: row.folder,
    ageHoursMax: Number(row.age_hours_max),
    sealing: row.sealing,
    retentionYears: Number(row.retention_years),
  }
}

function settingsValues(settings: KeepingSettings): KeepingTables['keeping_settings'] {
  return {
    id: 1,
    version: settings.version,
    daily: settings.daily === null ? null : JSON.stringify(settings.daily),
    folder: settings.folder,
    age_hours_max: settings.ageHoursMax,
    sealing: settings.sealing,
    retention_years: settings.retentionYears,
  }
}

function backupRow(row: Selectable<KeepingTables['backups']>): BackupRow {
  return {
    id: Number(row.id),
    startedAt: Number(row.started_at),
    endedAt: Number(row.ended_at),
    by: row.by,
    place: row.place,
    bytes: Number(row.bytes),
    failure: row.failure,
    manifest: row.manifest,
  }
}

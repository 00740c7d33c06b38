/** Ceilings and what computers recorded of them. On SQLite, in the thread that opened it. */
import type { CeilingRecord, CeilingRow, CeilingStore } from '../ceiling-ports.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

export function ceilingsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): CeilingStore {
  return {
    async ceilings(): Promise<readonly CeilingRow[]> {
      const rows = await query.selectFrom('ceilings').selectAll().orderBy('version').execute()
      return rows.map((row) => ({
        version: Number(row.version),
        signed: row.signed,
        digest: row.digest,
        dailySignature: row.daily_signature,
        broughtBy: row.brought_by,
        broughtAt: Number(row.brought_at),
        reason: row.reason,
      }))
    },
    async addCeiling(row: CeilingRow): Promise<boolean> {
      return ingest.transaction(() => {
        const newest = connection.prepare('select max(version) as version from ceilings').get()
        if (Number(newest?.['version'] ?? 0) >= row.version) return false
        connection
          .prepare(
            'insert into ceilings (version, signed, digest, daily_signature, brought_by, brought_at, reason) values (?, ?, ?, ?, ?, ?, ?)',
          )
          .run(
            row.version,
            row.signed,
            row.digest,
            row.dailySignature,
            row.broughtBy,
            row.broughtAt,
            row.reason,
          )
        return true
      })
    },
    async ceilingRecords(): Promise<readonly CeilingRecord[]> {
      const kinds = ['ceiling.applied', 'ceiling.refused'] as const
      const rows = await query
        .selectFrom('records')
        .innerJoin('journals', 'journals.id', 'records.journal')
        .select(['journals.agent', 'journals.epoch', 'records.kind', 'records.seq', 'records.raw'])
        .select('records.received_at')
        .where('records.kind', 'in', kinds)
        .orderBy('records.id')
        .execute()
      // Those of before are in an archive; what they tell holds until a newer one tells otherwise.
      const standing = await query
        .selectFrom('standing_records')
        .select(['agent', 'epoch', 'kind', 'seq', 'raw', 'received_at'])
        .where('kind', 'in', kinds)
        .orderBy('received_at')
        .orderBy('seq')
        .execute()
      const newest = new Map<string, CeilingRecord>()
      for (const { agent, epoch, kind, seq, raw, received_at } of [...standing, ...rows]) {
        const row = { agent, epoch, seq: Number(seq), raw, receivedAt: Number(received_at) }
        const known = kinds.find((one) => one === kind)
        if (known !== undefined) newest.set(`${agent}\0${kind}`, { ...row, kind: known })
      }
      return [...newest.values()]
    },
  }
}

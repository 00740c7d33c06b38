/** The register of certificates on USB keys. On SQLite, in the thread that opened it. */
import type { Selectable } from 'kysely'
import type { CertificateRow, SignInStore } from '../sign-in-ports.ts'
import type { SignInTables } from '../sign-in-schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

type Certificates = Pick<SignInStore, 'addCertificate' | 'certificate' | 'certificates' | 'revokeCertificate'>

export function certificatesIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Certificates {
  const opened =
    'where certificate = (select fingerprint from account_certificates where serial = ?) and ended_at is null'
  return {
    async addCertificate(row: CertificateRow): Promise<void> {
      await query
        .insertInto('account_certificates')
        .values({
          serial: row.serial,
          account: row.account,
          fingerprint: row.fingerprint,
          issued_at: row.issuedAt,
          issued_by: row.issuedBy,
          reason: row.reason,
          expires_at: row.expiresAt,
          revoked_at: row.revokedAt,
          revoked_by: row.revokedBy,
          revoked_why: row.revokedWhy,
        })
        .execute()
    },
    async certificate(serial: string): Promise<CertificateRow | null> {
      const row = await query
        .selectFrom('account_certificates')
        .selectAll()
        .where('serial', '=', serial)
        .executeTakeFirst()
      return row === undefined ? null : certificateRow(row)
    },
    async certificates(account?: string): Promise<readonly CertificateRow[]> {
      let selected = query.selectFrom('account_certificates').selectAll().orderBy('issued_at', 'desc')
      if (account !== undefined) selected = selected.where('account', '=', account)
      return (await selected.execute()).map(certificateRow)
    },
    async revokeCertificate(serial, { at, account, reason }): Promise<readonly string[] | null> {
      return ingest.transaction(() => {
        const revoked = connection
          .prepare(
            'update account_certificates set revoked_at = ?, revoked_by = ?, revoked_why = ? where serial = ? and revoked_at is null',
          )
          .run(at, account, reason, serial)
        if (Number(revoked.changes) !== 1) return null
        const open = connection.prepare(`select id from sessions ${opened}`).all(serial) as { id: string }[]
        connection
          .prepare(`update sessions set ended_at = ?, ending = 'certificate-revoked' ${opened}`)
          .run(at, serial)
        return open.map(({ id }) => id)
      })
    },
  }
}

function certificateRow(row: Selectable<SignInTables['account_certificates']>): CertificateRow {
  return {
    serial: row.serial,
    account: row.account,
    fingerprint: row.fingerprint,
    issuedAt: Number(row.issued_at),
    issuedBy: row.issued_by,
    reason: row.reason,
    expiresAt: Number(row.expires_at),
    revokedAt: numberOrNull(row.revoked_at),
    revokedBy: row.revoked_by,
    revokedWhy: row.revoked_why,
  }
}

function numberOrNull(value: number | bigint | null): number | null {
  return value === null ? null : Number(value)
}

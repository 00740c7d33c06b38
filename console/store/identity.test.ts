import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrations } from './migrations.ts'
import { openSqliteStoreHere } from './open-store.ts'
import { asKyselyDatabase } from './sqlite/database.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-identity-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A database as a console left it that knew of no renewals. */
async function databaseBefore(path: string): Promise<void> {
  const connection = new DatabaseSync(path)
  const query = new Kysely<unknown>({
    dialect: new SqliteDialect({ database: asKyselyDatabase(connection) }),
  })
  const earlier = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0009'))
  const { error } = await new Migrator({
    db: query,
    provider: { getMigrations: async () => earlier },
  }).migrateToLatest()
  expect(error).toBeUndefined()
  const add = connection.prepare(
    "insert into computers (agent, number, hostname, certificate_serial, certificate, enrolled_at, status, last_seen_at, policy_version, level, network_mode, coverage, department) values (?, ?, 'h', ?, 'not a certificate', 5, 'offline', 7, 1, 'secret', 'classified-lan', '[]', 'archive')",
  )
  add.run('agent-a', 'JM-0001', 'AA01')
  add.run('agent-b', 'JM-0002', 'AA02')
  await query.destroy()
}

it('carries certificates of before over, and keeps each computer with all that it had', async () => {
  const path = join(folder, 'console.db')
  await databaseBefore(path)
  const store = await openSqliteStoreHere(path)
  expect(
    (await store.computers()).map(({ agent, number, department }) => [agent, number, department]),
  ).toEqual([
    ['agent-a', 'JM-0001', 'archive'],
    ['agent-b', 'JM-0002', 'archive'],
  ])
  expect((await store.computerByCertificate('AA02'))?.agent).toBe('agent-b')
  expect(await store.agentCertificate('AA01')).toMatchObject({
    state: 'current',
    firstUsedAt: 5,
    notAfter: null,
  })
  expect(await store.useAgentCertificate('AA01', 9)).toEqual([])
  await store.close()
  // Opened anew, nothing is done twice; and the number is still one computer's.
  const again = await openSqliteStoreHere(path)
  expect(await again.computers()).toHaveLength(2)
  await again.close()
  const raw = new DatabaseSync(path)
  expect(() => raw.exec("update computers set number = 'JM-0001' where agent = 'agent-b'")).toThrow(/UNIQUE/)
  raw.close()
})

it('keeps revocations for good', async () => {
  const path = join(folder, 'console.db')
  await databaseBefore(path)
  const store = await openSqliteStoreHere(path)
  const revocation = { agent: 'agent-a', at: 11, account: 'li', reason: 'stolen' }
  expect(await store.revoke(revocation)).toEqual(revocation)
  expect(await store.revoke({ ...revocation, reason: 'again' })).toBeNull()
  expect(await store.useAgentCertificate('AA01', 12)).toBeNull()
  expect(await store.endedAgentCertificates(13)).toEqual([
    { serial: 'AA01', agent: 'agent-a', state: 'revoked' },
  ])
  // Nobody waits for what is refused.
  expect((await store.watchedForSilence()).map(({ agent }) => agent)).toEqual(['agent-b'])
  await store.close()
  const raw = new DatabaseSync(path)
  expect(() => raw.exec('delete from revocations')).toThrow(/never changed/)
  raw.close()
})

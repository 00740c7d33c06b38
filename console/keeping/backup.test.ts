import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { genesisHead, headAfter } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ConsoleKeys, openKeys } from '../pki/key-store.ts'
import { openSqliteStore, openSqliteStoreHere } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'
import { archiveYear, type BookProof, proveBook } from './archive-year.ts'
import { packDataFiles } from './data-files.ts'
import { startKeeping } from './keeping.ts'
import { makeBackup, pruneBackups } from './make-backup.ts'
import { restoreBackup, verifyBackup } from './restore-backup.ts'
import { makeSealing, type Sealing } from './seal-keys.ts'
import { agreeToRestore, readStaged, stagedPlace, stageRestore, switchIfAgreed } from './staged-restore.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const passphrase = '长长的口令 with several words'
let sealingOnce: Promise<Sealing> | undefined
let root: string
let dataDir: string
let to: string
let store: Store
let keys: ConsoleKeys
let seq: number
let head: Buffer

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shoukou-keeping-'))
  dataDir = join(root, 'console')
  to = join(root, 'backups')
  await mkdir(to)
  await mkdir(dataDir)
  keys = await openKeys(join(dataDir, 'pki'), 'Unit', ['localhost'], Date.now())
  store = await openSqliteStore(join(dataDir, 'console.db'))
  const raw = new DatabaseSync(join(dataDir, 'console.db'))
  raw.exec(
    "insert into computers (agent, number, hostname, certificate_serial, certificate, enrolled_at, status, policy_version, level, network_mode, coverage) values ('a-1', 'JM-0001', 'host', '01', '', 1, 'online', 1, 'secret', 'standalone', '[]')",
  )
  raw.close()
  seq = 0
  head = genesisHead('a-1', 'e-1')
  await addRecords(5)
})
afterEach(async () => {
  await store.close()
  await rm(root, { recursive: true })
})

/** As ingest stores them: a chain over raw bytes. */
async function addRecords(count: number): Promise<void> {
  const expected = seq === 0 ? null : { epoch: 'e-1', seq, head: head.toString('hex') }
  const records = Array.from({ length: count }, () => {
    seq += 1
    const raw = Buffer.from(`record ${seq}`)
    head = headAfter(head, seq, raw, 'sha-256')
    return {
      seq,
      kind: 'file.activity' as const,
      sensor: 'files',
      wallMs: seq,
      policyVersion: 1,
      raw,
      head: head.toString('hex'),
    }
  })
  await store.ingest({
    agent: 'a-1',
    receivedAt: Date.now(),
    epoch: 'e-1',
    expected,
    records,
    position: { epoch: 'e-1', seq, head: head.toString('hex') },
    violations: [],
    gaps: [],
    settledGaps: [],
    status: null,
    coverage: null,
    isCaughtUp: true,
    appliedPolicyVersion: null,
  })
}

const noted = (detail: string) =>
  store.addAction({
    at: Date.now(),
    account: 'wang',
    action: 'sign-in',
    object: 'x',
    detail,
    address: '127.0.0.1',
  })

async function backUp() {
  sealingOnce ??= makeSealing(passphrase, { memory: 8_192, passes: 1 })
  return makeBackup({
    dataDir,
    database: join(dataDir, 'console.db'),
    to,
    sealing: await sealingOnce,
    seed: keys.backupKey,
    unit: 'Unit',
    by: 'wang',
    now: Date.now,
  })
}
const restoreTo = (from: string, place = join(root, 'elsewhere', 'console'), words = passphrase) =>
  restoreBackup({ from, dataDir: place, passphrase: words, by: 'console command line', now: Date.now })

describe('a backup', () => {
  it('is one moment of a database that is written all the while, and restores to just that, keys too', async () => {
    const stop = new AbortController()
    const writing = (async () => {
      for (let n = 0; !stop.signal.aborted; n += 1) {
        await addRecords(20)
        await noted(`${n}`)
      }
    })()
    const { place, manifest } = await backUp()
    stop.abort()
    await writing
    expect((await readdir(to)).filter((name) => name.endsWith('.partial'))).toEqual([])
    expect(manifest.journals).toMatchObject([{ agent: 'a-1', epoch: 'e-1' }])
    expect(manifest.counts.records).toBe(manifest.journals[0]?.seq)
    expect((await stat(join(place, 'console.db'))).mode & 0o777).toBe(0o600)
    const elsewhere = join(root, 'elsewhere', 'console')
    await restoreTo(place)
    const restored = await openSqliteStore(join(elsewhere, 'console.db'))
    expect(await restored.position('a-1', 'e-1')).toMatchObject({ seq: manifest.counts.records })
    expect(await restored.position('a-1', 'e-1')).not.toMatchObject({
      seq: (await store.position('a-1', 'e-1'))?.seq,
    })
    expect(await restored.actions({ limit: 1 })).toMatchObject([{ action: 'backup-restore' }])
    await restored.close()
    for (const name of await readdir(join(dataDir, 'pki'))) {
      expect(await readFile(join(elsewhere, 'pki', name))).toEqual(await readFile(join(dataDir, 'pki', name)))
      expect((await stat(join(elsewhere, 'pki', name))).mode & 0o077).toBe(name.endsWith('.crt') ? 0o044 : 0)
    }
  })

  it('holds no key in the open, and opens with its passphrase alone', async () => {
    const { place } = await backUp()
    const secret = (await readFile(join(dataDir, 'pki', 'receipt.key'), 'utf8')).trim()
    for (const name of await readdir(place))
      expect((await readFile(join(place, name), 'latin1')).includes(secret), name).toBe(false)
    await expect(restoreTo(place, undefined, 'another passphrase')).rejects.toMatchObject({
      code: 'backup-refused',
    })
    expect(await readdir(root)).not.toContain('elsewhere')
  })

  it('never restores over what is there', async () => {
    const { place } = await backUp()
    await expect(restoreTo(place, dataDir)).rejects.toMatchObject({ code: 'config-invalid' })
    expect(await store.position('a-1', 'e-1')).toMatchObject({ seq })
  })

  it('is refused with one byte changed, in any of its files', async () => {
    const { place } = await backUp()
    for (const name of await readdir(place)) {
      const whole = await readFile(join(place, name))
      const altered = Buffer.from(whole)
      const at = Math.floor(altered.length / 2)
      altered[at] = (altered[at] ?? 0) ^ 1
      await writeFile(join(place, name), altered)
      await expect(verifyBackup(place), name).rejects.toMatchObject({ code: 'backup-refused' })
      await writeFile(join(place, name), whole)
    }
    expect((await verifyBackup(place)).counts.records).toBe(5)
  })

  it('is not made of a log or a journal that was altered: the place is named', async () => {
    await noted('a')
    await noted('b')
    const raw = new DatabaseSync(join(dataDir, 'console.db'))
    raw.exec("drop trigger records_no_update; update records set raw = 'recorD 3' where seq = 3")
    await expect(backUp()).rejects.toMatchObject({
      code: 'log-altered',
      message: expect.stringContaining('entry 3'),
    })
    raw.exec("update records set raw = cast('record 3' as blob) where seq = 3")
    raw.exec('drop trigger trail_no_delete; delete from trail where seq = 1')
    await expect(backUp()).rejects.toMatchObject({ code: 'log-altered' })
    raw.close()
    expect(await readdir(to)).toEqual([])
  })

  it('keeps the newest, and takes away nothing that it did not name', async () => {
    await mkdir(join(to, 'shoukou-backup-mine'))
    const made = [await backUp(), await backUp(), await backUp()]
    const gone = await pruneBackups(to, 2)
    expect(gone).toEqual([made[0]?.place.slice(to.length + 1)])
    expect((await readdir(to)).length).toBe(3)
  })
})

describe('a restore in the place of this data', () => {
  it('waits for a second person, then takes place at the next start; what was there is aside', async () => {
    const { place } = await backUp()
    await addRecords(3)
    await store.revoke({ agent: 'a-1', at: 7, account: 'li', reason: 'lost' })
    await store.close()
    await stageRestore({ from: place, dataDir, passphrase, by: 'wang', now: Date.now })
    expect(await switchIfAgreed(dataDir, 1)).toBeNull()
    await expect(agreeToRestore(dataDir, '/another', 'li')).rejects.toMatchObject({ code: 'not-found' })
    await agreeToRestore(dataDir, place, 'li')
    expect(await readStaged(dataDir)).toMatchObject({ place, agreedBy: 'li' })
    const aside = await switchIfAgreed(dataDir, 1)
    expect(await switchIfAgreed(dataDir, 1)).toBeNull()
    expect(await readdir(aside ?? '')).toContain('console.db')
    store = await openSqliteStore(join(dataDir, 'console.db'))
    expect(await store.position('a-1', 'e-1')).toMatchObject({ seq: 5 })
    // What was taken away since stays taken away, and the log says so.
    expect(await store.revocation('a-1')).toMatchObject({ at: 7, reason: 'lost' })
    const [said] = await store.actions({ limit: 1 })
    expect(said?.detail).toContain('computer a-1')
    const before = await openSqliteStore(join(aside ?? '', 'console.db'))
    expect(await before.position('a-1', 'e-1')).toMatchObject({ seq: 8 })
    await before.close()
  })

  it('is of the very backup that was looked at, not of one that came to its place', async () => {
    const { place } = await backUp()
    const stage = async () => {
      await stageRestore({ from: place, dataDir, passphrase, by: 'wang', now: Date.now })
      return stagedPlace(dataDir)
    }
    const seen = await stage()
    const { madeAt } = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8')) as { madeAt: number }
    await addRecords(1)
    await rm(place, { recursive: true })
    sealingOnce ??= makeSealing(passphrase, { memory: 8_192, passes: 1 })
    const parts = { dataDir, database: join(dataDir, 'console.db'), to, seed: keys.backupKey }
    await makeBackup({ ...parts, sealing: await sealingOnce, unit: 'Unit', by: 'wang', now: () => madeAt })
    const now = await stage()
    expect([now?.place, now?.madeAt, now?.fingerprint]).toEqual([place, madeAt, seen?.fingerprint])
    expect(now?.manifest).not.toBe(seen?.manifest)
  })

  it('leaves out bundles that wait, however large', async () => {
    await mkdir(join(dataDir, 'bundles', 'held'), { recursive: true })
    await writeFile(join(dataDir, 'bundles', 'held', 'x.skb'), '')
    await truncate(join(dataDir, 'bundles', 'held', 'x.skb'), 64 * 1_048_576)
    expect((await packDataFiles(dataDir)).toString('utf8')).not.toContain('skb')
  })

  it('goes on where a start was ended in the middle of it', async () => {
    const { place } = await backUp()
    await store.close()
    await stageRestore({ from: place, dataDir, passphrase, by: 'wang', now: Date.now })
    await agreeToRestore(dataDir, place, 'li')
    // As it was left: the note says that the old is being moved, and half of it is.
    const note = join(root, 'restore-console.json')
    const staged = JSON.parse(await readFile(note, 'utf8')) as object
    const aside = join(dataDir, 'replaced-x')
    await writeFile(note, JSON.stringify({ ...staged, phase: 'old-aside', aside }))
    expect(await switchIfAgreed(dataDir, 1)).toBe(aside)
    expect((await readdir(dataDir)).toSorted()).toEqual(['console.db', 'pki', 'replaced-x'])
    expect(await readdir(aside)).toContain('console.db')
    store = await openSqliteStore(join(dataDir, 'console.db'))
  })
})

describe('backups by themselves', () => {
  it('are made at their time, noted with what came of them, and late where the last good one is old', async () => {
    let now = new Date(2026, 5, 1, 1, 0).getTime()
    const log = { info: () => undefined, warn: () => undefined }
    const keeping = startKeeping({
      store,
      dataDir,
      database: join(dataDir, 'console.db'),
      seed: keys.backupKey,
      unit: 'Unit',
      log,
      now: () => now,
      everyMs: 20,
    })
    await expect(keeping.begin('wang')).rejects.toMatchObject({ code: 'invalid-request' })
    const change = { daily: { minuteOfDay: 120, keep: 2 }, folder: to, ageHoursMax: 24, retentionYears: 6 }
    const { version } = await keeping.change(0, change)
    await expect(keeping.change(0, change)).rejects.toMatchObject({ code: 'edit-conflict' })
    await keeping.setPassphrase(version, {
      first: passphrase,
      second: 'the other person’s words',
    })
    expect((await keeping.state()).isLate).toBe(true)
    now = new Date(2026, 5, 1, 2, 1).getTime()
    await expect.poll(async () => (await keeping.state()).backups.length, { timeout: 40_000 }).toBe(1)
    await expect.poll(async () => (await keeping.state()).isRunning, { timeout: 10_000 }).toBe(false)
    expect(await keeping.state()).toMatchObject({
      isLate: false,
      backups: [{ failure: null, by: 'console' }],
    })
    await rm(to, { recursive: true })
    now += 25 * 3_600_000
    await expect.poll(async () => (await keeping.state()).backups.length, { timeout: 40_000 }).toBe(2)
    expect(await keeping.state()).toMatchObject({
      isLate: true,
      backups: [{ failure: expect.stringContaining('is not there') }, { failure: null }],
    })
    await expect.poll(async () => (await keeping.state()).isRunning, { timeout: 10_000 }).toBe(false)
    expect((await store.actions({ limit: 10 })).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['backup-made', 'backup-failed']),
    )
    await keeping.close()
  })
})

it('is made once where two people, or a person and the clock, begin one at the same moment', async () => {
  const log = { info: () => undefined, warn: () => undefined }
  const keeping = startKeeping({
    ...{ store, dataDir, database: join(dataDir, 'console.db'), seed: keys.backupKey, unit: 'Unit', log },
    now: () => Date.UTC(2026, 5, 3),
  })
  const before = await keeping.state()
  const change = { daily: null, folder: to, ageHoursMax: 24, retentionYears: 6 }
  const { version } = await keeping.change(before.version, change)
  await keeping.setPassphrase(version, { first: passphrase, second: 'the other person’s words' })
  const begun = await Promise.allSettled([keeping.begin('wang'), keeping.begin('li')])
  expect(begun.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(begun[1]).toMatchObject({ reason: { code: 'edit-conflict' } })
  await expect.poll(async () => (await keeping.state()).isRunning, { timeout: 40_000 }).toBe(false)
  expect((await keeping.state()).backups.slice(0, -before.backups.length || undefined)).toMatchObject([
    { by: 'wang', failure: null },
  ])
  await keeping.close()
  await expect(keeping.begin('wang')).rejects.toMatchObject({ code: 'console-stopping' })
})

describe('what is kept', () => {
  it('can be taken away by no method of the store and by no statement, and is never promised for less', async () => {
    await noted('a')
    const here = await openSqliteStoreHere(join(root, 'here.db'))
    const taking = Object.keys(here).filter((name) =>
      /^(?:remove|delete|prune|purge|drop|clear|truncate|archive|sweep)/.test(name),
    )
    await here.close()
    expect(taking).toContain('sweepSessions')
    // Queues, sessions, factors; of the evidence, of the log and of registers there is none.
    const evidence =
      /record|violation|action|trail|kept|gap|polic|journal|checkpoint|medi|isolation|handling|proposal|backup|book/i
    expect(taking.filter((name) => evidence.test(name))).toEqual([])
    const raw = new DatabaseSync(join(dataDir, 'console.db'))
    for (const table of [
      'records',
      'trail',
      'kept',
      'policies',
      'medium_events',
      'isolation_orders',
      'backups',
      'violation_handling',
    ]) {
      const triggers = raw
        .prepare("select name from sqlite_master where type = 'trigger' and tbl_name = ?")
        .all(table)
      expect(
        triggers.map(({ name }) => name),
        table,
      ).toEqual(expect.arrayContaining([`${table}_no_delete`, `${table}_no_update`]))
    }
    expect(() => raw.exec('delete from records')).toThrow(/never changed/)
    expect(() => raw.exec('delete from trail')).toThrow(/never changed/)
    raw.close()
    const settings = await store.keepingSettings()
    expect(await store.setKeepingSettings({ ...settings, version: 1, retentionYears: 10 })).toBe(true)
    expect(await store.setKeepingSettings({ ...settings, version: 2, retentionYears: 9 })).toBe(false)
    expect((await store.keepingSettings()).retentionYears).toBe(10)
  })
})

describe('the archive of a year', () => {
  const archive = (year: number, now: number) =>
    archiveYear({
      database: join(dataDir, 'console.db'),
      year,
      to,
      retentionYears: 5,
      seed: keys.backupKey,
      now,
    })

  it('proves itself from its raw bytes, is not made before the year is over, and takes nothing away', async () => {
    await noted('a')
    await noted('b')
    const year = new Date().getFullYear()
    await expect(archive(year, Date.now())).rejects.toMatchObject({ code: 'invalid-request' })
    const made = await archive(year, new Date(year + 1, 0, 1).getTime())
    expect(made).toMatchObject({ records: 5, entries: 2, keptUntil: new Date(year + 6, 0, 1).getTime() })
    const book = join(made.place, 'book.jsonl')
    const manifest = JSON.parse(await readFile(join(made.place, 'manifest.json'), 'utf8')) as BookProof
    expect(manifest).toMatchObject(await proveBook(book))
    expect(manifest.chains['a-1 e-1']).toMatchObject({ first: 1, last: 5, head: head.toString('hex') })
    expect((await store.records({ agent: 'a-1', limit: 10 })).length).toBe(5)
    await expect(archive(year, new Date(year + 1, 0, 1).getTime())).rejects.toMatchObject({
      code: 'config-invalid',
    })
    const lines = (await readFile(book, 'utf8')).trimEnd().split('\n')
    await writeFile(book, `${lines.filter((_, at) => at !== 2).join('\n')}\n`)
    await expect(proveBook(book)).rejects.toMatchObject({
      code: 'log-altered',
      message: expect.stringContaining('entry 4'),
    })
  })
})

/** What is out of its period: archived, proven, wanted by two, taken out; and what no route takes out. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseTrailEntry } from '@shoukou/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readViolationDetail } from '../../console/api/read-violation.ts'
import { createArchives } from '../../console/keeping/archives.ts'
import { removeArchivedExecutor } from '../../console/open-archives.ts'
import { planArchive } from '../../console/store/archive/plan-archive.ts'
import { copyAndProve } from '../../console/store/prove-database.ts'
import { verifyArchive } from '../../console/trail/verify-archive.ts'
import { verifyDatabase } from '../../console/trail/verify-database.ts'
import { createTwoPerson } from '../../console/workflows/two-person/two-person.ts'
import {
  ACCUSED,
  closeAll,
  copyOf,
  dayMs,
  heard,
  makeStory,
  more,
  overAt,
  passes,
  QUIET,
  quiet,
  type Story,
  tampered,
  wish,
  YOUNG,
} from './archive-story.ts'
import { openAsIntruder } from './tamper-database.ts'

const program = fileURLToPath(new URL('../../console/cli/shoukou-console.ts', import.meta.url))
const run = promisify(execFile)
let story: Story
afterEach(() => story[Symbol.asyncDispose]())

const verified = (path = story.path, archives: readonly string[] = []) =>
  verifyDatabase({ path, logPublicKey: story.logKey.publicKey, policyKeys: [], threadsMax: 1, archives })
const count = (path = story.path, sql = 'select count(*) n from records'): number => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return Number(database.prepare(sql).get()?.['n'])
  } finally {
    database.close()
  }
}
/** Six years, all violations closed in the first, the third computer's records young. */
let template: Story
beforeAll(async () => {
  template = await makeStory()
  await closeAll(template)
  await passes(template, new Date(2030, 5, 1).getTime())
  await more(template, YOUNG, quiet(8))
  await more(template, QUIET, quiet(5))
  await passes(template, overAt)
  await heard(template)
  await template.close()
})
afterAll(() => template[Symbol.asyncDispose]())
async function sixYears(): Promise<Story> {
  story = await copyOf(template)
  return story
}
const fileOf = (name: string) => join(story.backups, name)

describe('before the period is over', () => {
  it('nothing goes a day before the end of the fifth year after the book’s, and a longer period of the unit holds', async () => {
    story = await makeStory()
    await closeAll(story)
    await passes(story, new Date(2031, 11, 30).getTime())
    await heard(story)
    expect(await story.archives.preview()).toMatchObject({ nothing: 'all-within-period', records: 0 })
    await expect(story.archives.make('wang')).rejects.toMatchObject({ code: 'invalid-request' })
    await story[Symbol.asyncDispose]()
    await sixYears()
    expect(await story.archives.preview()).toMatchObject({ nothing: null, records: 59 })
    const settings = { ...(await story.store.keepingSettings()), version: 3, retentionYears: 6 }
    await story.store.setKeepingSettings(settings)
    expect(await story.archives.preview()).toMatchObject({ nothing: 'all-within-period', records: 0 })
  })

  it('a clock that was set forward makes nothing old: neither by one step, nor where computers say otherwise', async () => {
    story = await makeStory()
    await closeAll(story)
    await passes(story, story.clock.now + 60 * dayMs)
    // Six years at once, and back and forth: the checkpoints show it, and prove a month.
    for (const at of [overAt, story.clock.now, overAt, overAt + 40 * dayMs]) {
      story.clock.now = at
      await story.checkpoints.make('daily')
    }
    await heard(story)
    expect(await story.archives.preview()).toMatchObject({ nothing: 'all-within-period', boundary: null })
    // The database itself refuses what a program would ask for all the same.
    const database = new DatabaseSync(story.path)
    expect(() => database.exec('delete from records where seq = 1')).toThrow('never changed')
    database.close()
    await story[Symbol.asyncDispose]()
    // Month by month it would take six years of checkpoints; and then the computers' clocks differ.
    await sixYears()
    await heard(story, -6 * 365 * dayMs)
    expect(await story.archives.preview()).toMatchObject({ nothing: 'clocks-differ' })
    story.clock.now += 32 * dayMs
    expect(await story.archives.preview()).toMatchObject({ nothing: 'no-computer-heard' })
  })

  it('a clock that was set back while records came does not make them old', async () => {
    story = await makeStory()
    await closeAll(story)
    await passes(story, new Date(2031, 0, 1).getTime())
    const right = story.clock.now
    story.clock.now = new Date(2025, 0, 1).getTime()
    await more(story, YOUNG, quiet(4))
    await story.checkpoints.make('daily')
    story.clock.now = right
    await passes(story, overAt)
    await heard(story)
    const { stretches } = await story.archives.preview()
    expect(stretches.some(({ agent }) => agent === YOUNG)).toBe(false)
  })

  it('the database takes no stub that a program invents: too young, not leading, of no archive, of open violations', async () => {
    await sixYears()
    const row = await story.archives.make('wang')
    const trail = await story.store.addAction({
      ...{ at: 1, account: 'li', action: 'archive-remove', object: row.name, detail: '', address: '' },
    })
    const { plan, manifest } = await story.archives.removable(row.name)
    const [first] = plan.stretches
    const note = { archive: row, checkpoint: manifest.checkpoint, at: 1, trail, ...wish }
    const young = new DatabaseSync(story.path, { readOnly: true })
    const end = young.prepare(
      'select hex(r.head) head from records r join journals j on j.id = r.journal where j.agent = ? and r.seq = ?',
    )
    const headOf = (agent: string, seq: number) => String(end.get(agent, seq)?.['head']).toLowerCase()
    const stretch = (agent: string, firstSeq: number, lastSeq: number) => ({
      ...{ agent, epoch: `epoch-${agent}`, firstSeq, lastSeq, count: lastSeq - firstSeq + 1 },
      head: headOf(agent, lastSeq),
    })
    const refused = async (asked: Promise<boolean>, why: RegExp) => expect(asked).rejects.toThrow(why)
    await refused(
      story.store.removeStretch(stretch(YOUNG, 1, 8), note),
      /younger than the period|no checkpoint of before/,
    )
    await refused(story.store.removeStretch(stretch(QUIET, 1, 45), note), /younger|no checkpoint|prove/)
    await refused(story.store.removeStretch(stretch(QUIET, 2, 10), note), /does not begin/)
    const other = { ...note, archive: { ...row, digest: '0'.repeat(64) } }
    await refused(story.store.removeStretch(stretch(QUIET, 1, 10), other), /no such archive/)
    await refused(
      story.store.removeStretch({ ...stretch(QUIET, 1, 10), count: 9 }, note),
      /others than those/,
    )
    await refused(story.store.removeStretch(stretch(QUIET, 1, 10), { ...note, trail: 1 }), /who wanted it/)
    await refused(
      story.store.removeStretch(stretch(QUIET, 1, 10), { ...note, agreedBy: note.askedBy }),
      /one account/,
    )
    const newest = count(story.path, 'select max(id) n from checkpoints')
    await refused(
      story.store.removeStretch(stretch(QUIET, 1, 10), { ...note, checkpoint: newest }),
      /no checkpoint of before|prove/,
    )
    young.close()
    expect(first).toMatchObject({ agent: QUIET, firstSeq: 1, lastSeq: 10 })
    expect(count()).toBe(72)
  })

  it('evidence of a violation that is open, or was closed within the period, holds its journal where it stands', async () => {
    story = await makeStory()
    const [two, one] = await story.store.violations({ limit: 10 })
    await closeAll(story, [two?.id ?? 0])
    await passes(story, overAt)
    await heard(story)
    const held = await story.archives.preview()
    expect(held.heldBack).toEqual({ violation: 1, standing: 0 })
    expect([one?.seq, two?.seq]).toEqual([6, 13])
    expect(held.stretches.filter(({ agent }) => agent === ACCUSED).at(-1)?.lastSeq).toBe(12)
    await closeAll(story, [one?.id ?? 0])
    const closedNow = await story.archives.preview()
    expect(closedNow.stretches.filter(({ agent }) => agent === ACCUSED).at(-1)?.lastSeq).toBe(12)
  })
})

describe('once it is over', () => {
  it('is archived, proven by the archive alone, taken out, and proven with the archive and without', async () => {
    await sixYears()
    const row = await story.archives.make('wang')
    expect(row).toMatchObject({ records: 59, beforeMs: new Date(2027, 0, 1).getTime() })
    expect((await readdir(story.backups)).filter((name) => name.includes('partial'))).toEqual([])
    expect(count()).toBe(72)
    const alone = await run(process.execPath, [program, 'verify', '--archive', fileOf(row.name)])
    expect(alone.stdout).toContain('Nothing was altered')
    expect(alone.stdout).toContain('records: 59')
    expect(await story.archives.remove(row.name, wish)).toEqual({ records: 59, stretches: 6 })
    expect(await story.archives.remove(row.name, wish)).toEqual({ records: 0, stretches: 0 })
    expect(count()).toBe(13)
    // Agents go on, also telling anew what is in the archive.
    await more(story, QUIET, quiet(3))
    await more(story, ACCUSED, [tampered])
    const without = await verified()
    expect(without.findings).toEqual([])
    expect(without.archived).toMatchObject({ records: 59, violations: 2 })
    const both = await verified(story.path, [fileOf(row.name)])
    expect([both.findings, both.archived.given.violations]).toEqual([[], 2])
    expect(both.archived.given.places).toBeGreaterThan(100)
    const [listed] = await story.archives.list()
    expect(listed).toMatchObject({ removed: 59, askedBy: 'wang', agreedBy: 'li', reason: wish.reason })
    await expect(story.archives.removable(row.name)).rejects.toMatchObject({ code: 'edit-conflict' })
    // The page of a violation says where its record is; one that follows a stub is proven from it.
    const rows = await story.store.violations({ limit: 10 })
    const details = await Promise.all(rows.map((one) => readViolationDetail(story.store, one)))
    expect(details.map(({ archived, proof }) => [archived?.name ?? null, proof?.isVerified ?? null])).toEqual(
      [
        [null, true],
        [row.name, null],
        [row.name, null],
      ],
    )
    const told = await run(process.execPath, [
      ...[program, 'verify', '--copy', story.path, '--archive', fileOf(row.name)],
    ])
    expect(told.stdout).toContain(`59 records of 2 journals`)
    expect(told.stdout).toContain(`are in ${row.name}`)
  })

  it('goes only where two people want it, who see what goes, and is in the log with both and the reason', async () => {
    await sixYears()
    const { store, archives, clock } = story
    const people = { wang: 'sys-admin', li: 'sec-admin', zhao: 'sec-admin' } as const
    for (const [name, role] of Object.entries(people))
      await store.addAccount({
        ...{ name, role, person: name === 'zhao' ? 'wang' : name, passwordHash: '', mustChange: false },
        ...{ failures: 0, lockedUntil: null, createdAt: clock.now },
      })
    const executors = [removeArchivedExecutor(archives)]
    const acts = createTwoPerson({ store, now: () => clock.now, executors, log: { error: () => {} } })
    const by = (name: keyof typeof people) => ({
      ...{ name, role: people[name], person: name === 'zhao' ? 'wang' : name },
    })
    const { name } = await archives.make('wang')
    await expect(acts.ask('remove-archived', { name }, 'over', by('li'))).rejects.toMatchObject({
      code: 'not-permitted',
    })
    const { id, hash, words } = await acts.ask('remove-archived', { name }, wish.reason, by('wang'))
    expect(words).toContain('59 records')
    expect(words).toContain('2027-01-01')
    const seen = { hash, reason: 'seen' }
    await expect(acts.agree(id, seen, by('wang'))).rejects.toMatchObject({ code: 'not-permitted' })
    await expect(acts.agree(id, seen, by('zhao'))).rejects.toMatchObject({ code: 'second-person-needed' })
    expect(count()).toBe(72)
    const { outcome } = await acts.agree(id, seen, by('li'))
    expect([outcome?.detail, count()]).toEqual(['59 records, 6 stretches', 13])
    const told = await store.trailRows({ acts: ['archive-remove'], limit: 2 })
    const [done, asked] = told.map(({ raw }) => parseTrailEntry(raw))
    expect([asked, done]).toMatchObject([
      {
        ...{ act: 'archive-remove', object: name, reason: wish.reason, outcome: { kind: 'intended' } },
        after: { askedBy: 'wang', agreedBy: 'li', proposal: id },
      },
      { act: 'archive-remove', detail: '59 records, 6 stretches', outcome: { kind: 'done' } },
    ])
    expect((await verified()).findings).toEqual([])
  })

  it('an archive that was altered is refused, and says where: by itself, beside the database, before a removal', async () => {
    await sixYears()
    const row = await story.archives.make('wang')
    const good = await readFile(fileOf(row.name))
    await chmod(fileOf(row.name), 0o600)
    const alter = async (sql: string) => {
      await writeFile(fileOf(row.name), good)
      const archive = openAsIntruder(fileOf(row.name))
      archive.exec(sql)
      archive.close()
      return (await verifyArchive({ path: fileOf(row.name), logPublicKey: null })).findings[0]
    }
    const at = (seq: number) =>
      `seq = ${seq} and journal = (select id from journals where agent = '${QUIET}')`
    expect(await alter(`update records set raw = raw || ' ' where ${at(17)}`)).toMatchObject({
      ...{ kind: 'altered', table: 'records', agent: QUIET, seq: 17 },
    })
    expect(await alter(`delete from records where ${at(23)}`)).toMatchObject({ kind: 'missing', seq: 23 })
    expect(await alter(`update records set kind = 'usb.attached' where ${at(4)}`)).toMatchObject({
      ...{ kind: 'column-altered', seq: 4 },
    })
    expect(await alter(`update records set received_at = received_at + 1 where ${at(4)}`)).toMatchObject({
      kind: 'differs',
    })
    expect(
      await alter(
        'update archive_manifest set manifest = replace(manifest, \'"retentionYears":5\', \'"retentionYears":6\')',
      ),
    ).toMatchObject({ kind: 'signature' })
    await expect(story.archives.removable(row.name)).rejects.toMatchObject({ code: 'log-altered' })
    await expect(story.archives.remove(row.name, wish)).rejects.toMatchObject({ code: 'log-altered' })
    expect(count()).toBe(72)
    await writeFile(fileOf(row.name), good)
    await story.archives.remove(row.name, wish)
    const other = await alter(`update records set raw = raw || ' ' where ${at(17)}`)
    expect(other?.seq).toBe(17)
    const findings = (await verified(story.path, [fileOf(row.name)])).findings
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'altered', agent: QUIET, seq: 17 }))
  })

  it('a stub that was altered, removed, invented, or records behind it: each is found at its place', async () => {
    await sixYears()
    const row = await story.archives.make('wang')
    await story.archives.remove(row.name, wish)
    await story.close()
    let copies = 0
    const find = async (sql: string) => {
      copies += 1
      const path = join(story.folder, `altered-${copies}.db`)
      await copyFile(story.path, path)
      const database = openAsIntruder(path)
      database.exec(sql)
      database.close()
      return (await verified(path)).findings
    }
    const stub = `journal = (select id from journals where agent = '${QUIET}') and last_seq = 20`
    const place = { agent: QUIET, seq: 11, lastSeq: 20 }
    expect((await find(`update stubs set head = zeroblob(32) where ${stub}`))[0]).toMatchObject({
      ...{ kind: 'head-altered', table: 'stubs', ...place },
    })
    expect((await find(`update stubs set count = 9 where ${stub}`))[0]).toMatchObject(place)
    expect((await find(`update stubs set agreed_by = 'wang' where ${stub}`))[0]).toMatchObject({
      ...{ kind: 'column-altered', ...place },
    })
    expect((await find(`update stubs set trail = 1 where ${stub}`))[0]).toMatchObject({
      kind: 'added',
      ...place,
    })
    expect((await find(`delete from stubs where ${stub}`))[0]).toMatchObject({
      kind: 'missing',
      table: 'stubs',
    })
    const gone = await find('delete from stubs')
    expect(gone[0]).toMatchObject({ kind: 'missing', table: 'records', agent: QUIET, seq: 1 })
    // Whoever takes out more than the archive holds has no signature for it.
    const moreTaken = await find(
      `delete from records where seq = 41 and journal = (select id from journals where agent = '${QUIET}');
       update stubs set last_seq = 41, count = count + 1 where last_seq = 40`,
    )
    expect(moreTaken[0]).toMatchObject({ kind: 'differs', table: 'stubs', agent: QUIET })
    expect(
      (
        await find(
          'update archives set manifest = replace(manifest, \'"retentionYears":5\', \'"retentionYears":9\')',
        )
      )[0],
    ).toMatchObject({ kind: 'signature', table: 'archives' })
    const raw = await find(
      `update records set raw = raw || ' ' where seq = 41 and journal = (select id from journals where agent = '${QUIET}')`,
    )
    expect(raw[0]).toMatchObject({ kind: 'altered', table: 'records', agent: QUIET, seq: 41 })
  })

  it('a backup of before holds everything, one of after its stubs, and each is proven by itself', async () => {
    await sixYears()
    const [before, after] = [join(story.folder, 'before.db'), join(story.folder, 'after.db')]
    expect((await copyAndProve(story.path, before)).counts.records).toBe(72)
    const row = await story.archives.make('wang')
    await story.archives.remove(row.name, wish)
    expect((await copyAndProve(story.path, after)).counts.records).toBe(13)
    for (const path of [before, after]) expect((await verified(path)).findings).toEqual([])
    expect((await verified(after, [fileOf(row.name)])).findings).toEqual([])
  })

  it('the next archive goes on where the one before ended, until nothing but stubs is left, and the computer goes on', async () => {
    await sixYears()
    const row = await story.archives.make('wang')
    await story.archives.remove(row.name, wish)
    await passes(story, new Date(2036, 1, 1).getTime())
    await heard(story)
    // Of more stretches than a manifest holds, the rest waits for the archive after it.
    const limited = { path: story.path, now: story.clock.now, logPublicKey: story.logKey.publicKey }
    expect(planArchive({ ...limited, stretchRecordsMax: 2, stretchesMax: 3 })).toMatchObject({
      ...{ isPart: true, records: 5, nothing: null },
      stretches: [{ count: 2 }, { count: 2 }, { count: 1 }],
    })
    const next = await story.archives.make('wang')
    expect(next.records).toBe(13)
    expect((await verifyArchive({ path: fileOf(next.name), logPublicKey: null })).findings).toEqual([])
    await story.archives.remove(next.name, wish)
    expect(count()).toBe(0)
    const report = await verified(story.path, [fileOf(row.name), fileOf(next.name)])
    expect([report.findings, report.archived.records]).toEqual([[], 72])
    await more(story, QUIET, quiet(2))
    expect((await verified()).findings).toEqual([])
  })

  it('is whole where the process is killed in the middle, and goes on when it is carried out again', async () => {
    await sixYears()
    const { store, path, logKey, clock } = story
    const now = () => (clock.now += 1_000)
    // Of one record each: so many transactions that a kill comes between two of them.
    const archives = createArchives({ store, database: path, logKey, now, stretchRecordsMax: 1 })
    const row = await archives.make('wang')
    const script = fileURLToPath(new URL('remove-in-process.ts', import.meta.url))
    const child = spawn(process.execPath, [script, story.dataDir, row.name, String(clock.now)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    // It is to be met in the middle: on a busy machine whoever looks comes first.
    setPriority(child.pid ?? 0, 19)
    const ended = once(child, 'exit')
    const stubs = () => count(path, 'select count(*) n from stubs')
    const deadline = Date.now() + 60_000
    while (stubs() < 3 && child.exitCode === null && Date.now() < deadline) await setImmediate()
    child.kill('SIGKILL')
    const [, signal] = (await ended) as [number | null, string | null]
    const gone = stubs()
    expect([signal, gone >= 3, gone < 59]).toEqual(['SIGKILL', true, true])
    expect(count()).toBe(72 - gone)
    expect((await verified(path, [fileOf(row.name)])).findings).toEqual([])
    expect((await archives.remove(row.name, wish)).records).toBe(59 - gone)
    expect(count()).toBe(13)
    expect((await verified(path, [fileOf(row.name)])).findings).toEqual([])
  })
})

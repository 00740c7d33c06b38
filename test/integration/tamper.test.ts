import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import {
  checkpointText,
  EVIDENCE_CHAIN,
  type Finding,
  Findings,
  headAfter,
  isWitnessOf,
  signWitness,
  TRAIL_CHAIN,
} from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertion } from '../../console/api/test-data.ts'
import { checkCopy, exportCopy } from '../../console/trail/copies.ts'
import { verifyDatabase } from '../../console/trail/verify-database.ts'
import { createWitnesses, readSetBack } from '../../console/trail/witnesses.ts'
import {
  AGENTS,
  act,
  makeDatabase,
  openAndGrow,
  openAsIntruder,
  SM3_EPOCH,
  send,
  type TamperDatabase,
} from './tamper-database.ts'

let good: TamperDatabase
let copies = 0
beforeAll(async () => {
  good = await makeDatabase()
})
afterAll(() => good[Symbol.asyncDispose]())

/** A copy of the good database, altered as somebody who may write to the file could. */
async function altered(alter: (connection: DatabaseSync) => void): Promise<string> {
  copies += 1
  const path = join(good.folder, `altered-${copies}.db`)
  await copyFile(good.path, path)
  const connection = openAsIntruder(path)
  alter(connection)
  connection.close()
  return path
}

async function findIn(path: string, checkpoint?: string): Promise<readonly Finding[]> {
  const report = await verifyDatabase({
    path,
    logPublicKey: good.logKey.publicKey,
    policyKeys: [],
    threadsMax: 1,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  })
  expect(report.isWhole).toBe(report.findings.length === 0)
  return report.findings
}

const find = async (alter: (connection: DatabaseSync) => void): Promise<readonly Finding[]> =>
  findIn(await altered(alter))

const flip = (
  connection: DatabaseSync,
  { table, column, where }: { table: string; column: string; where: string },
): void => {
  const row = connection.prepare(`select rowid id, ${column} value from ${table} where ${where}`).get() as {
    id: number
    value: Uint8Array | string
  }
  const bytes = Buffer.from(row.value as Uint8Array)
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  const value = typeof row.value === 'string' ? bytes.toString('utf8') : bytes
  connection.prepare(`update ${table} set ${column} = ? where rowid = ?`).run(value, row.id)
}

describe('a database that nobody altered', () => {
  it('is found whole, by one thread and by several, and so is a copy of it without any of its keys', async () => {
    expect(await findIn(good.path)).toEqual([])
    const several = await verifyDatabase({
      path: good.path,
      logPublicKey: good.logKey.publicKey,
      policyKeys: [],
    })
    expect(several).toMatchObject({
      isWhole: true,
      records: { records: 31, unprovable: 0 },
      journals: {
        journals: 2,
        agents: 2,
        byHash: { 'sha-256': 1, sm3: 1 },
        gaps: { declared: 1, undeclared: 0 },
        numbersMissing: 3,
      },
      kept: { violations: 2, remade: 2, policies: 2, policiesSigned: 2 },
      checkpoints: { checkpoints: 2, places: 4 },
    })
    const to = join(good.folder, 'copy.db')
    await exportCopy(good.path, to, { logKey: good.logKey, atMs: 1 })
    const findings = new Findings()
    const copy = checkCopy(to, findings.add)
    expect(findings.kept).toEqual([])
    expect(copy?.manifest.logKey).toBe(good.logKey.publicKey)
    expect(await findIn(to)).toEqual([])
    await expect(exportCopy(good.path, to, { logKey: good.logKey, atMs: 1 })).rejects.toThrow(
      'is there already',
    )
  })

  it('is verified while the console writes to it', async () => {
    await using busy = await makeDatabase()
    await openAndGrow(busy, async ({ store, clock }) => {
      await act(store, clock, 'policy-change')
      const { isWhole } = await verifyDatabase({
        path: busy.path,
        logPublicKey: busy.logKey.publicKey,
        policyKeys: [],
      })
      await act(store, clock, 'policy-change')
      expect(isWhole).toBe(true)
    })
  })
})

describe('rows that were deleted', () => {
  it('are missed in the midst of a journal, by computer, journal and number', async () => {
    const [first] = await find((c) => c.exec('delete from records where journal = 1 and seq in (4, 5)'))
    expect(first).toMatchObject({
      kind: 'missing',
      table: 'records',
      agent: AGENTS[0],
      epoch: 'epoch-a',
      seq: 4,
      lastSeq: 5,
    })
  })

  it('are missed at the end of a journal, whether or not the journal’s end was moved back', async () => {
    const cut = 'delete from records where journal = 1 and seq > 14'
    expect((await find((c) => c.exec(cut)))[0]).toMatchObject({ kind: 'missing', agent: AGENTS[0], seq: 15 })
    const moved = await find((c) => {
      c.exec(cut)
      c.exec(
        'update journals set (seq, head) = (select seq, lower(hex(head)) from records where journal = 1 order by seq desc limit 1) where id = 1',
      )
    })
    expect(moved[0]).toMatchObject({
      kind: 'missing',
      table: 'records',
      agent: AGENTS[0],
      seq: 19,
      what: expect.stringContaining('checkpoint 2'),
    })
  })

  it('are missed in the log: in the midst, and at the end by the entry’s own checkpoint', async () => {
    expect((await find((c) => c.exec('delete from trail where seq = 4')))[0]).toMatchObject({
      kind: 'missing',
      table: 'trail',
      seq: 4,
    })
    const tail = await find((c) => c.exec('delete from trail where seq > 7'))
    expect(tail[0]).toMatchObject({
      kind: 'differs',
      table: 'checkpoints',
      seq: 2,
      what: 'the log is shorter',
    })
  })

  it('are missed among violations, policies, gaps and checkpoints', async () => {
    expect((await find((c) => c.exec('delete from violations where id = 1')))[0]).toMatchObject({
      kind: 'missing',
      table: 'violations',
      seq: 1,
    })
    expect((await find((c) => c.exec("delete from policies where agent = 'agent-2'")))[0]).toMatchObject({
      kind: 'missing',
      table: 'policies',
      agent: 'agent-2',
    })
    expect((await find((c) => c.exec('delete from gaps'))).map(({ table }) => table)).toContain('gaps')
    expect((await find((c) => c.exec('delete from checkpoints where id = 2')))[0]).toMatchObject({
      kind: 'missing',
      table: 'checkpoints',
      seq: 2,
    })
  })

  it('are missed where a forged gap covers them', async () => {
    const findings = await find((c) => {
      const { head } = c.prepare('select head from records where journal = 1 and seq = 4').get() as {
        head: Uint8Array
      }
      c.exec('delete from records where journal = 1 and seq in (3, 4)')
      c.prepare("insert into gaps values ('agent-1', 'epoch-a', 3, 4, 1, 5, 'declared', ?)").run(
        Buffer.from(head).toString('hex'),
      )
    })
    expect(findings[0]).toMatchObject({ kind: 'added', table: 'gaps' })
  })
})

describe('one byte', () => {
  it.each([
    [
      'records',
      'raw',
      'journal = 1 and seq = 6',
      { table: 'records', agent: AGENTS[0], epoch: 'epoch-a', seq: 6 },
    ],
    [
      'records',
      'head',
      'journal = 2 and seq = 3',
      { table: 'records', agent: AGENTS[1], epoch: SM3_EPOCH, seq: 3 },
    ],
    [
      'records',
      'raw',
      'journal = 2 and seq = 5',
      { kind: 'altered', table: 'records', agent: AGENTS[1], epoch: SM3_EPOCH, seq: 5 },
    ],
    ['trail', 'raw', 'seq = 3', { table: 'trail', seq: 3 }],
    ['kept', 'raw', 'seq = 3', { table: 'kept', seq: 3 }],
    ['violations', 'evidence', 'id = 1', { table: 'violations', seq: 1, what: 'evidence' }],
    ['policies', 'envelope', "agent = 'agent-1'", { table: 'policies', agent: 'agent-1', seq: 1 }],
    ['checkpoints', 'head', 'id = 1', { table: 'checkpoints', seq: 1 }],
    ['checkpoints', 'signature', 'id = 2', { table: 'checkpoints', seq: 2 }],
  ])('of %s.%s is found where it is', async (table, column, where, place) => {
    const findings = await find((c) => flip(c, { table, column, where }))
    expect(findings).toContainEqual(expect.objectContaining(place))
  })

  it('of a column that lists go by is found, though no chain holds it', async () => {
    expect(
      await find((c) => c.exec("update records set kind = 'usb.attached' where journal = 1 and seq = 6")),
    ).toEqual([expect.objectContaining({ kind: 'column-altered', seq: 6, what: 'kind' })])
    expect(await find((c) => c.exec("update trail set account = 'wang' where seq = 3"))).toEqual([
      expect.objectContaining({ kind: 'column-altered', table: 'trail', seq: 3, what: 'account' }),
    ])
  })

  it('of a copy on another machine is found too, and a manifest of another key', async () => {
    const to = join(good.folder, 'carried.db')
    await exportCopy(good.path, to, { logKey: good.logKey, atMs: 1 })
    const carried = openAsIntruder(to)
    flip(carried, { table: 'records', column: 'raw', where: 'journal = 1 and seq = 2' })
    carried.exec('update copy_manifest set manifest = replace(manifest, \'"journals":2\', \'"journals":3\')')
    carried.close()
    const findings = new Findings()
    expect(checkCopy(to, findings.add)).toBeNull()
    expect(findings.kept[0]).toMatchObject({ kind: 'signature', table: 'copy_manifest' })
    expect((await findIn(to))[0]).toMatchObject({ table: 'records', agent: AGENTS[0], seq: 2 })
  })
})

describe('what holds together by itself', () => {
  it('is found out: two entries that changed places', async () => {
    const findings = await find((c) => {
      c.exec('update trail set seq = -1 where seq = 3')
      c.exec('update trail set seq = 3 where seq = 4')
      c.exec('update trail set seq = 4 where seq = -1')
    })
    expect(findings[0]).toMatchObject({ table: 'trail', seq: 3 })
  })

  it('is found out: the whole log chained anew after an edit, by checkpoints in the database and on paper', async () => {
    const path = await altered((c) =>
      rechain(c, 'trail', TRAIL_CHAIN, (raw, seq) => (seq === 3 ? raw.replace('JM-0001', 'JM-0002') : raw)),
    )
    expect(await findIn(path)).toContainEqual(
      expect.objectContaining({
        kind: 'differs',
        table: 'checkpoints',
        seq: 1,
        what: 'the log had another head',
      }),
    )
    // Whoever removes the checkpoints with their entries can't remove the paper.
    const printed = await newestCheckpoint()
    expect(await findIn(path, printed)).toContainEqual(
      expect.objectContaining({ kind: 'differs', table: 'trail' }),
    )
    const [, , seq, head = ''] = printed.split(' ')
    expect(await findIn(path, `${seq} ${head.replaceAll(/(.{4})/g, '$1 ')}`)).toContainEqual(
      expect.objectContaining({
        kind: 'differs',
        table: 'trail',
        what: 'the checkpoint on paper saw another head',
      }),
    )
    expect(await findIn(good.path, printed)).toEqual([])
  })

  it('is found out: a violation that was edited, with its whole chain made anew', async () => {
    const findings = await find((c) => {
      c.exec("update violations set severity = 'low' where id = 1")
      rechain(c, 'kept', EVIDENCE_CHAIN, (raw) =>
        raw.includes('"violation"') ? raw.replace(/"(critical|high|medium)"/, '"low"') : raw,
      )
    })
    expect(findings[0]).toMatchObject({
      kind: 'differs',
      table: 'checkpoints',
      what: 'the evidence had another head',
    })
  })

  it('is found out: a violation whose evidence its record does not give', async () => {
    // Added behind the last checkpoint, chained as it should be: nothing but the rule itself knows better.
    const path = join(good.folder, 'forged.db')
    await copyFile(good.path, path)
    await openAndGrow({ path, logKey: good.logKey }, async ({ store }) => {
      const row = await store.violation(2)
      if (row === null) throw new Error('the rule made it')
      const evidence = row.evidence.replace('rules-flushed', 'rules-changed')
      await store.addViolation(row.agent, { ...row, key: `${row.key}:forged`, evidence }, 1)
    })
    expect(await findIn(path)).toEqual([
      expect.objectContaining({ kind: 'not-remade', table: 'violations', seq: 3 }),
    ])
  })

  it('is found out: a computer’s journal that was chained anew after an edit', async () => {
    const findings = await find((c) => {
      let head: Uint8Array = Buffer.alloc(0)
      const rows = c
        .prepare('select seq, raw, head from records where journal = 1 order by seq')
        .all() as unknown as { seq: number; raw: Uint8Array; head: Uint8Array }[]
      const write = c.prepare('update records set raw = ?, head = ? where journal = 1 and seq = ?')
      for (const { seq, raw, head: stored } of rows) {
        const text = Buffer.from(raw).toString('utf8')
        const edited = seq === 5 ? Buffer.from(text.replace('Kingston', 'Kingstom')) : raw
        head = seq < 5 ? stored : headAfter(head, seq, edited, 'sha-256')
        write.run(edited, head, seq)
      }
      c.prepare('update journals set head = ? where id = 1').run(Buffer.from(head).toString('hex'))
    })
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'differs',
        agent: AGENTS[0],
        epoch: 'epoch-a',
        seq: 12,
        what: expect.stringContaining('checkpoint 1'),
      }),
    )
  })
})

describe('a console whose database was set back', () => {
  it('learns it from the head that a computer holds, says so in its own log, and accuses nobody', async () => {
    await using console = await makeDatabase()
    const backup = join(console.folder, 'backup.db')
    await copyFile(console.path, backup)
    let held = signWitness({ seq: 0, head: '0'.repeat(64) }, console.logKey.privateKey)
    await openAndGrow(console, async ({ store, clock }) => {
      await act(store, clock, 'policy-change')
      held = (await witnessesOf(console, store).current()) ?? held
      expect(isWitnessOf(held, console.logKey.publicKey)).toBe(true)
      await witnessesOf(console, store).shown('agent-1', held)
      expect(await readSetBack(store)).toBeNull()
    })
    await openAndGrow({ path: backup, logKey: console.logKey }, async ({ store, clock }) => {
      const violations = await store.violations({ limit: 10 })
      await witnessesOf(console, store).shown('agent-1', held)
      expect(await readSetBack(store)).toMatchObject({ seq: held.seq - 1 })
      // Going on does not hide it: where the log is long enough again, it differs there.
      for (let n = 0; n < 3; n += 1) await act(store, clock, 'policy-change')
      const [entry] = await store.actions({ limit: 1 })
      await witnessesOf(console, store).shown('agent-2', held)
      expect(await store.actions({ limit: 1 })).toEqual([entry])
      expect(await store.violations({ limit: 10 })).toEqual(violations)
      const forged = { ...held, head: 'f'.repeat(64) }
      await witnessesOf(console, store).shown('agent-2', forged)
      expect(await store.actions({ limit: 1 })).toEqual([entry])
    })
    expect(await findIn(backup, `${held.seq} ${held.head}`)).not.toEqual([])
  })

  function witnessesOf(from: TamperDatabase, store: Parameters<typeof createWitnesses>[0]['store']) {
    return createWitnesses({ store, logKey: from.logKey, log: { warn: () => {} }, now: () => 1 })
  }
})

describe('a computer’s journal that was forked', () => {
  it('is refused where it goes on from another past, and both are told by the number where they part', async () => {
    await using console = await makeDatabase()
    await openAndGrow(console, async (grown) => {
      const fork = { seq: 12, head: Buffer.alloc(32, 9) }
      await expect(
        send(grown, AGENTS[0], 'epoch-a', [insertion('of the fork')], { after: fork }),
      ).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:replayed-differently|chain-broken|out-of-sequence)$/),
      })
      const [newest] = await grown.store.violations({ agent: AGENTS[0], limit: 1 })
      expect(newest).toMatchObject({ type: 'log-gap-or-clock-tamper' })
      expect(newest?.evidence).toContain('13')
    })
    // What was stored is as it was.
    expect(
      await verifyDatabase({
        path: console.path,
        logPublicKey: console.logKey.publicKey,
        policyKeys: [],
        threadsMax: 1,
      }),
    ).toMatchObject({ isWhole: true })
  })
})

async function newestCheckpoint(): Promise<string> {
  let text = ''
  await openAndGrow(good, async ({ store }) => {
    const [row] = await store.checkpoints(1)
    if (row !== undefined) text = checkpointText(row)
  })
  return text
}

function rechain(
  connection: DatabaseSync,
  table: 'trail' | 'kept',
  rules: typeof TRAIL_CHAIN,
  edit: (raw: string, seq: number) => string,
): void {
  const { origin } = connection.prepare('select origin from trail_origin').get() as { origin: string }
  let head: Uint8Array = rules.genesis(origin)
  const write = connection.prepare(`update ${table} set raw = ?, head = ? where seq = ?`)
  for (const { seq, raw } of connection
    .prepare(`select seq, raw from ${table} order by seq`)
    .all() as unknown as { seq: number; raw: Uint8Array }[]) {
    const edited = Buffer.from(edit(Buffer.from(raw).toString('utf8'), seq))
    head = rules.after(head, seq, edited)
    write.run(edited, head, seq)
  }
}

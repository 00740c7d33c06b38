import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Finding, Findings, PRODUCT_VERSION } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { testSigner } from '../../console/signer/test-signer.ts'
import type { ReadOnlyDatabase } from '../../console/store/verify/read-only.ts'
import { verifyJournals } from '../../console/store/verify/verify-journals.ts'
import { verifyKept } from '../../console/store/verify/verify-kept.ts'
import { verifyRecords } from '../../console/store/verify/verify-records.ts'
import { verifyCheckpoints, verifyTrail } from '../../console/store/verify/verify-trail.ts'
import { judgeAgain } from '../../console/trail/judge-again.ts'
import { makeDatabase, openAsIntruder } from './tamper-database.ts'

const mutations = Number(process.env['MUTATIONS'] ?? 10_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000)

type Add = (finding: Finding) => void
interface Target {
  readonly table: string
  readonly column: string
  readonly verify: (database: ReadOnlyDatabase, add: Add, key: string) => unknown
}

const kept = (database: ReadOnlyDatabase, add: Add) =>
  verifyKept(database, { policyKeys: [testSigner.publicKey], version: PRODUCT_VERSION, judgeAgain }, add)
const records = (database: ReadOnlyDatabase, add: Add) =>
  verifyRecords(database, { fromId: 0, toId: 100 }, add)
const trail = (database: ReadOnlyDatabase, add: Add) => verifyTrail(database, add)
const checkpoints = (database: ReadOnlyDatabase, add: Add, key: string) =>
  verifyCheckpoints(database, key, add)

/** What is evidence: the bytes themselves, and whatever proves them. */
const targets: readonly Target[] = [
  { table: 'records', column: 'raw', verify: records },
  {
    table: 'records',
    column: 'head',
    verify: (database, add) => [records(database, add), verifyJournals(database, add)],
  },
  { table: 'journals', column: 'head', verify: verifyJournals },
  { table: 'journals', column: 'agent', verify: records },
  { table: 'gaps', column: 'head_before', verify: kept },
  { table: 'trail', column: 'raw', verify: trail },
  {
    table: 'trail',
    column: 'head',
    verify: (database, add, key) => [trail(database, add), checkpoints(database, add, key)],
  },
  { table: 'kept', column: 'raw', verify: kept },
  { table: 'kept', column: 'head', verify: kept },
  ...['key', 'type', 'severity', 'level', 'evidence', 'epoch'].map((column) => ({
    table: 'violations',
    column,
    verify: kept,
  })),
  ...['envelope', 'settings', 'reason', 'created_by'].map((column) => ({
    table: 'policies',
    column,
    verify: kept,
  })),
  ...['head', 'kept_head', 'journals_root', 'signature'].map((column) => ({
    table: 'checkpoints',
    column,
    verify: checkpoints,
  })),
  { table: 'checkpoint_places', column: 'head', verify: checkpoints },
]

it(`finds each of ${mutations} single alterations of evidence, seed ${seed}`, {
  timeout: 120_000,
}, async () => {
  console.log(`mutations=${mutations} seed=${seed}`)
  await using good = await makeDatabase()
  const connection = openAsIntruder(good.path)
  // In memory, and each alteration is undone: the file is not written ten thousand times.
  connection.exec('pragma synchronous=off; pragma temp_store=memory; begin')
  const database = withKeptStatements(connection)
  const random = randomFrom(seed)
  const rows = new Map(targets.map((target) => [target, rowsOf(connection, target)]))
  for (let done = 0; done < mutations; done += 1) {
    const target = pick(targets, random)
    const { id, value } = pick(rows.get(target) ?? [], random)
    const altered = mutate(value, random)
    const write = database.connection.prepare(
      `update ${target.table} set ${target.column} = ? where rowid = ?`,
    )
    write.run(altered, id)
    const findings = new Findings(4)
    target.verify(database, findings.add, good.logKey.publicKey)
    write.run(value, id)
    if (findings.total === 0) {
      const bytes = (one: Uint8Array | string) => Buffer.from(one as Uint8Array).toString('hex')
      expect.fail(
        `${target.table}.${target.column} row ${id}, seed ${seed}: ${bytes(value)} became ${bytes(altered)} unseen`,
      )
    }
  }
  // The loop put everything back, or what it found proves nothing.
  const after = new Findings()
  for (const { verify } of targets) verify(database, after.add, good.logKey.publicKey)
  expect(after.kept).toEqual([])
  connection.exec('rollback')
  connection.close()
})

interface Cell {
  readonly id: number
  readonly value: Uint8Array | string
}

function rowsOf(connection: DatabaseSync, { table, column }: Target): Cell[] {
  const rows = connection
    .prepare(`select rowid id, ${column} value from ${table} where ${column} is not null`)
    .all() as unknown as Cell[]
  return rows
}

/** One bit, one byte more, one less, or one exchanged; text stays text. */
function mutate(value: Uint8Array | string, random: () => number): Uint8Array | string {
  const bytes = Buffer.from(value as Uint8Array)
  const at = Math.floor(random() * bytes.length)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)]
  const own = bytes[at] ?? 0
  const isText = typeof value === 'string'
  const other = isText ? otherLetter(own, random) : own ^ (1 << Math.floor(random() * 8))
  const kinds = [
    Buffer.concat([before, Buffer.from([other]), after]),
    Buffer.concat([before, after]),
    Buffer.concat([before, Buffer.from([other, own]), after]),
  ]
  const made = pick(kinds, random)
  return isText ? made.toString('latin1') : made
}

function otherLetter(own: number, random: () => number): number {
  const letter = 33 + Math.floor(random() * 94)
  return letter === own ? 32 : letter
}

function pick<T>(list: readonly T[], random: () => number): T {
  const one = list[Math.floor(random() * list.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

/** Mulberry32: the same alterations again from the same seed. */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** As the console's verification sees it, each statement made once. */
function withKeptStatements(connection: DatabaseSync): ReadOnlyDatabase {
  const kinds = [new Map<string, StatementSync>(), new Map<string, StatementSync>()] as const
  const prepared = (text: string, asArrays: 0 | 1): StatementSync => {
    const known = kinds[asArrays].get(text)
    if (known !== undefined) return known
    const made = connection.prepare(text)
    if (asArrays === 1) made.setReturnArrays(true)
    kinds[asArrays].set(text, made)
    return made
  }
  return {
    path: '',
    connection: { prepare: (text: string) => prepared(text, 0) } as DatabaseSync,
    rows: (text) => prepared(text, 1),
    close: () => {},
  }
}

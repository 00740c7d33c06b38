import { DatabaseSync } from 'node:sqlite'
import { genesisHead, headAfter } from '@shoukou/protocol/chain.ts'
import { type WalkFault, walkRecords } from '@shoukou/protocol/verify/record-walk.ts'
import { expect, it } from 'vitest'
import type { ReadOnlyDatabase } from './read-only.ts'
import { readRecordBatches } from './record-batches.ts'

const count = 600
const genesis = genesisHead('agent-1', 'epoch-a')

/** A table like the console's, which takes any value as a file that was written to by hand may hold it. */
function tableOf(alter: (connection: DatabaseSync) => void): ReadOnlyDatabase {
  const connection = new DatabaseSync(':memory:')
  connection.exec('create table records (id integer primary key, journal, seq, raw, head)')
  const add = connection.prepare('insert into records values (?, 300000, ?, ?, ?)')
  let head = genesis
  for (let seq = 1; seq <= count; seq += 1) {
    const raw = Buffer.from(`record ${seq} 记录`.repeat((seq % 7) + 1))
    head = headAfter(head, seq, raw, 'sha-256')
    add.run(seq, seq, raw, head)
  }
  alter(connection)
  const rows: ReadOnlyDatabase['rows'] = (text) => {
    const statement = connection.prepare(text)
    statement.setReturnArrays(true)
    return statement
  }
  return { path: ':memory:', connection, rows, close: () => connection.close() }
}

interface Walked {
  readonly faults: WalkFault[]
  /** Numbers before which no record stands. */
  readonly orphans: number[]
  readonly walked: number
}

function walk(alter: (connection: DatabaseSync) => void): Walked {
  const database = tableOf(alter)
  const faults: WalkFault[] = []
  const orphans: number[] = []
  const states = new Map()
  let walked = 0
  const begin = (_: number, seq: number): string | null => {
    if (seq === 1) return genesis.toString('latin1')
    const row = database.connection.prepare('select head from records where seq = ?').get(seq - 1)
    if (row === undefined) orphans.push(seq)
    return row === undefined ? null : Buffer.from((row['head'] ?? []) as Uint8Array).toString('latin1')
  }
  const fault = (one: WalkFault): void => void faults.push(one)
  for (const batch of readRecordBatches(database, 0, count)) {
    walkRecords(batch, { states, begin, hashOf: () => 'sha-256', fault })
    walked += batch.count
  }
  database.close()
  return { faults, orphans, walked }
}

const alter = (set: string) => (connection: DatabaseSync) =>
  connection.exec(`update records set ${set} where id = 400`)

it('walks each record of an unaltered table, and finds nothing', () => {
  expect(walk(() => {})).toEqual({ faults: [], orphans: [], walked: count })
})

it.each([
  ['a head that is a byte longer', "head = cast(head || x'00' as blob)", 'unreadable'],
  ['a head that is a byte shorter', 'head = substr(head, 2)', 'unreadable'],
  ['a head that is gone', 'head = null', 'unreadable'],
  ['bytes that are gone', 'raw = null', 'altered'],
  ['one byte more', "raw = cast(raw || x'20' as blob)", 'altered'],
])('tells of the very record with %s, and of no other before it', (_, set, kind) => {
  const { faults, walked } = walk(alter(set))
  expect(walked).toBe(count)
  expect(faults[0]).toEqual({ kind, journal: 300_000, seq: 400 })
})

it.each(['400.5', '-1', '0', '9223372036854775807', "'abc'", 'null', '549755813888000'])(
  'does not take %s for the number of a record',
  (seq) => {
    const { faults, orphans, walked } = walk(alter(`seq = ${seq}`))
    expect(walked).toBe(count)
    // Told by itself, or by the one behind it, before which nothing stands any more.
    expect([...faults.map((fault) => fault.seq), ...orphans]).not.toEqual([])
    expect(orphans).toContain(401)
  },
)

it('finds heads whose lengths make up for each other', () => {
  const { faults } = walk((connection) => {
    connection.exec("update records set head = cast(head || x'f0' as blob) where id = 400")
    connection.exec('update records set head = substr(head, 2) where id = 401')
  })
  expect(faults.map(({ seq }) => seq)).toEqual(expect.arrayContaining([400, 401]))
})

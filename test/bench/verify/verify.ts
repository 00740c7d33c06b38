/**
 * `npm run bench -- verify`: how fast every record's chain of a database is proved, beside hashing the same bytes.
 *
 * Verifying: what `shoukou-console verify` does of records, from the file: reading, each record's digest, each link, each
 * stored head compared, gaps and ends of journals; by as many threads as it would use, their beginning included.
 *
 * Plain hashing: the same bytes (each record behind its tag, each link of 89 bytes), from memory, digest by digest, by the
 * runtime's own one-shot hash, one thread: the least that any check of these chains can cost in this runtime. As many
 * digests as verifying makes, so that neither is over before the machine has noticed it. Beside it, for whoever thinks of
 * plain hashing as one pass: all records' bytes into one hash, one update a record.
 *
 * Each verification stands between two rounds of plain hashing and is held against both, so that whatever else the machine
 * does falls on both sides; the median of all such ratios is told.
 *
 * Void where a good database is not found good, or where an altered byte, an altered head, a record that is gone or one
 * that was put in another's place is not found exactly where it is.
 */
import { createHash, hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Findings } from '@shoukou/protocol'
import { openReadOnly } from '../../../console/store/verify/read-only.ts'
import { verifyJournals } from '../../../console/store/verify/verify-journals.ts'
import { verifyAllRecords } from '../../../console/trail/verify-all-records.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { quantile } from '../figures.ts'
import { writeLargeDatabase } from './large-database.ts'

const bytesPerRecord = 600
/** Less, and the threads' beginning would be a large part of what is measured. */
const recordsInAll = 500_000

export const verify: Bench = async ({ isQuick, n, say }: BenchOptions) => {
  const pairs = n ?? (isQuick ? 5 : 15)
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-bench-verify-'))
  try {
    const path = join(folder, 'console.db')
    say(`writing ${recordsInAll} records`)
    await writeLargeDatabase(path, recordsInAll, bytesPerRecord)
    await assertFindsAlterations(path)
    return await measure(path, { pairs, say })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(
  path: string,
  { pairs, say }: { readonly pairs: number; readonly say: (line: string) => void },
): Promise<Readonly<Record<string, number>>> {
  const plain = readPlain(path)
  const ratios: number[] = []
  const oneThread: number[] = []
  const onePass: number[] = []
  const speeds: number[] = []
  const plainSpeeds: number[] = []
  let bytes = 0
  await verifyOnce(path)
  let before = plain.each()
  for (let pair = 0; pair < pairs; pair += 1) {
    const verified = await verifyOnce(path)
    const between = plain.each()
    const alone = await verifyOnce(path, 1)
    const after = plain.each()
    const pass = plain.pass()
    speeds.push(verified.perS)
    plainSpeeds.push(before, between)
    ratios.push(verified.perS / meanOfRates(before, between))
    oneThread.push(alone.perS / meanOfRates(between, after))
    onePass.push(verified.perS / pass)
    bytes = verified.bytes / verified.records
    say(
      `pair ${pair + 1}: verify ${Math.round(verified.perS)}/s by ${verified.threads} threads, ${Math.round(alone.perS)}/s by one; plain ${Math.round(before)}/s before and ${Math.round(between)}/s after it, digest by digest, ${Math.round(pass)}/s in one pass`,
    )
    before = after
  }
  const perS = quantile(speeds, 0.5)
  const plainPerS = quantile(plainSpeeds, 0.5)
  return {
    records_per_s: perS,
    mb_per_s: (perS * bytes) / 1e6,
    ratio_to_plain_hashing: quantile(ratios, 0.5),
    plain_records_per_s: plainPerS,
    plain_mb_per_s: (plainPerS * bytes) / 1e6,
    ratio_by_one_thread: quantile(oneThread, 0.5),
    ratio_to_one_pass: quantile(onePass, 0.5),
    n: pairs,
  }
}

/** Two rounds of the same work: what both took, not what both were like. */
function meanOfRates(one: number, other: number): number {
  return 2 / (1 / one + 1 / other)
}

async function verifyOnce(
  path: string,
  threadsMax?: number,
): Promise<{ perS: number; records: number; bytes: number; threads: number }> {
  const findings = new Findings()
  const began = performance.now()
  const { last, ...result } = await verifyRecordsOf(path, findings, threadsMax)
  const perS = (result.records / (performance.now() - began)) * 1_000
  if (findings.total > 0 || result.records !== last)
    throw new Error(`a good database was not found good: ${JSON.stringify(findings.kept[0])}`)
  return { perS, ...result }
}

async function verifyRecordsOf(path: string, findings: Findings, threadsMax?: number) {
  const database = openReadOnly(path)
  try {
    const { last } = database.connection.prepare('select max(id) last from records').get() as { last: number }
    const result = await verifyAllRecords({
      path,
      lastRecord: last,
      add: findings.add,
      withColumns: false,
      ...(threadsMax === undefined ? {} : { threadsMax }),
    })
    verifyJournals(database, findings.add)
    return { last, ...result }
  } finally {
    database.close()
  }
}

const plainRecordsMax = 100_000

/** The bytes that verifying hashes, in memory; each way returns records per second. */
function readPlain(path: string): { each(): number; pass(): number } {
  const database = openReadOnly(path)
  const rows = database
    .rows('select raw from records order by id limit ?')
    .all(plainRecordsMax) as unknown as [Uint8Array][]
  database.close()
  const tag = Buffer.from('shoukou.record.v1\0')
  const records = rows.map(([raw]) => Buffer.concat([tag, raw]))
  const link = Buffer.alloc('shoukou.chain.v1\0'.length + 72)
  // More than a part of them in memory would be the memory's figure, not the hash's: the part is hashed again.
  const rounds = recordsInAll / plainRecordsMax
  const timed = (work: () => void): number => {
    const began = performance.now()
    for (let round = 0; round < rounds; round += 1) work()
    return ((rounds * records.length) / (performance.now() - began)) * 1_000
  }
  return {
    each: () =>
      timed(() => {
        for (const record of records) {
          hash('sha256', record, 'binary')
          hash('sha256', link, 'binary')
        }
      }),
    pass: () =>
      timed(() => {
        const all = createHash('sha256')
        for (const record of records) all.update(record)
        all.digest()
      }),
  }
}

/**
 * A check that finds nothing may be fast: each of these alterations in the midst of all records must be found, at its own
 * computer and number.
 */
async function assertFindsAlterations(path: string): Promise<void> {
  const connection = new DatabaseSync(path)
  try {
    const triggers = connection
      .prepare("select name from sqlite_schema where type = 'trigger' and tbl_name = 'records'")
      .all() as unknown as { readonly name: string }[]
    for (const { name } of triggers) connection.exec(`drop trigger "${name}"`)
    const select = connection.prepare(
      'select r.id, r.journal, r.seq, r.raw, r.head, j.agent from records r join journals j on j.id = r.journal where r.id = ?',
    )
    const set = connection.prepare('update records set journal = ?, seq = ?, raw = ?, head = ? where id = ?')
    const write = ({ id, journal, seq, raw, head }: Row): unknown => set.run(journal, seq, raw, head, id)
    const altered = alterations.map(([what, alter], index) => {
      const at = Math.floor((recordsInAll * (index + 1)) / (alterations.length + 1))
      const row = select.get(at) as unknown as Row
      write(alter(row))
      return { what, row }
    })
    const findings = new Findings()
    await verifyRecordsOf(path, findings)
    for (const { what, row } of altered) {
      write(row)
      if (!findings.kept.some(({ agent, seq }) => agent === row.agent && seq === row.seq))
        throw new Error(`${what} was not found where it is: ${row.agent}, ${row.seq}`)
    }
    connection.exec('pragma wal_checkpoint(truncate)')
  } finally {
    connection.close()
  }
}

interface Row {
  readonly id: number
  readonly journal: number
  readonly seq: number
  readonly raw: Uint8Array
  readonly head: Uint8Array
  readonly agent: string
}

const alterations: readonly (readonly [what: string, alter: (row: Row) => Row])[] = [
  ['an altered byte', (row) => ({ ...row, raw: flipped(row.raw, 100) })],
  ['an altered head', (row) => ({ ...row, head: flipped(row.head, 7) })],
  ['a head of another length', (row) => ({ ...row, head: Buffer.concat([row.head, Buffer.alloc(1)]) })],
  ['a record that is not where it was', (row) => ({ ...row, seq: 1_000_000_000 })],
]

function flipped(bytes: Uint8Array, at: number): Buffer {
  const altered = Buffer.from(bytes)
  altered[at] = (altered[at] ?? 0) ^ 1
  return altered
}

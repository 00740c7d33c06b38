/**
 * `npm run bench -- verify`: how fast every record's chain of a database is proved, beside hashing the same bytes.
 *
 * Verifying: what `shoukou-console verify` does of records, from the file: reading, each record's digest, each link, each
 * stored head compared, gaps and ends of journals; by as many threads as it would use.
 *
 * Plain hashing: the same bytes (each record behind its tag, each link of 89 bytes), from memory, digest by digest, by the
 * runtime's own one-shot hash, one thread: the least that any check of these chains can cost in this runtime. Beside it,
 * for whoever thinks of plain hashing as one pass: all records' bytes into one hash, one update a record.
 *
 * In turns, so that whatever else the machine does falls on both.
 */
import { createHash, hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Findings } from '@shoukou/protocol'
import { openReadOnly } from '../../../console/store/verify/read-only.ts'
import { verifyJournals } from '../../../console/store/verify/verify-journals.ts'
import { verifyAllRecords } from '../../../console/trail/verify-all-records.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { quantile } from '../figures.ts'
import { writeLargeDatabase } from './large-database.ts'

const bytesPerRecord = 600
/** Less, and the threads' beginning would be a large part of what is measured. */
const recordsInAll = 1_000_000

export const verify: Bench = async ({ isQuick, n, say }: BenchOptions) => {
  const pairs = n ?? (isQuick ? 7 : 15)
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-bench-verify-'))
  try {
    const path = join(folder, 'console.db')
    say(`writing ${recordsInAll} records`)
    await writeLargeDatabase(path, recordsInAll, bytesPerRecord)
    await assertFindsAlteration(path)
    return await measure(path, { pairs, say })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(
  path: string,
  { pairs, say }: { readonly pairs: number; readonly say: (line: string) => void },
): Promise<Readonly<Record<string, number>>> {
  // Hashing whole gigabytes from memory would be the memory's figure: a part, and its share of the time.
  const plain = readPlain(path)
  const ratios: number[] = []
  const oneThread: number[] = []
  const onePass: number[] = []
  const speeds: number[] = []
  let bytes = 0
  await verifyOnce(path)
  plain.each()
  for (let pair = 0; pair < pairs; pair += 1) {
    const each = plain.each()
    const verified = await verifyOnce(path)
    const pass = plain.pass()
    const alone = await verifyOnce(path, 1)
    speeds.push(verified.perS)
    ratios.push(verified.perS / each)
    oneThread.push(alone.perS / each)
    onePass.push(verified.perS / pass)
    bytes = verified.bytes / verified.records
    say(
      `pair ${pair + 1}: verify ${Math.round(verified.perS)}/s by ${verified.threads} threads, ${Math.round(alone.perS)}/s by one; plain ${Math.round(each)}/s digest by digest, ${Math.round(pass)}/s in one pass`,
    )
  }
  const perS = quantile(speeds, 0.5)
  return {
    records_per_s: perS,
    mb_per_s: (perS * bytes) / 1e6,
    ratio_to_plain_hashing: quantile(ratios, 0.5),
    ratio_by_one_thread: quantile(oneThread, 0.5),
    ratio_to_one_pass: quantile(onePass, 0.5),
    n: pairs,
  }
}

async function verifyOnce(
  path: string,
  threadsMax?: number,
): Promise<{ perS: number; records: number; bytes: number; threads: number }> {
  const findings = new Findings()
  const began = performance.now()
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
    const perS = (result.records / (performance.now() - began)) * 1_000
    if (findings.total > 0 || result.records !== last)
      throw new Error(`a good database was not found good: ${JSON.stringify(findings.kept[0])}`)
    return { perS, ...result }
  } finally {
    database.close()
  }
}

/** A check that finds nothing may be fast: it must find one byte in the midst of all records. */
async function assertFindsAlteration(path: string): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite')
  const connection = new DatabaseSync(path)
  connection.exec('drop trigger records_no_update')
  const { id, raw } = connection
    .prepare('select id, raw from records where id = (select max(id) / 2 from records)')
    .get() as { id: number; raw: Uint8Array }
  const altered = Buffer.from(raw)
  altered[100] = (altered[100] ?? 0) ^ 1
  const write = connection.prepare('update records set raw = ? where id = ?')
  write.run(altered, id)
  const findings = new Findings()
  const { last } = connection.prepare('select max(id) last from records').get() as { last: number }
  await verifyAllRecords({ path, lastRecord: last, add: findings.add, withColumns: false })
  write.run(raw, id)
  connection.exec('pragma wal_checkpoint(truncate)')
  connection.close()
  if (findings.total !== 1) throw new Error('one altered byte was not found')
}

const plainRecordsMax = 200_000

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
  const timed = (work: () => void): number => {
    const began = performance.now()
    work()
    return (records.length / (performance.now() - began)) * 1_000
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

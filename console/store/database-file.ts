/**
 * A database file as a whole: copied while a console writes in it, looked through, and proven from its raw bytes.
 * Synchronous and long: for a thread of its own (`database-file-thread.ts`), and for tools.
 */
import { backup, DatabaseSync } from 'node:sqlite'
import {
  chainHashOf,
  EVIDENCE_CHAIN,
  genesisHead,
  headAfter,
  ShoukouError,
  TRAIL_CHAIN,
} from '@shoukou/protocol'
import type { JournalHead, StoreCounts } from './keeping-ports.ts'

/** What a database says of itself, and whether its chains follow from its bytes. */
export interface DatabaseFacts {
  readonly counts: StoreCounts
  readonly journals: readonly JournalHead[]
  readonly trail: ChainEnd
  /** Of violations, gaps and policies as they were made. */
  readonly kept: ChainEnd
}

export interface ChainEnd {
  readonly seq: number
  /** Hex; empty where there is nothing. */
  readonly head: string
}

/**
 * Copies the database as it stands at one moment; whoever writes goes on writing. One step: a copy in parts would begin
 * anew with each commit of another connection, and on a busy console never end.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 })
  try {
    await backup(source, to, { rate: 2_147_483_647 })
  } finally {
    source.close()
  }
  // One file without a log beside it: what was verified is what is carried away, also to a place that can't be written.
  const copy = new DatabaseSync(to)
  try {
    copy.exec('pragma journal_mode=delete; pragma synchronous=full')
  } finally {
    copy.close()
  }
}

/**
 * Reads what a database holds, and follows each chain from its raw bytes to the head that it claims.
 *
 * @throws ShoukouError `log-altered` naming the first place where a chain breaks, `backup-refused` where the file is damaged.
 */
export function proveDatabase(path: string): DatabaseFacts {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const integrity = database.prepare('pragma integrity_check').get()?.['integrity_check']
    if (integrity !== 'ok') throw damaged(path, String(integrity))
    return {
      counts: countsOf(database),
      journals: provenJournals(database),
      trail: provenTrail(database),
      kept: provenKept(database),
    }
  } catch (error) {
    if (error instanceof ShoukouError) throw error
    throw damaged(path, error instanceof Error ? error.message : String(error), error)
  } finally {
    database.close()
  }
}

function damaged(path: string, why: string, cause?: unknown): ShoukouError {
  return new ShoukouError(
    'backup-refused',
    `The database ${path} is damaged (${why}); take an earlier backup.`,
    cause === undefined ? {} : { cause },
  )
}

function countsOf(database: DatabaseSync): StoreCounts {
  const number = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0)
  return {
    computers: number('select count(*) from computers'),
    records: number('select count(*) from records'),
    violations: number('select count(*) from violations'),
    actions: number('select count(*) from trail'),
    lastAction: number('select coalesce(max(seq), 0) from trail'),
    lastViolation: number('select coalesce(max(id), 0) from violations'),
    migration: String(
      Object.values(database.prepare('select max(name) from kysely_migration').get() ?? {})[0] ?? '',
    ),
  }
}

function provenJournals(database: DatabaseSync): JournalHead[] {
  const journals = database.prepare('select id, agent, epoch, seq, head from journals order by id').all()
  const records = database.prepare('select seq, raw, head from records where journal = ? order by seq')
  const stub = hasStubs(database)
    ? database.prepare('select last_seq, head from stubs where journal = ? order by last_seq desc limit 1')
    : null
  const gap = database.prepare('select head_before from gaps where agent = ? and epoch = ? and last_seq = ?')
  return journals.map((journal) => {
    const [agent, epoch] = [String(journal['agent']), String(journal['epoch'])]
    const hash = chainHashOf(epoch)
    // Where its first records are in an archive, the journal goes on from its stub.
    const begun = stub?.get(Number(journal['id']))
    let head: Uint8Array | null =
      begun === undefined ? genesisHead(agent, epoch) : (begun['head'] as Uint8Array)
    let last = Number(begun?.['last_seq'] ?? 0)
    for (const row of records.iterate(Number(journal['id']))) {
      const seq = Number(row['seq'])
      const claimed = row['head'] as Uint8Array
      if (seq !== last + 1) {
        // Records that never came: the chain goes on from the head that ingest was told then, where it kept it.
        const before = gap.get(agent, epoch, seq - 1)?.['head_before']
        head = typeof before === 'string' ? Buffer.from(before, 'hex') : null
      }
      head = head === null ? claimed : headAfter(head, seq, row['raw'] as Uint8Array, hash)
      if (!Buffer.from(head).equals(claimed)) throw broken(`the journal ${epoch} of ${agent}`, seq)
      last = seq
    }
    const [seq, end] = [Number(journal['seq']), String(journal['head'])]
    if (seq !== last || (last > 0 && Buffer.from(head ?? []).toString('hex') !== end))
      throw broken(`the journal ${epoch} of ${agent}`, seq)
    return { agent, epoch, seq, head: end }
  })
}

function hasStubs(database: DatabaseSync): boolean {
  return (
    database.prepare("select 1 from sqlite_schema where type = 'table' and name = 'stubs'").get() !==
    undefined
  )
}

function provenTrail(database: DatabaseSync): ChainEnd {
  return provenChain(database, TRAIL_CHAIN, 'trail', 'the administrators’ log')
}

function provenKept(database: DatabaseSync): ChainEnd {
  return provenChain(database, EVIDENCE_CHAIN, 'kept', 'the evidence of violations')
}

function provenChain(
  database: DatabaseSync,
  rules: typeof TRAIL_CHAIN,
  table: 'trail' | 'kept',
  words: string,
): ChainEnd {
  const rows = {
    trail: 'select seq, raw, head from trail order by seq',
    kept: 'select seq, raw, head from kept order by seq',
  }
  const origin = String(database.prepare('select origin from trail_origin where id = 1').get()?.['origin'])
  let head: Uint8Array = rules.genesis(origin)
  let last = 0
  for (const row of database.prepare(rows[table]).iterate()) {
    const seq = Number(row['seq'])
    head = rules.after(head, seq, row['raw'] as Uint8Array)
    if (seq !== last + 1 || !Buffer.from(head).equals(row['head'] as Uint8Array)) throw broken(words, seq)
    last = seq
  }
  return { seq: last, head: last === 0 ? '' : Buffer.from(head).toString('hex') }
}

function broken(where: string, seq: number): ShoukouError {
  return new ShoukouError('log-altered', `In ${where}, entry ${seq} does not follow from the one before it.`)
}

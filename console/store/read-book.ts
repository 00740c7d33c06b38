/** Reads the book of a span: every record and every entry of the log as they stand, for an archive. Read-only. */
import { DatabaseSync } from 'node:sqlite'
import { ShoukouError, TRAIL_CHAIN } from '@shoukou/protocol'

interface BookLine {
  readonly seq: number
  readonly raw: string
  readonly head: string
  /** The head before it, where it does not follow the line before; hex. */
  readonly before: string | null
}
export type BookEntry =
  | (BookLine & {
      readonly kind: 'record'
      readonly agent: string
      readonly epoch: string
      readonly receivedAt: number
    })
  | (BookLine & { readonly kind: 'log'; readonly at: number })

/** Yields the records that were received in a span, journal by journal, then the log's entries of it. Unix ms, `until` not included. */
export function* readBook(
  path: string,
  { from, until }: { readonly from: number; readonly until: number },
): Generator<BookEntry> {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 })
  try {
    // One moment: what is stored while it is read belongs to the book of another year.
    database.exec('begin')
    const headAt = database.prepare('select head from records where journal = ? and seq = ?')
    assertNotTakenOut(database, from)
    // A journal whose first records are in an archive goes on from its stub.
    const stub = database.prepare('select head from stubs where journal = ? and last_seq = ?')
    const gap = database.prepare(
      'select head_before from gaps where agent = ? and epoch = ? and last_seq = ?',
    )
    const records = database.prepare(
      'select seq, raw, head, received_at from records where journal = ? and received_at >= ? and received_at < ? order by seq',
    )
    for (const journal of database.prepare('select id, agent, epoch from journals order by id').all()) {
      const [id, agent, epoch] = [Number(journal['id']), String(journal['agent']), String(journal['epoch'])]
      let last: number | null = null
      for (const row of records.iterate(id, from, until)) {
        const seq = Number(row['seq'])
        const told = gap.get(agent, epoch, seq - 1)?.['head_before']
        const previous =
          seq === 1
            ? null
            : (hexOf(headAt.get(id, seq - 1)?.['head']) ??
              hexOf(stub.get(id, seq - 1)?.['head']) ??
              (typeof told === 'string' ? told : null))
        const before = last === seq - 1 ? null : previous
        yield { kind: 'record', agent, epoch, receivedAt: Number(row['received_at']), ...lineOf(row), before }
        last = seq
      }
    }
    yield* logOf(database, from, until)
  } finally {
    database.close()
  }
}

/** A book that lacks what was taken out would look whole. */
function assertNotTakenOut(database: DatabaseSync, from: number): void {
  const taken = database.prepare('select name from stubs where before_ms > ? order by id limit 1').get(from)
  if (taken !== undefined)
    throw new ShoukouError(
      'invalid-request',
      `Records of this year are in the archive ${String(taken['name'])}: that is their book.`,
    )
}

function* logOf(database: DatabaseSync, from: number, until: number): Generator<BookEntry> {
  const origin = String(database.prepare('select origin from trail_origin where id = 1').get()?.['origin'])
  const headAt = database.prepare('select head from trail where seq = ?')
  // By number, not by clock: a clock that was set back must leave no hole in the book.
  const span = database
    .prepare('select min(seq) as first, max(seq) as last from trail where at >= ? and at < ?')
    .get(from, until)
  if (typeof span?.['first'] !== 'number' || typeof span['last'] !== 'number') return
  const entries = database.prepare(
    'select seq, raw, head, at from trail where seq >= ? and seq <= ? order by seq',
  )
  let isFirst = true
  for (const row of entries.iterate(span['first'], span['last'])) {
    const seq = Number(row['seq'])
    const before = isFirst
      ? (hexOf(headAt.get(seq - 1)?.['head']) ?? Buffer.from(TRAIL_CHAIN.genesis(origin)).toString('hex'))
      : null
    yield { kind: 'log', at: Number(row['at']), ...lineOf(row), before }
    isFirst = false
  }
}

function lineOf(row: Readonly<Record<string, unknown>>): Pick<BookLine, 'seq' | 'raw' | 'head'> {
  return {
    seq: Number(row['seq']),
    raw: Buffer.from(row['raw'] as Uint8Array).toString('base64'),
    head: hexOf(row['head']) ?? '',
  }
}

function hexOf(value: unknown): string | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : null
}

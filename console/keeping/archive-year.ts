/**
 * Writes the book of a year as an archive that proves itself: each record and each entry of the log as raw bytes with
 * the heads before and after, hashed and signed, and read back before it counts.
 *
 * It is a copy. Nothing is taken out of the store by it: what is out of its period is `archives.ts`.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chainHashOf, genesisHead, headAfter, ShoukouError, TRAIL_CHAIN } from '@shoukou/protocol'
import { writeFileAtomically } from '../base/atomic-file.ts'
import { type BookEntry, readBook } from '../store/read-book.ts'
import { keptUntil } from './book-years.ts'
import { publicKeyOf, signingKey, signManifest } from './manifest.ts'

export interface ArchiveOptions {
  readonly database: string
  readonly year: number
  readonly to: string
  readonly retentionYears: number
  /** 32 bytes. */
  readonly seed: Uint8Array
  readonly now: number
}

export interface Archived {
  readonly place: string
  readonly records: number
  readonly entries: number
  /** Before this nothing of that year may be taken away by anyone, Unix ms. */
  readonly keptUntil: number
}

const fileName = 'book.jsonl'

/** Writes and proves it. @throws ShoukouError `invalid-request` where the year is not over, `log-altered` where a chain breaks. */
export async function archiveYear(options: ArchiveOptions): Promise<Archived> {
  const { database, year, to, now } = options
  const [from, until] = [new Date(year, 0, 1).getTime(), new Date(year + 1, 0, 1).getTime()]
  if (until > now)
    throw new ShoukouError('invalid-request', `The year ${year} is not over; its book is still written.`)
  const place = join(to, `shoukou-book-${year}`)
  const partial = `${place}.partial`
  await assertAbsent(place)
  await mkdir(partial, { mode: 0o700 })
  try {
    const counts = await writeBook(join(partial, fileName), readBook(database, { from, until }))
    const proof = await proveBook(join(partial, fileName))
    if (proof.records !== counts.records || proof.entries !== counts.entries)
      throw new ShoukouError(
        'log-altered',
        'What was read back is not what was written; the disk may be failing.',
      )
    const key = signingKey(options.seed)
    const text = `${JSON.stringify({ format: 'shoukou.book.v1', year, madeAt: now, file: fileName, publicKey: publicKeyOf(key), ...proof }, null, 1)}\n`
    await writeFileAtomically(join(partial, 'manifest.json'), text)
    await writeFileAtomically(join(partial, 'manifest.sig'), `${signManifest(Buffer.from(text), key)}\n`)
    await rename(partial, place)
    return { place, ...counts, keptUntil: keptUntil(year, options.retentionYears) }
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}

export interface BookProof {
  readonly sha256: string
  readonly records: number
  readonly entries: number
  /** Of each chain: where this book begins and ends, so that the next one is known to follow. */
  readonly chains: Readonly<
    Record<
      string,
      { readonly first: number; readonly before: string; readonly last: number; readonly head: string }
    >
  >
}

/** Follows each chain of a book from its raw bytes alone. @throws ShoukouError `log-altered`, naming the place. */
export async function proveBook(path: string): Promise<BookProof> {
  const hash = createHash('sha256')
  const chains: Record<string, { first: number; before: string; last: number; head: string }> = {}
  let [records, entries] = [0, 0]
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    hash.update(`${line}\n`)
    const entry = JSON.parse(line) as BookEntry
    const name = entry.kind === 'record' ? `${entry.agent} ${entry.epoch}` : 'log'
    const known = chains[name]
    const raw = Buffer.from(entry.raw, 'base64')
    const before = known?.head ?? entry.before ?? genesisOf(entry)
    // A hole in a journal is a gap of that journal: its own entry names the head behind it.
    const from = known !== undefined && entry.seq !== known.last + 1 ? (entry.before ?? before) : before
    const next =
      entry.kind === 'record'
        ? headAfter(Buffer.from(from, 'hex'), entry.seq, raw, chainHashOf(entry.epoch))
        : TRAIL_CHAIN.after(Buffer.from(from, 'hex'), entry.seq, raw)
    const head = Buffer.from(next).toString('hex')
    if (head !== entry.head)
      throw new ShoukouError(
        'log-altered',
        `In ${name}, entry ${entry.seq} does not follow from the one before it.`,
      )
    chains[name] = {
      first: known?.first ?? entry.seq,
      before: known?.before ?? before,
      last: entry.seq,
      head,
    }
    if (entry.kind === 'record') records += 1
    else entries += 1
  }
  return { sha256: hash.digest('hex'), records, entries, chains }
}

function genesisOf(entry: BookEntry): string {
  if (entry.kind === 'record') return genesisHead(entry.agent, entry.epoch).toString('hex')
  throw new ShoukouError('log-altered', `The log's entry ${entry.seq} does not say what it follows.`)
}

async function writeBook(
  path: string,
  entries: Iterable<BookEntry>,
): Promise<{ records: number; entries: number }> {
  const counts = { records: 0, entries: 0 }
  const file: FileHandle = await open(path, 'wx', 0o600)
  try {
    let part: string[] = []
    for (const entry of entries) {
      part.push(`${JSON.stringify(entry)}\n`)
      if (entry.kind === 'record') counts.records += 1
      else counts.entries += 1
      if (part.length >= 1_000) {
        await file.appendFile(part.join(''))
        part = []
      }
    }
    await file.appendFile(part.join(''))
    await file.sync()
    return counts
  } finally {
    await file.close()
  }
}

async function assertAbsent(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (isThere)
    throw new ShoukouError('config-invalid', `${path} is there already; an archive is never written over.`)
}

/**
 * The numbers of this computer's bundles, and what the agent still has to record of them. Written by whoever exports,
 * under a lock; the agent only reads it, and keeps in a file of its own how far it has told.
 */
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { makeFolder } from '../base/atomic-file.ts'
import { stateFile } from '../base/state-file.ts'
import type { StateFolder } from '../base/state-folder.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const uuid = Type.String({ minLength: 36, maxLength: 36 })

/** Exports that the agent has not recorded yet; older ones are dropped beyond this, and their numbers show it. */
export const UNTOLD_MAX = 1_000

const ExportedSchema = Type.Object(
  {
    bundle: uuid,
    number: count,
    firstSeq: count,
    lastSeq: count,
    medium: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
  },
  closed,
)
export type ExportedNote = Static<typeof ExportedSchema>

const BookSchema = Type.Object(
  {
    v: Type.Literal(1),
    /** The last number given, to a bundle that was finished or not: none is given twice. */
    lastNumber: count,
    lastBundle: Type.Union([uuid, Type.Null()]),
    exported: Type.Array(ExportedSchema, { maxItems: UNTOLD_MAX }),
  },
  closed,
)
export type ExportBook = Static<typeof BookSchema>

const bookFile = stateFile(BookSchema)
const toldFile = stateFile(Type.Object({ v: Type.Literal(1), number: count }, closed))
const returnedFile = stateFile(
  Type.Object({ v: Type.Literal(1), number: count, package: Type.Union([uuid, Type.Null()]) }, closed),
)
export interface LastReturn {
  readonly number: number
  readonly package: string | null
}

const EMPTY: ExportBook = { v: 1, lastNumber: 0, lastBundle: null, exported: [] }

export async function readBook(folder: StateFolder, onDamaged: (path: string) => void): Promise<ExportBook> {
  const found = await bookFile.read(bookPath(folder), onDamaged)
  if (found !== null) return found
  // After a damaged one the numbers go on behind those that were told: none comes twice.
  return { ...EMPTY, lastNumber: await readTold(folder, onDamaged) }
}

/** Looks without touching anything: a damaged book reads as an empty one. */
export async function peekBook(folder: StateFolder): Promise<ExportBook> {
  const found = await bookFile.peek(bookPath(folder))
  return found === null || found === 'damaged' ? EMPTY : found
}

/** Gives the next number to a bundle. On the disk before the bundle is: a number may be lost, and is never given twice. */
export async function takeNumber(folder: StateFolder, book: ExportBook, bundle: string): Promise<ExportBook> {
  const next: ExportBook = { ...book, lastNumber: book.lastNumber + 1, lastBundle: bundle }
  await makeFolder(folder.bundles)
  await bookFile.write(bookPath(folder), next)
  return next
}

/** Notes a finished export for the agent to record. */
export async function noteExported(
  folder: StateFolder,
  book: ExportBook,
  exported: ExportedNote,
): Promise<void> {
  const all = [...book.exported, exported].slice(-UNTOLD_MAX)
  await bookFile.write(bookPath(folder), { ...book, exported: all })
}

/** The number of the last export that the agent has recorded. */
export async function readTold(folder: StateFolder, onDamaged: (path: string) => void): Promise<number> {
  return (await toldFile.read(toldPath(folder), onDamaged))?.number ?? 0
}

export async function writeTold(folder: StateFolder, number: number): Promise<void> {
  await makeFolder(folder.bundles)
  await toldFile.write(toldPath(folder), { v: 1, number })
}

/** The newest return package that was taken. */
export async function peekReturned(folder: StateFolder): Promise<LastReturn> {
  const found = await returnedFile.peek(returnedPath(folder))
  return found === null || found === 'damaged' ? { number: 0, package: null } : found
}

export async function writeReturned(folder: StateFolder, last: LastReturn): Promise<void> {
  await makeFolder(folder.bundles)
  await returnedFile.write(returnedPath(folder), { v: 1, ...last })
}

/** The lock of whoever exports: two at once would give one number twice. */
export function exportLock(folder: StateFolder): { readonly lockFile: string; readonly root: string } {
  return { lockFile: join(folder.bundles, 'lock'), root: folder.bundles }
}

const bookPath = (folder: StateFolder): string => join(folder.bundles, 'exported.json')
const toldPath = (folder: StateFolder): string => join(folder.bundles, 'told.json')
const returnedPath = (folder: StateFolder): string => join(folder.bundles, 'returned.json')

/**
 * Puts a backup in the place of a running console's data: verified and staged beside it now, switched at the next start,
 * before anything is opened. What was there is moved aside, never removed.
 *
 * Two people want it: one asks, which stages the backup; another agrees, which writes down that it may be switched.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { writeFileAtomically } from '../base/atomic-file.ts'
import { carryRevocations } from './carry-revocations.ts'
import { DATABASE_NAME } from './manifest.ts'
import { restoreBackup } from './restore-backup.ts'

const closed = { additionalProperties: false } as const
const StagedSchema = Type.Object(
  {
    place: Type.String(),
    madeAt: Type.Integer(),
    /** SHA-256 of its manifest, hex, and whose signature that bears: what is agreed to is this one, whatever stands there later. */
    manifest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    fingerprint: Type.String({ maxLength: 64 }),
    /** Who asked; and who agreed, or null while nobody has. */
    askedBy: Type.String(),
    agreedBy: Type.Union([Type.String(), Type.Null()]),
    phase: Type.Union([Type.Literal('staged'), Type.Literal('old-aside'), Type.Literal('new-in')]),
    /** Where the old data goes, once that is decided. */
    aside: Type.Union([Type.String(), Type.Null()]),
  },
  closed,
)
type Staged = Static<typeof StagedSchema>

/** Beside the data folder, on the same file system, so that the switch is a rename. */
function placesOf(dataDir: string) {
  const base = join(dirname(dataDir), `restore-${basename(dataDir)}`)
  return { folder: base, note: `${base}.json` }
}

/** Verifies a backup and stages it. @throws ShoukouError as `restoreBackup` */
export async function stageRestore(options: {
  readonly from: string
  readonly dataDir: string
  readonly passphrase: string
  readonly by: string
  readonly now: () => number
}): Promise<{ readonly madeAt: number }> {
  const { folder, note } = placesOf(options.dataDir)
  await rm(note, { force: true })
  await rm(folder, { recursive: true, force: true })
  const { manifest, fingerprint } = await restoreBackup({ ...options, dataDir: folder })
  const staged = {
    place: options.from,
    madeAt: manifest.madeAt,
    manifest: createHash('sha256').update(JSON.stringify(manifest)).digest('hex'),
    fingerprint,
    askedBy: options.by,
    agreedBy: null,
    phase: 'staged',
    aside: null,
  }
  await writeFileAtomically(note, `${JSON.stringify(staged)}\n`)
  return { madeAt: manifest.madeAt }
}

/** Writes down that another person agreed. @throws ShoukouError `not-found` where nothing is staged, or something else. */
export async function agreeToRestore(dataDir: string, place: string, agreedBy: string): Promise<void> {
  const { note } = placesOf(dataDir)
  const staged = await readNote(note)
  if (staged === null || staged.place !== place)
    throw new ShoukouError('not-found', 'This backup is not staged any more; ask for it again.')
  await writeFileAtomically(note, `${JSON.stringify({ ...staged, agreedBy })}\n`)
}

/** What is staged, agreed to or not. */
export async function stagedPlace(dataDir: string): Promise<{
  readonly place: string
  readonly madeAt: number
  readonly manifest: string
  readonly fingerprint: string
} | null> {
  return readNote(placesOf(dataDir).note)
}

/** What is switched at the next start; null where nothing was agreed to. */
export async function readStaged(
  dataDir: string,
): Promise<{ readonly place: string; readonly madeAt: number; readonly agreedBy: string } | null> {
  const staged = await readNote(placesOf(dataDir).note)
  return staged === null || staged.agreedBy === null
    ? null
    : { place: staged.place, madeAt: staged.madeAt, agreedBy: staged.agreedBy }
}

/**
 * Switches, where two people wanted it: call with the lock of the data folder held, before anything of it is opened.
 * Returns where the data went that was there; null where there was nothing to do. Ended in the middle, the next start
 * goes on: first everything old is aside, and only then anything new is put in its place.
 */
export async function switchIfAgreed(dataDir: string, now: number): Promise<string | null> {
  const { folder, note } = placesOf(dataDir)
  let staged = await readNote(note)
  if (staged === null || staged.agreedBy === null) return null
  const write = async (change: Partial<Staged>): Promise<Staged> => {
    const changed = { ...staged, ...change } as Staged
    await writeFileAtomically(note, `${JSON.stringify(changed)}\n`)
    return changed
  }
  const stamp = new Date(now).toISOString().replaceAll(/[-:.]/g, '')
  const aside = staged.aside ?? join(dataDir, `replaced-${stamp}`)
  if (staged.phase === 'staged') staged = await write({ phase: 'old-aside', aside })
  if (staged.phase === 'old-aside') {
    await mkdir(aside, { recursive: true, mode: 0o700 })
    for (const name of await readdir(dataDir))
      if (!isLeft(name)) await rename(join(dataDir, name), join(aside, name))
    staged = await write({ phase: 'new-in' })
  }
  for (const name of await namesIn(folder)) await rename(join(folder, name), join(dataDir, name))
  await carryRevocations({
    from: join(aside, DATABASE_NAME),
    to: join(dataDir, DATABASE_NAME),
    by: staged.agreedBy ?? '',
    now,
  })
  await rm(folder, { recursive: true, force: true })
  await rm(note)
  return aside
}

/** The lock is held, and earlier data stays where it went. */
function isLeft(name: string): boolean {
  return name.startsWith('console.lock') || name.startsWith('replaced-')
}

/** None where it is gone already: the start before ended right after. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readNote(path: string) {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const value: unknown = JSON.parse(text)
  if (Value.Check(StagedSchema, value)) return value
  throw new ShoukouError('config-invalid', `${path} is not a note of a staged restore; remove it.`)
}

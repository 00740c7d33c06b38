/**
 * What stands in a data folder beside the database: keys, and whatever else the console needs to be itself again. Packed
 * for a backup, and put back.
 */
import { lstat, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { writeFileAtomically } from '../base/atomic-file.ts'

const filesMax = 1_000
const bytesMax = 33_554_432

const PackSchema = Type.Object(
  {
    format: Type.Literal('shoukou.backup-files.v1'),
    files: Type.Array(
      Type.Object(
        {
          path: Type.String({ minLength: 1, maxLength: 300, pattern: '^[A-Za-z0-9._/-]+$' }),
          mode: Type.Integer({ minimum: 0, maximum: 0o777 }),
          content: Type.String({ maxLength: bytesMax * 2 }),
        },
        { additionalProperties: false },
      ),
      { maxItems: filesMax },
    ),
  },
  { additionalProperties: false },
)
export type Pack = Static<typeof PackSchema>

/**
 * The database has its own way; locks, sockets and what is half done are no one's. Bundles that wait are gigabytes, and still
 * on their medium and in their agent: they are brought again.
 */
const left = /^(?:bundles|console\.db(?:-.*)?|console\.lock.*|.*\.tmp|replaced-.*|restore-.*|.*\.partial)$/

/** Packs all files of a data folder but the database. @throws ShoukouError `limit-exceeded` where there are absurdly many. */
export async function packDataFiles(folder: string): Promise<Buffer> {
  const files: Pack['files'] = []
  let bytes = 0
  const walk = async (inner: string): Promise<void> => {
    for (const name of (await readdir(join(folder, inner))).toSorted()) {
      if (inner === '' && left.test(name)) continue
      const path = inner === '' ? name : `${inner}/${name}`
      const { mode, size, isDirectory, isFile } = await kindOf(join(folder, path))
      if (isDirectory) await walk(path)
      if (!isFile) continue
      bytes += size
      if (files.length >= filesMax || bytes > bytesMax)
        throw new ShoukouError(
          'limit-exceeded',
          `There is too much beside the database in ${folder}; move away what is not the console’s.`,
        )
      files.push({
        path,
        mode: mode & 0o777,
        content: (await readFile(join(folder, path))).toString('base64'),
      })
    }
  }
  await walk('')
  const pack: Pack = { format: 'shoukou.backup-files.v1', files }
  return Buffer.from(JSON.stringify(pack))
}

/** Reads a pack. @throws ShoukouError `backup-refused` where it is none, or a path would lead out of the folder. */
export function readPack(bytes: Buffer): Pack {
  const value: unknown = JSON.parse(bytes.toString('utf8'))
  if (!Value.Check(PackSchema, value))
    throw new ShoukouError('backup-refused', 'The keys of the backup are not in a form known here.')
  for (const { path } of value.files)
    if (path.startsWith('/') || path.split('/').includes('..') || normalize(path) !== path)
      throw new ShoukouError('backup-refused', 'The backup holds a file whose path leads out of its folder.')
  return value
}

/** Writes the files of a pack into a folder that is there. */
export async function unpackInto(folder: string, { files }: Pack): Promise<void> {
  for (const { path, mode, content } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 })
    await writeFileAtomically(join(folder, path), Buffer.from(content, 'base64'), mode)
  }
}

async function kindOf(path: string) {
  const found = await lstat(path)
  return { mode: found.mode, size: found.size, isDirectory: found.isDirectory(), isFile: found.isFile() }
}

/** Small C programs of the lab's own, compiled once for their source and linked whole: the guest has no libraries of the host. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from './guest-image.ts'

/** Returns the program made of all C files in a folder. */
export async function compileProgram(source: string): Promise<string> {
  const names = (await readdir(source)).toSorted()
  const hash = createHash('sha256')
  for (const name of names) hash.update(`${name}\0`).update(await readFile(join(source, name)))
  const folder = cacheFolder(basename(source))
  const program = join(folder, hash.digest('hex').slice(0, 20))
  const isThere = await readFile(program).then(
    () => true,
    () => false,
  )
  if (isThere) return program
  await mkdir(folder, { recursive: true })
  const sources = names.filter((name) => name.endsWith('.c')).map((name) => join(source, name))
  const part = `${program}.part-${process.pid}`
  await promisify(execFile)('gcc', [
    '-D_GNU_SOURCE',
    '-O2',
    '-static',
    '-pthread',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    part,
    ...sources,
  ])
  await rename(part, program)
  return program
}

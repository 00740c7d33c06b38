/**
 * The program itself: which files it consists of, and one digest over them.
 *
 * A packaged agent is one script with its modules beside it, and is watched while it runs. A source tree is for whoever works
 * on it: its digest is taken at the start, and a change is told as `source-changed`, which accuses nobody.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

export interface Program {
  readonly kind: 'package' | 'source'
  /** The script that runs. */
  readonly script: string
  readonly files: readonly string[]
}

const filesMax = 5_000
const sourceFolders = ['agent', 'protocol']

/** Finds the files of the program whose main script is given, as an absolute path. */
export async function findProgram(script: string): Promise<Program> {
  if (!script.endsWith('.ts')) {
    const folder = dirname(script)
    const beside = (await filesBelow(folder)).filter((path) =>
      /\.(?:c|m)?js$|\.node$|package\.json$/.test(path),
    )
    return { kind: 'package', script, files: beside.length > filesMax ? [script] : beside }
  }
  // agent/cli/shoukou-agent.ts
  const root = dirname(dirname(dirname(script)))
  const files: string[] = []
  for (const folder of sourceFolders) {
    const below = await filesBelow(join(root, folder))
    files.push(...below.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts')))
  }
  return { kind: 'source', script, files: files.slice(0, filesMax) }
}

/** Returns the digest over names and contents, hex, and each file's own. */
export async function digestOf({ script, files }: Program): Promise<string> {
  const digest = createHash('sha256')
  for (const path of [...files].sort()) {
    const own = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    digest.update(`${relative(dirname(script), path)}\0${own}\n`)
  }
  return digest.digest('hex')
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

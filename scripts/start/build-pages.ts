/** Builds the pages where their sources changed since the last build. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { words } from './words.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const web = join(root, 'console', 'web')
const stamp = join(web, 'dist', '.sources')
const sources = ['console/web/**/*', 'console/api/contract.ts', 'protocol/**/*.ts', 'package-lock.json']

/** Resolves to a word where there was nothing to do. */
export async function buildPages(): Promise<string> {
  const hash = await hashSources()
  if (existsSync(join(web, 'dist', 'index.html')) && (await readIfThere(stamp)) === hash)
    return words.unchanged
  const { build } = await import('vite')
  await build({ root: web, configFile: join(web, 'vite.config.ts'), logLevel: 'error' })
  await writeFile(stamp, hash)
  return ''
}

async function hashSources(): Promise<string> {
  const files: string[] = []
  for await (const entry of glob(sources, { cwd: root, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !path.includes('/dist/') && !path.endsWith('.test.ts')) files.push(path)
  }
  const hash = createHash('sha256')
  for (const path of files.toSorted()) hash.update(path.slice(root.length)).update(await readFile(path))
  return hash.digest('hex')
}

async function readIfThere(path: string): Promise<string | null> {
  return existsSync(path) ? readFile(path, 'utf8') : null
}

/** Lists the files that the house rules hold for: what git tracks or would track, so that no build output is read. */
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

/** Returns paths relative to the root, sorted; files that were deleted and not yet committed are left out. */
export function listTrackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const files = listed.split('\0').filter((file) => file !== '')
  return files
    .filter((file) => existsSync(join(ROOT, file)) && statSync(join(ROOT, file)).isFile())
    .toSorted()
}

/** Sources that people write: no fixtures, no lock file. */
export function listSources(): string[] {
  return listTrackedFiles().filter(
    (file) => /\.(?:ts|tsx|cjs|mjs|js|css|html|sh|c)$/.test(file) && !/(?:^|\/)fixtures\//.test(file),
  )
}

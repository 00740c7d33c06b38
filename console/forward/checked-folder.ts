/**
 * A folder that somebody named to be written into: it is there, it is a folder, and it is none of the console's own.
 *
 * An address of the API that writes files is a way to alter the console itself: file names are ours, and the data
 * folder, by whatever link, is refused.
 */
import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, sep } from 'node:path'
import { ForwardError } from './failures.ts'

/** Returns the real path. @throws ForwardError `folder-missing` or `folder-not-allowed`. */
export async function checkedFolder(path: string, ownFolder: string): Promise<string> {
  if (!isAbsolute(path) || path.includes('\0')) throw new ForwardError('folder-not-allowed', path)
  const real = await realpath(path)
  if (!(await stat(real)).isDirectory()) throw new ForwardError('folder-missing', path)
  const own = await realpath(ownFolder)
  if (isWithin(real, own) || isWithin(own, real)) throw new ForwardError('folder-not-allowed', path)
  return real
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}

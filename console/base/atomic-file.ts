/** Writes a file so that it is the old one or the new one, whatever happens in between. */
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes `content` to `path` with `mode`: a temporary file, synced, renamed, the folder synced. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  let file: FileHandle | undefined
  try {
    file = await open(temporary, 'wx', mode)
    await file.writeFile(content)
    await file.sync()
    await file.close()
    file = undefined
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await file?.close()
    await rm(temporary, { force: true })
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

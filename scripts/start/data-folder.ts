/** The data folder: made with 0700, and tried for writing before anything relies on it. */
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { words } from './words.ts'

/** Throws one clear sentence where the folder can't be written. */
export async function prepareDataFolder(path: string): Promise<void> {
  try {
    await mkdir(join(path, 'logs'), { recursive: true, mode: 0o700 })
    const trial = join(path, `.write-trial-${process.pid}`)
    const file = await open(trial, 'w', 0o600)
    await file.sync()
    await file.close()
    await rm(trial)
  } catch (error) {
    throw new Error(words.notWritable(path, (error as NodeJS.ErrnoException).code ?? String(error)), {
      cause: error,
    })
  }
}

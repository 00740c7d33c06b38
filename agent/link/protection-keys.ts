/** The keys of the agent's own protection on the disk, as enrolment or the link brought them: 0600, in the identity's folder. */
import { readFileIfThere, writeFileAtomic } from '../base/atomic-file.ts'
import { SealKeyFile } from '../base/seal-key-file.ts'
import type { StateFolder } from '../base/state-folder.ts'

const keyBytes = 32

/** Writes the first key of the journal's seals. */
export async function writeSealKey(folder: StateFolder, key: string): Promise<void> {
  const { file } = await SealKeyFile.open(folder.sealKeyFile)
  try {
    await file.write({ index: 0, key: Buffer.from(key, 'base64url') })
  } finally {
    await file.close()
  }
}

/** Writes the key that codes for removal are checked with. */
export async function writeRemovalKey(folder: StateFolder, key: string): Promise<void> {
  await writeFileAtomic(folder.removalKeyFile, key, 0o600)
}

/** Reads it; null where the console gave none yet. */
export async function readRemovalKey(folder: StateFolder): Promise<Buffer | null> {
  const bytes = await readFileIfThere(folder.removalKeyFile)
  const key = bytes === null ? null : Buffer.from(bytes.toString('latin1').trim(), 'base64url')
  return key?.length === keyBytes ? key : null
}

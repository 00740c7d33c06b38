/** The console's public key for bundles: what exports are sealed to. Pinned at enrolment, renewed by return packages. */
import { readFileIfThere, writeFileAtomic } from '../base/atomic-file.ts'
import type { StateFolder } from '../base/state-folder.ts'

/** Writes the key (raw X25519, base64url). */
export async function writeBundleKey(folder: StateFolder, key: string): Promise<void> {
  await writeFileAtomic(folder.bundleKeyFile, `${key}\n`, 0o644)
}

/** Reads the key; null where the console never gave one. */
export async function readBundleKey(folder: StateFolder): Promise<string | null> {
  const bytes = await readFileIfThere(folder.bundleKeyFile)
  const text = bytes?.toString('latin1').trim() ?? ''
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? text : null
}

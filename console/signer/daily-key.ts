/** The daily key and the ceiling of the signing process, on disk: only that process opens them. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSignedCeiling, ShoukouError, type SignedCeiling } from '@shoukou/protocol'
import { writeFileAtomically } from '../base/atomic-file.ts'

/**
 * Reads the daily key (PKCS #8 PEM), or makes it where there may be none yet.
 *
 * @throws ShoukouError `config-invalid` where it is gone and computers trust it.
 */
export async function openDailyKey(path: string, mayMake: boolean): Promise<string> {
  const found = await readIfThere(path)
  if (found !== null) {
    await writePublic(path, found)
    return found
  }
  if (!mayMake) {
    throw new ShoukouError(
      'config-invalid',
      `The daily key ${path} is missing, and computers trust it; restore it from the backup.`,
    )
  }
  const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFileAtomically(path, made)
  await writePublic(path, made)
  return made
}

/** For whoever drafts a ceiling: its public half beside it, in clear. */
async function writePublic(path: string, privateKey: string): Promise<void> {
  const text = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  if ((await readIfThere(`${path}.pub`)) !== text) await writeFileAtomically(`${path}.pub`, text, 0o644)
}

/** Reads the ceiling that was kept; null where none was. @throws ShoukouError `config-invalid` where it is damaged. */
export async function readKeptCeiling(path: string): Promise<SignedCeiling | null> {
  const text = await readIfThere(path)
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    if (isSignedCeiling(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new ShoukouError('config-invalid', `${path} is damaged; restore it from the backup.`)
}

/** Keeps a verified ceiling. */
export async function keepCeiling(path: string, signed: SignedCeiling): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(signed)}\n`)
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/**
 * The log key (Ed25519): signs checkpoints and witnesses of the administrators' log, and nothing else. Of its own, so
 * that whoever may sign policies can't sign another past.
 */
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { writeFileAtomically } from '../base/atomic-file.ts'

/** PEM, both. */
export interface LogKey {
  readonly privateKey: string
  readonly publicKey: string
}

const fileName = 'log.key'

/**
 * Reads the key (0600), or makes it where `mayMake`.
 *
 * @throws ShoukouError `config-invalid` where it is missing although something was signed with it, or is damaged: a new
 * one would make every earlier checkpoint look forged.
 */
export async function openLogKey(folder: string, mayMake: boolean): Promise<LogKey> {
  const path = join(folder, fileName)
  const found = await readIfThere(path)
  if (found !== null) return keyOf(found, path)
  if (!mayMake) {
    throw new ShoukouError(
      'config-invalid',
      `${path} is missing, and checkpoints were signed with it; restore it from the backup.`,
    )
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const privateKey = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  await writeFileAtomically(path, privateKey)
  return keyOf(privateKey, path)
}

/** Reads the key's public half for whoever only verifies; null where there is none. */
export async function readLogPublicKey(folder: string): Promise<string | null> {
  const path = join(folder, fileName)
  const found = await readIfThere(path)
  return found === null ? null : keyOf(found, path).publicKey
}

/** Names a public key (SPKI PEM): what stands on the printed checkpoint, in hexadecimal. */
export function logKeyName(publicKey: string): string {
  const der = createPublicKey(publicKey).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 32)
}

function keyOf(privateKey: string, path: string): LogKey {
  try {
    const key = createPublicKey(privateKey)
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('another kind of key')
    return { privateKey, publicKey: key.export({ type: 'spki', format: 'pem' }).toString() }
  } catch (cause) {
    throw new ShoukouError('config-invalid', `${path} is damaged; restore it from the backup.`, { cause })
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

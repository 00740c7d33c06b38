/**
 * Secrets of targets at rest: AES-256-GCM under a key of the data folder, bound to their target and name, so that a row
 * that was moved opens nothing. They are set and used, and never given back.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { ForwardError } from './failures.ts'
import { SECRET_NAMES, type SecretName } from './ports.ts'

const nonceBytes = 12
const tagBytes = 16

export type SealedSecrets = Readonly<Partial<Record<SecretName, string>>>

/** Seals one secret of a target, base64. */
export function sealSecret(key: Uint8Array, target: string, name: SecretName, secret: string): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(target, name))
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64')
}

/** Opens one; null where none is set. @throws ForwardError `secret-unreadable` where the key or the row is another. */
export function openSecret(
  key: Uint8Array,
  target: string,
  name: SecretName,
  sealed: SealedSecrets,
): string | null {
  const text = sealed[name]
  if (text === undefined) return null
  const bytes = Buffer.from(text, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(boundTo(target, name)).setAuthTag(bytes.subarray(-tagBytes))
    const opened = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
    return opened.toString('utf8')
  } catch (cause) {
    throw new ForwardError('secret-unreadable', name, cause)
  }
}

/** Reads the stored column. */
export function readSealed(text: string): SealedSecrets {
  const parsed = JSON.parse(text) as Record<string, unknown>
  return Object.fromEntries(
    SECRET_NAMES.flatMap((name) => (typeof parsed[name] === 'string' ? [[name, parsed[name]]] : [])),
  )
}

function boundTo(target: string, name: SecretName): Buffer {
  return Buffer.from(`shoukou.forward.v1\0${target}\0${name}`)
}

/**
 * What signing in keeps secret at rest, under one key that stands in the data folder and not in the database: secrets of
 * authenticator applications (AES-256-GCM), recovery codes and names that nobody has (HMAC-SHA-256).
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'

export interface SignInKeys {
  /** Returns a secret sealed for one account. */
  seal(account: string, secret: Uint8Array): string
  /** @throws ShoukouError `state-unusable` where the text was altered, or sealed for another account or under another key. */
  open(account: string, sealed: string): Buffer
  /** Returns the hash under which a recovery code of an account is kept. */
  recoveryHash(account: string, code: string): string
  /** Returns the hash under which a name that no account has is remembered. */
  nameHash(name: string): string
}

const nonceBytes = 12
const tagBytes = 16
const version = 'v1'

/** Derives the keys from 32 bytes (HKDF-SHA-256, one label for each use). */
export function signInKeysOf(master: Uint8Array): SignInKeys {
  const sealKey = derived(master, 'second-factor')
  const recoveryKey = derived(master, 'recovery-code')
  const nameKey = derived(master, 'unknown-name')
  return {
    seal: (account, secret) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce, { authTagLength: tagBytes })
      cipher.setAAD(boundTo(account))
      const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()])
      return `${version}.${sealed.toString('base64url')}`
    },
    open: (account, text) => {
      const [given, body = ''] = text.split('.')
      const sealed = Buffer.from(body, 'base64url')
      try {
        if (given !== version) throw new Error('another version')
        const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        })
        decipher.setAAD(boundTo(account))
        decipher.setAuthTag(sealed.subarray(-tagBytes))
        return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
      } catch (cause) {
        throw new ShoukouError(
          'state-unusable',
          'A second factor cannot be read under the key of this console; restore database and keys from one backup, or reset the account.',
          { cause },
        )
      }
    },
    recoveryHash: (account, code) =>
      createHmac('sha256', recoveryKey).update(`${account}\0${code}`).digest('hex'),
    nameHash: (name) => createHmac('sha256', nameKey).update(name).digest('hex'),
  }
}

function derived(master: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `shoukou.sign-in.v1 ${use}`, 32))
}

function boundTo(account: string): Buffer {
  return Buffer.from(`shoukou.second-factor.v1\0${account}`)
}

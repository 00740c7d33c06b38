/**
 * What the console derives from its protection key for each agent: the first keys of its journal's seals, the key of its
 * removal codes, and what the newest seal key is kept under in the database.
 *
 * Derived and not stored: a copy of the database alone lets nobody seal or permit anything.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { firstSealKey, removalKeyOf } from '@shoukou/protocol'

export interface ProtectionKeys {
  firstSealKey(agent: string, generation: number): Buffer
  removalKey(agent: string): Buffer
  /** Makes a seal key unreadable outside this console; `index` is that of the seal which it makes. */
  wrap(agent: string, index: number, key: Uint8Array): string
  /** Returns the key; null where it was wrapped by another console, or for another agent or index. */
  unwrap(agent: string, index: number, wrapped: string): Buffer | null
}

const ivBytes = 12
const tagBytes = 16
const keyBytes = 32

/** Returns the keys that 32 secret bytes give. */
export function protectionKeysWith(secret: Uint8Array): ProtectionKeys {
  const wrapKey = createHmac('sha256', secret).update('shoukou.seal-wrap.v1\0').digest()
  const about = (agent: string, index: number) => Buffer.from(`${agent}\0${index}`)
  return {
    firstSealKey: (agent, generation) => firstSealKey(secret, agent, generation),
    removalKey: (agent) => removalKeyOf(secret, agent),
    wrap(agent, index, key) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', wrapKey, iv).setAAD(about(agent, index))
      return Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]).toString('base64')
    },
    unwrap(agent, index, wrapped) {
      const bytes = Buffer.from(wrapped, 'base64')
      if (bytes.length !== ivBytes + keyBytes + tagBytes) return null
      const decipher = createDecipheriv('aes-256-gcm', wrapKey, bytes.subarray(0, ivBytes))
      decipher.setAAD(about(agent, index)).setAuthTag(bytes.subarray(-tagBytes))
      const key = decipher.update(bytes.subarray(ivBytes, -tagBytes))
      try {
        decipher.final()
        return key
      } catch {
        // Not ours: the caller says so, and nothing is proved by what follows.
        return null
      }
    },
  }
}

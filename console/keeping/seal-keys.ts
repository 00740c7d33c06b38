/**
 * Seals the console's keys for a backup, so that a backup made by itself at night needs no passphrase lying about.
 *
 * The passphrase makes a pair once: the public half stays here and seals, the private half is wrapped under the
 * passphrase (Argon2id, AES-256-GCM) and travels in each backup. Sealing is X25519 with a fresh key, HKDF-SHA-256 and
 * AES-256-GCM. Without the passphrase a backup's keys are nobody's, not even this console's.
 */
import {
  argon2,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'
import { ShoukouError } from '@shoukou/protocol'

export interface Sealing {
  /** X25519, SPKI DER, base64. */
  readonly publicKey: string
  readonly wrapped: {
    readonly kdf: 'argon2id'
    readonly memory: number
    readonly passes: number
    readonly salt: string
    /** Nonce, ciphertext, tag: base64. The plain text is the private key, PKCS #8 DER. */
    readonly box: string
  }
}

export interface SealedBox {
  readonly ephemeralKey: string
  readonly box: string
}

/** What opening costs: memory in KiB, passes (RFC 9106). */
export interface Cost {
  readonly memory: number
  readonly passes: number
}

/** OWASP's stronger set: the passphrase is tried offline by whoever finds a backup. */
const strongCost: Cost = { memory: 262_144, passes: 3 }
const passphraseCharactersMin = 12
const passphraseCharactersMax = 1_024
const [nonceBytes, tagBytes, keyBytes, saltBytes] = [12, 16, 32, 16]
const derive = promisify(argon2)

/** @throws ShoukouError `password-too-weak` */
export function checkPassphrase(passphrase: string): void {
  const { length } = passphrase
  if (length >= passphraseCharactersMin && length <= passphraseCharactersMax) return
  throw new ShoukouError(
    'password-too-weak',
    `The passphrase has ${passphraseCharactersMin} to ${passphraseCharactersMax} characters; several words are best.`,
  )
}

/** Makes a pair whose private half opens with the passphrase alone; the cost is written beside it. */
export async function makeSealing(passphrase: string, cost = strongCost): Promise<Sealing> {
  checkPassphrase(passphrase)
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const salt = randomBytes(saltBytes)
  const key = await keyOf(passphrase, salt, cost)
  const secret = privateKey.export({ type: 'pkcs8', format: 'der' })
  const box = seal(key, secret, 'wrap')
  secret.fill(0)
  key.fill(0)
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    wrapped: {
      kdf: 'argon2id',
      memory: cost.memory,
      passes: cost.passes,
      salt: salt.toString('base64'),
      box: box.toString('base64'),
    },
  }
}

/** Seals bytes to the public half. */
export function sealTo(publicKey: string, bytes: Uint8Array): SealedBox {
  const ephemeral = generateKeyPairSync('x25519')
  const ephemeralKey = ephemeral.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const theirs = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  const key = sharedKey(
    diffieHellman({ privateKey: ephemeral.privateKey, publicKey: theirs }),
    ephemeralKey,
    publicKey,
  )
  return { ephemeralKey, box: seal(key, bytes, 'keys').toString('base64') }
}

/** Opens with the passphrase. @throws ShoukouError `backup-refused` where it is wrong, or the box was altered. */
export async function openSealed(sealing: Sealing, sealed: SealedBox, passphrase: string): Promise<Buffer> {
  const { wrapped } = sealing
  const isSane =
    wrapped.memory >= 8_192 && wrapped.memory <= 1_048_576 && wrapped.passes >= 1 && wrapped.passes <= 16
  if (!isSane)
    throw new ShoukouError('backup-refused', 'The backup asks for an absurd cost of its passphrase.')
  const key = await keyOf(passphrase, Buffer.from(wrapped.salt, 'base64'), wrapped)
  let secret: Buffer
  try {
    secret = open(key, Buffer.from(wrapped.box, 'base64'), 'wrap')
  } catch (cause) {
    throw new ShoukouError('backup-refused', 'The passphrase does not open the keys of this backup.', {
      cause,
    })
  }
  try {
    const privateKey = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' })
    const theirs = createPublicKey({
      key: Buffer.from(sealed.ephemeralKey, 'base64'),
      format: 'der',
      type: 'spki',
    })
    const shared = sharedKey(
      diffieHellman({ privateKey, publicKey: theirs }),
      sealed.ephemeralKey,
      sealing.publicKey,
    )
    return open(shared, Buffer.from(sealed.box, 'base64'), 'keys')
  } catch (cause) {
    throw new ShoukouError('backup-refused', 'The sealed keys of the backup were altered.', { cause })
  } finally {
    secret.fill(0)
    key.fill(0)
  }
}

async function keyOf(
  passphrase: string,
  salt: Buffer,
  { memory, passes }: { readonly memory: number; readonly passes: number },
): Promise<Buffer> {
  // NFC: one passphrase typed on two keyboards is the same passphrase.
  const message = Buffer.from(passphrase.normalize('NFC'))
  return derive('argon2id', { message, nonce: salt, memory, passes, parallelism: 1, tagLength: keyBytes })
}

function sharedKey(secret: Buffer, ephemeralKey: string, publicKey: string): Buffer {
  return Buffer.from(
    hkdfSync('sha256', secret, '', `shoukou.backup.v1\0${ephemeralKey}\0${publicKey}`, keyBytes),
  )
}

function seal(key: Buffer, bytes: Uint8Array, what: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(`shoukou.backup.v1\0${what}`))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

function open(key: Buffer, box: Buffer, what: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(`shoukou.backup.v1\0${what}`)).setAuthTag(box.subarray(-tagBytes))
  return Buffer.concat([decipher.update(box.subarray(nonceBytes, -tagBytes)), decipher.final()])
}

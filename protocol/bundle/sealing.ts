/**
 * Encryption of what travels on a medium: to a key whose private half only the receiver has.
 *
 *   shared = X25519(ephemeral private, receiver's public)
 *   key    = HKDF-SHA-256(shared, salt = ephemeral public ‖ receiver's public, info = purpose 00 binding)
 *   chunk  = AES-256-GCM(key, nonce = 00 × 8 ‖ u32be index, AAD = purpose 00 binding u32be index u8 isLast)
 *
 * A key serves one bundle (the ephemeral half is fresh, and the binding is its header's hash), so a counter is a nonce.
 * Index and finality are authenticated: a chunk moved, left out, doubled or taken from another bundle does not open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'

export const SEAL_TAG_BYTES = 16
/** 32 bytes as base64url. */
export const PUBLIC_KEY_PATTERN = '^[A-Za-z0-9_-]{43}$'

export interface SealingKeyPair {
  /** PKCS #8, PEM. */
  readonly privateKey: string
  /** The raw 32 bytes, base64url. */
  readonly publicKey: string
}

/** Makes an X25519 key pair. */
export function makeSealingKey(): SealingKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: rawPublic(publicKey),
  }
}

/** Returns the public half (base64url) of a private key (PKCS #8 PEM). @throws Error where it is no X25519 key. */
export function sealingPublicKey(privateKey: string): string {
  const key = createPrivateKey(privateKey)
  if (key.asymmetricKeyType !== 'x25519') throw new Error('not an X25519 key')
  return rawPublic(createPublicKey(key))
}

/** Names a public key in a header: the first 16 bytes of its SHA-256, hex. */
export function sealingKeyId(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 32)
}

export interface Sealing {
  readonly purpose: string
  /** What the key is bound to, so that nothing sealed under it can stand elsewhere. */
  readonly binding: Uint8Array
}

/** Seals and opens the numbered chunks of one file. */
export interface ChunkSeal {
  seal(index: number, isLast: boolean, plain: Uint8Array): Buffer
  /** Returns the plain bytes; null where this is not what was sealed at this place. */
  open(index: number, isLast: boolean, sealed: Uint8Array): Buffer | null
  /** Overwrites the key. */
  forget(): void
}

/** A fresh half for one file, and its public part (base64url) for the file's header. */
export interface Ephemeral {
  readonly publicKey: string
  /** Derives the key of the file, towards the receiver's public key. Once. */
  derive(receiver: string, sealing: Sealing): ChunkSeal
}

export function makeEphemeral(): Ephemeral {
  const pair = generateKeyPairSync('x25519')
  const publicKey = rawPublic(pair.publicKey)
  return {
    publicKey,
    derive: (receiver, sealing) =>
      deriveSeal(pair.privateKey, importPublic(receiver), { sealing, ephemeral: publicKey, receiver }),
  }
}

/**
 * Derives the key of a file that was sealed to this private key (PKCS #8 PEM). Null where the ephemeral part is no usable
 * point: then nobody sealed anything with it.
 */
export function openEphemeral(privateKey: string, ephemeral: string, sealing: Sealing): ChunkSeal | null {
  const receiver = sealingPublicKey(privateKey)
  try {
    return deriveSeal(createPrivateKey(privateKey), importPublic(ephemeral), { sealing, ephemeral, receiver })
  } catch (fault) {
    // OpenSSL refuses points of small order: the shared secret would be known to everybody.
    if (fault instanceof Error && 'code' in fault) return null
    throw fault
  }
}

function deriveSeal(
  own: KeyObject,
  other: KeyObject,
  bound: { readonly sealing: Sealing; readonly ephemeral: string; readonly receiver: string },
): ChunkSeal {
  const shared = diffieHellman({ privateKey: own, publicKey: other })
  const salt = Buffer.concat([
    Buffer.from(bound.ephemeral, 'base64url'),
    Buffer.from(bound.receiver, 'base64url'),
  ])
  const info = Buffer.concat([Buffer.from(`${bound.sealing.purpose}\0`), bound.sealing.binding])
  const key = Buffer.from(hkdfSync('sha256', shared, salt, info, 32))
  shared.fill(0)
  const aadOf = (index: number, isLast: boolean): Buffer => {
    const place = Buffer.alloc(5)
    place.writeUInt32BE(index, 0)
    place[4] = isLast ? 1 : 0
    return Buffer.concat([info, place])
  }
  return {
    seal(index, isLast, plain) {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index)).setAAD(aadOf(index, isLast))
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open(index, isLast, sealed) {
      if (sealed.length < SEAL_TAG_BYTES) return null
      const end = sealed.length - SEAL_TAG_BYTES
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index), { authTagLength: SEAL_TAG_BYTES })
        .setAAD(aadOf(index, isLast))
        .setAuthTag(sealed.subarray(end))
      const plain = decipher.update(sealed.subarray(0, end))
      try {
        decipher.final()
        return plain
      } catch (fault) {
        plain.fill(0)
        if (fault instanceof Error) return null
        throw fault
      }
    },
    forget: () => void key.fill(0),
  }
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(index, 8)
  return nonce
}

function rawPublic(key: KeyObject): string {
  const { x } = key.export({ format: 'jwk' })
  if (typeof x !== 'string') throw new Error('not an X25519 key')
  return x
}

function importPublic(raw: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: raw }, format: 'jwk' })
}

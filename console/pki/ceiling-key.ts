/**
 * A ceiling key in its file: the private half under a passphrase, the public half beside it in clear.
 *
 *   key    = Argon2id(passphrase in NFC, salt; 64 MiB, 3 passes, 4 lanes: RFC 9106 §4, second choice), 32 bytes
 *   sealed = AES-256-GCM(key, nonce, PKCS #8 DER; associated data: "shoukou.ceiling-key.v1" 00 holder 00 public key)
 *
 * It is made and used on a machine of its holder's, never on the console.
 */
import {
  argon2,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'
import { type CeilingKey, CeilingKeySchema, publicKeyText, ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const base64 = Type.String({ maxLength: 512, pattern: '^[A-Za-z0-9+/]+={0,2}$' })

const KeyFileSchema = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('shoukou-ceiling-key'),
    ...CeilingKeySchema.properties,
    kdf: Type.Object(
      {
        name: Type.Literal('argon2id'),
        /** KiB. Bounded, so that a file that was handed to somebody can't take the machine down. */
        memory: Type.Integer({ minimum: 19_456, maximum: 1_048_576 }),
        passes: Type.Integer({ minimum: 1, maximum: 16 }),
        parallelism: Type.Integer({ minimum: 1, maximum: 16 }),
        salt: base64,
      },
      closed,
    ),
    nonce: base64,
    sealed: base64,
  },
  closed,
)
type KeyFile = Static<typeof KeyFileSchema>

const keyFileCheck = checkOf(KeyFileSchema)
const publicCheck = checkOf(CeilingKeySchema)
const derive = promisify(argon2)
const cost = { memory: 65_536, passes: 3, parallelism: 4 } as const
const tagBytes = 16

/** Fewer can be tried out by whoever finds the file. */
export const PASSPHRASE_CHARACTERS_MIN = 14

export interface MadeCeilingKey {
  /** To be kept by the holder alone, 0600. */
  readonly keyFile: string
  /** To be handed to whoever writes the draft. */
  readonly publicFile: string
  readonly publicKey: string
}

/** Makes a key for a holder. @throws ShoukouError `password-too-weak` where the passphrase is too short. */
export async function makeCeilingKey(holder: string, passphrase: string): Promise<MadeCeilingKey> {
  if (Array.from(passphrase.normalize('NFC')).length < PASSPHRASE_CHARACTERS_MIN) {
    throw new ShoukouError(
      'password-too-weak',
      `A passphrase of at least ${PASSPHRASE_CHARACTERS_MIN} characters: whoever finds the file may try without end.`,
    )
  }
  const { privateKey } = generateKeyPairSync('ed25519')
  const publicKey = publicKeyText(createPublicKey(privateKey))
  const [salt, nonce] = [randomBytes(16), randomBytes(12)]
  const key = await keyOf(passphrase, { ...cost, salt })
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  try {
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    cipher.setAAD(boundTo({ holder, publicKey }))
    const sealed = Buffer.concat([cipher.update(der), cipher.final(), cipher.getAuthTag()])
    const file: KeyFile = {
      v: 1,
      type: 'shoukou-ceiling-key',
      publicKey,
      holder,
      kdf: { name: 'argon2id', ...cost, salt: salt.toString('base64') },
      nonce: nonce.toString('base64'),
      sealed: sealed.toString('base64'),
    }
    return { keyFile: written(file), publicFile: written({ publicKey, holder }), publicKey }
  } finally {
    key.fill(0)
    der.fill(0)
  }
}

/** Opens a key file. @throws ShoukouError `config-invalid` where it is none, `sign-in-refused` for a wrong passphrase. */
export async function openCeilingKey(
  text: string,
  passphrase: string,
): Promise<{ readonly privateKey: KeyObject; readonly holder: string; readonly publicKey: string }> {
  const file = parsed(text)
  if (!keyFileCheck.Check(file))
    throw new ShoukouError(
      'config-invalid',
      'This is no ceiling key; name the file that "ceiling new-key" wrote.',
    )
  const { holder, publicKey, kdf } = file
  const key = await keyOf(passphrase, { ...kdf, salt: Buffer.from(kdf.salt, 'base64') })
  const sealed = Buffer.from(file.sealed, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(file.nonce, 'base64'), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(boundTo(file))
    decipher.setAuthTag(sealed.subarray(-tagBytes))
    const der = Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()])
    try {
      return { privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }), holder, publicKey }
    } finally {
      der.fill(0)
    }
  } catch (cause) {
    throw new ShoukouError('sign-in-refused', 'The passphrase is wrong, or the key file was altered.', {
      cause,
    })
  } finally {
    key.fill(0)
  }
}

/** Reads the public half. @throws ShoukouError `config-invalid`. */
export function parsePublicKeyFile(text: string): CeilingKey {
  const value = parsed(text)
  if (publicCheck.Check(value)) return { publicKey: value.publicKey, holder: value.holder }
  throw new ShoukouError(
    'config-invalid',
    'This is no public half of a ceiling key; name the file ending in .pub that "ceiling new-key" wrote.',
  )
}

function keyOf(
  passphrase: string,
  {
    salt,
    memory,
    passes,
    parallelism,
  }: { salt: Buffer; memory: number; passes: number; parallelism: number },
): Promise<Buffer> {
  const message = Buffer.from(passphrase.normalize('NFC'))
  return derive('argon2id', { message, nonce: salt, memory, passes, parallelism, tagLength: 32 })
}

function boundTo({ holder, publicKey }: CeilingKey): Buffer {
  return Buffer.from(`shoukou.ceiling-key.v1\0${holder}\0${publicKey}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function written(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

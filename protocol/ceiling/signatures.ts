/**
 * Who signed a ceiling. Each signature is of one key, over the payload's very bytes:
 *
 *   signature = Ed25519(key, "shoukou.ceiling.v1" 00 payload)
 *
 * A key counts once, however often it signed; a signature of a key that nobody asked for counts nothing and harms nothing.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { ShoukouError } from '../errors.ts'
import { firstFault } from '../frames.ts'
import { parsePrefix } from '../network/addresses.ts'
import { checkOf } from '../schema-check.ts'
import {
  CEILING_LIMITS,
  type Ceiling,
  CeilingSchema,
  type SignedCeiling,
  SignedCeilingSchema,
} from './shapes.ts'

const ceilingCheck = checkOf(CeilingSchema)
const signedCheck = checkOf(SignedCeilingSchema)
const utf8 = new TextDecoder('utf-8', { fatal: true })
const ed25519SpkiBytes = 44

/** Returns a public key (SPKI PEM or key object) as a ceiling writes it: base64 of its SPKI DER. */
export function publicKeyText(key: string | KeyObject): string {
  const object = typeof key === 'string' ? createPublicKey(key) : key
  return object.export({ type: 'spki', format: 'der' }).toString('base64')
}

/** Returns a key id: SHA-256 of the SPKI DER, hex. `publicKey` is base64, as in a ceiling. */
export function keyIdOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex')
}

/** Returns a ceiling's public key as SPKI PEM; null where the bytes are no Ed25519 key. */
export function pemOfPublicKey(publicKey: string): string | null {
  return keyObjectOf(publicKey)?.export({ type: 'spki', format: 'pem' }).toString() ?? null
}

/** Returns the bytes that are signed for a ceiling. @throws ShoukouError `ceiling-refused` where it is not one. */
export function encodeCeiling(ceiling: Ceiling): Buffer {
  assertCeiling(ceiling)
  const payload = Buffer.from(JSON.stringify(ceiling))
  if (payload.length <= CEILING_LIMITS.payloadBytesMax) return payload
  throw new ShoukouError('limit-exceeded', 'The ceiling is too long; list fewer prefixes.', {
    context: { bytes: payload.length, bytesMax: CEILING_LIMITS.payloadBytesMax },
  })
}

/** Adds the signature of an Ed25519 private key; one that the same key made before is replaced. */
export function signCeiling(
  signed: SignedCeiling | { readonly payload: Uint8Array },
  privateKey: KeyObject | string,
): SignedCeiling {
  const key = typeof privateKey === 'string' ? createPrivateKey(privateKey) : privateKey
  const { payload: given } = signed
  const payload = typeof given === 'string' ? Buffer.from(given, 'base64') : Buffer.from(given)
  const keyId = keyIdOf(publicKeyText(createPublicKey(key)))
  const earlier = 'signatures' in signed ? signed.signatures : []
  return {
    v: 1,
    payload: payload.toString('base64'),
    signatures: [
      ...earlier.filter((one) => one.keyId !== keyId),
      { keyId, signature: sign(null, signedBytes(payload), key).toString('base64') },
    ],
  }
}

/** Returns the ids of those of the given keys that signed, each once. `keys` are base64 SPKI. */
export function signersOf(signed: SignedCeiling, keys: readonly string[]): string[] {
  const bytes = signedBytes(Buffer.from(signed.payload, 'base64'))
  const found = new Set<string>()
  for (const publicKey of new Set(keys)) {
    const keyId = keyIdOf(publicKey)
    const object = keyObjectOf(publicKey)
    if (object === null || found.has(keyId)) continue
    const isSigned = signed.signatures.some(
      (one) => one.keyId === keyId && verify(null, bytes, object, Buffer.from(one.signature, 'base64')),
    )
    if (isSigned) found.add(keyId)
  }
  return [...found]
}

/** SHA-256 of a ceiling's signed bytes, hex: how a record names it. */
export function ceilingDigest(signed: SignedCeiling): string {
  return createHash('sha256').update(Buffer.from(signed.payload, 'base64')).digest('hex')
}

/**
 * Reads the content of a signed ceiling; null where it is none. Whether it counts is `accept-ceiling.ts`: nothing here looks
 * at a signature. Never throws: it may come from a file that somebody was handed.
 */
export function readCeiling(signed: unknown): Ceiling | null {
  if (!signedCheck.Check(signed)) return null
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(Buffer.from(signed.payload, 'base64')))
  } catch {
    // No JSON, or no text: like anything else that is not a ceiling.
    return null
  }
  return ceilingCheck.Check(value) && faultOf(value) === null ? value : null
}

/** Reports whether a value has the form of a signed ceiling. */
export function isSignedCeiling(value: unknown): value is SignedCeiling {
  return signedCheck.Check(value)
}

/** @throws ShoukouError `ceiling-refused`, naming the field. */
export function assertCeiling(value: unknown): asserts value is Ceiling {
  if (!ceilingCheck.Check(value)) {
    throw new ShoukouError(
      'ceiling-refused',
      `The ceiling is not one: ${firstFault(ceilingCheck.Errors(value))}.`,
    )
  }
  const fault = faultOf(value)
  if (fault !== null) throw new ShoukouError('ceiling-refused', fault)
}

/** What the schema can't say: two keys that are one, a threshold that nobody reaches, a daily key that is a ceiling key. */
function faultOf({ keys, threshold, dailyKeys, network }: Ceiling): string | null {
  const ids = new Set(keys.map((one) => keyIdOf(one.publicKey)))
  if (ids.size !== keys.length)
    return 'keys: the same key stands there twice; each person has one of his own.'
  if (threshold > keys.length) return `threshold: ${threshold} must sign, and there are ${keys.length} keys.`
  for (const { publicKey } of [...keys, ...dailyKeys]) {
    if (keyObjectOf(publicKey) === null) return `${publicKey} is no Ed25519 public key (base64 of its SPKI).`
  }
  if (dailyKeys.some((one) => ids.has(keyIdOf(one.publicKey))))
    return 'dailyKeys: a ceiling key may not be a daily key; the console would hold half of the ceiling.'
  if (dailyKeys.some(({ fromMs, untilMs }) => untilMs <= fromMs))
    return 'dailyKeys: a span ends before it begins.'
  const unreadable = network.within.find((text) => parsePrefix(text) === null)
  if (unreadable !== undefined)
    return `network.within: ${unreadable} is no network; write it as 10.1.0.0/16 or fd00::/48.`
  return null
}

function keyObjectOf(publicKey: string): KeyObject | null {
  const der = Buffer.from(publicKey, 'base64')
  if (der.length !== ed25519SpkiBytes) return null
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return key.asymmetricKeyType === 'ed25519' ? key : null
  } catch {
    // Under a key that is none, no signature holds.
    return null
  }
}

function signedBytes(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('shoukou.ceiling.v1\0'), payload])
}

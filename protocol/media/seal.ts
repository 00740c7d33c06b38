/**
 * Signs and opens seals. What stands on the medium is `seal-bytes.ts`; whether a seal counts is `judge-seal.ts`.
 *
 * The signature is that of an envelope of kind `seal`: `envelope.ts`.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { openEnvelope, signEnvelope } from '../envelope.ts'
import { ShoukouError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { checkOf } from '../schema-check.ts'
import { type Passport, type Seal, SealSchema, type SignedSeal, SignedSealSchema } from './shapes.ts'

const sealCheck = checkOf(SealSchema)
const signedCheck = checkOf(SignedSealSchema)
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Returns the bytes that are signed for a seal: the payload of an envelope of kind `seal`.
 *
 * @throws ShoukouError `seal-refused` where it is not one, `limit-exceeded` above `sealBytesMax`.
 */
export function encodeSeal(seal: Seal): Buffer {
  if (!sealCheck.Check(seal)) throw new ShoukouError('seal-refused', 'This is not a seal.')
  const payload = Buffer.from(JSON.stringify(inOrder(seal)))
  if (payload.length > LIMITS.sealBytesMax) {
    throw new ShoukouError('limit-exceeded', 'The seal is too long: fewer computers, accounts or names.', {
      context: { bytes: payload.length, bytesMax: LIMITS.sealBytesMax },
    })
  }
  return payload
}

/** Signs a seal with the policy's Ed25519 private key (PKCS #8 PEM or key object). Throws as `encodeSeal`. */
export function signSeal(seal: Seal, privateKey: string | KeyObject): SignedSeal {
  const { payload: signedPayload, signature } = signEnvelope('seal', encodeSeal(seal), privateKey)
  return { payload: signedPayload, signature }
}

/** The keys under which a seal counts, SPKI PEM: one, or those that a ceiling vouches for. */
export type SealKeys = string | readonly string[]

/**
 * Returns the seal where its signature holds under one of the policy's public keys and its content is a seal's, else
 * null. Never throws: what it is given may come from a stranger's stick.
 */
export function openSeal(signed: SignedSeal, keys: SealKeys): Seal | null {
  if (!signedCheck.Check(signed)) return null
  for (const key of typeof keys === 'string' ? [keys] : keys) {
    const seal = openWith(signed, key)
    if (seal !== null) return seal
  }
  return null
}

function openWith(signed: SignedSeal, publicKeyPem: string): Seal | null {
  if (!isPublicKey(publicKeyPem)) return null
  const payload = openEnvelope('seal', { v: 1, kind: 'seal', ...signed }, publicKeyPem)
  return payload === null ? null : parseSeal(payload)
}

/** The last key that proved readable: a policy's seals are all opened with one. */
let readableKey = ''

function isPublicKey(pem: string): boolean {
  if (pem === readableKey) return true
  try {
    createPublicKey(pem)
  } catch {
    // Under a key that is none, no signature holds: the answer is the same, and it is refused.
    return false
  }
  readableKey = pem
  return true
}

function parseSeal(payload: Buffer): Seal | null {
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(payload))
  } catch {
    // Signed, and no JSON: a console of another making. It is refused like any that does not open.
    return null
  }
  return sealCheck.Check(value) ? value : null
}

/** The schema's order, so that the dictionary on the medium finds long matches. */
function inOrder(seal: Seal): Seal {
  const { v, id, number, level, custodian, computers, users, right } = seal
  const { validFromMs, validUntilMs, issuedAtMs, passport } = seal
  const times = { validFromMs, validUntilMs, issuedAtMs }
  return {
    v,
    id,
    number,
    level,
    custodian,
    computers,
    users,
    right,
    ...times,
    passport: inOrderPassport(passport),
  }
}

function inOrderPassport(passport: Passport): Passport {
  const { bus, usb, inquiry, diskSerial, wwn, sizeBytes, blockBytes, partitionTable, fileSystems } = passport
  return {
    bus,
    usb: usb === null ? null : inOrderUsb(usb),
    inquiry:
      inquiry === null
        ? null
        : { vendor: inquiry.vendor, product: inquiry.product, revision: inquiry.revision },
    diskSerial,
    wwn,
    sizeBytes,
    blockBytes,
    partitionTable: partitionTable === null ? null : { kind: partitionTable.kind, id: partitionTable.id },
    fileSystems: fileSystems.map(({ partition, kind, uuid, label }) => ({ partition, kind, uuid, label })),
  }
}

function inOrderUsb(usb: NonNullable<Passport['usb']>): NonNullable<Passport['usb']> {
  const { vendorId, productId, release, serial, manufacturer, product, descriptorHash } = usb
  return { vendorId, productId, release, serial, manufacturer, product, descriptorHash }
}

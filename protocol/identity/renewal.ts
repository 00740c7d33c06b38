/**
 * Renewal of an agent's certificate: a request for a new key, signed by the key that is certified now. It goes by HTTPS,
 * or in a bundle where no network reaches.
 *
 *   signed = "shoukou.renewal.v1" 00 serial 00 time (decimal ms) 00 SHA-256(request, hex)
 *
 * Bound to the present serial: once the new certificate was used, the request is worth nothing. Sent again before that,
 * it has the same answer, which is of use to the holder of the new key alone.
 */
import { createHash, createPrivateKey, sign, verify, X509Certificate } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { ShoukouError } from '../errors.ts'
import { checkOf } from '../schema-check.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** As Node names a peer's: upper-case hex. */
const serial = Type.String({ pattern: '^[0-9A-F]{1,64}$' })
/** ECDSA P-256 with SHA-256, DER, base64. */
const signature = Type.String({ maxLength: 200, pattern: '^[A-Za-z0-9+/]+={0,2}$' })

export const RENEWAL_BYTES_MAX = 16_384

export const RenewalRequestSchema = Type.Object(
  {
    v: Type.Literal(1),
    serial,
    /** PKCS #10, PEM. */
    certificateRequest: Type.String({ minLength: 1, maxLength: 8_192 }),
    /** The computer's clock, Unix ms: recorded, and decides nothing. */
    atMs: count,
    signature,
  },
  closed,
)
export type RenewalRequest = Static<typeof RenewalRequestSchema>

export const RenewalAnswerSchema = Type.Object(
  {
    v: Type.Literal(1),
    /** PEM. */
    certificate: Type.String({ minLength: 1, maxLength: 16_384 }),
  },
  closed,
)
export type RenewalAnswer = Static<typeof RenewalAnswerSchema>

/** What an agent that is not let in asks: the handshake itself gives no reason. */
export const StandingRequestSchema = Type.Object(
  { v: Type.Literal(1), serial, atMs: count, signature },
  closed,
)
export type StandingRequest = Static<typeof StandingRequestSchema>

export const CERTIFICATE_STANDINGS = ['good', 'expired', 'superseded', 'revoked'] as const
export const StandingAnswerSchema = Type.Object(
  { v: Type.Literal(1), standing: Type.Enum([...CERTIFICATE_STANDINGS]) },
  closed,
)
export type StandingAnswer = Static<typeof StandingAnswerSchema>

/** The certificate in use and its key, both PEM. */
export interface ProvingPair {
  readonly key: string
  readonly certificate: string
}

/** Makes a renewal request: signs for a PKCS #10 request with the key in use. */
export function signRenewal(pair: ProvingPair, certificateRequest: string, atMs: number): RenewalRequest {
  const { serialNumber } = new X509Certificate(pair.certificate)
  const bytes = renewalBytes({ serial: serialNumber, certificateRequest, atMs })
  return { v: 1, serial: serialNumber, certificateRequest, atMs, signature: signed(pair.key, bytes) }
}

/** Reports whether the key of `certificate` (PEM) signed the request. */
export function isRenewalSigned(request: RenewalRequest, certificate: string): boolean {
  return isSigned(certificate, renewalBytes(request), request.signature)
}

/** Makes the question how this certificate stands. */
export function signStanding(pair: ProvingPair, atMs: number): StandingRequest {
  const { serialNumber } = new X509Certificate(pair.certificate)
  const bytes = standingBytes({ serial: serialNumber, atMs })
  return { v: 1, serial: serialNumber, atMs, signature: signed(pair.key, bytes) }
}

/** Reports whether the key of `certificate` (PEM) signed the question. */
export function isStandingSigned(request: StandingRequest, certificate: string): boolean {
  return isSigned(certificate, standingBytes(request), request.signature)
}

const requestCheck = checkOf(RenewalRequestSchema)
const answerCheck = checkOf(RenewalAnswerSchema)

/** Reads a renewal request as a bundle carries it. @throws ShoukouError `renewal-refused`. */
export function parseRenewalRequest(bytes: Uint8Array): RenewalRequest {
  const value = parseJson(bytes)
  if (requestCheck.Check(value)) return value
  throw new ShoukouError('renewal-refused', 'The renewal request is not one.')
}

/** Reads the answer. @throws ShoukouError `renewal-refused`. */
export function parseRenewalAnswer(bytes: Uint8Array): RenewalAnswer {
  const value = parseJson(bytes)
  if (answerCheck.Check(value)) return value
  throw new ShoukouError('renewal-refused', 'The answer to the renewal is not one.')
}

/** Writes a request or an answer as a bundle carries it: JSON in UTF-8. */
export function encodeRenewal(value: RenewalRequest | RenewalAnswer): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

function renewalBytes(told: Pick<RenewalRequest, 'serial' | 'atMs' | 'certificateRequest'>): Buffer {
  const digest = createHash('sha256').update(told.certificateRequest).digest('hex')
  return Buffer.from(`shoukou.renewal.v1\0${told.serial}\0${told.atMs}\0${digest}`)
}

function standingBytes(told: Pick<StandingRequest, 'serial' | 'atMs'>): Buffer {
  return Buffer.from(`shoukou.standing.v1\0${told.serial}\0${told.atMs}`)
}

function signed(key: string, bytes: Buffer): string {
  return sign('sha256', bytes, createPrivateKey(key)).toString('base64')
}

function isSigned(certificate: string, bytes: Buffer, told: string): boolean {
  const { publicKey } = new X509Certificate(certificate)
  return verify('sha256', bytes, publicKey, Buffer.from(told, 'base64'))
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > RENEWAL_BYTES_MAX)
    throw new ShoukouError('limit-exceeded', 'A renewal is not that long.')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ShoukouError('renewal-refused', 'The renewal is not JSON.', { cause })
  }
}

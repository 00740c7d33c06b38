/**
 * What the console orders, signed: the payload's bytes travel as they were signed.
 *
 *   signature = Ed25519(key, "shoukou." kind ".v1" 00 payload)
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { LIMITS } from './limits.ts'
import { BASE64_PATTERN } from './raw-text.ts'

const b64 = (bytes: number) => Type.String({ maxLength: Math.ceil(bytes / 3) * 4, pattern: BASE64_PATTERN })

export const EnvelopeSchema = Type.Object(
  {
    v: Type.Literal(1),
    /**
     * `first-ceiling`: the daily key's word for the first ceiling of agents that have pinned nothing but it. `return`: a
     * package for a computer that no network reaches (`bundle/return-package.ts`).
     */
    kind: Type.Union([
      Type.Literal('policy'),
      Type.Literal('command'),
      Type.Literal('seal'),
      Type.Literal('first-ceiling'),
      Type.Literal('return'),
    ]),
    payload: b64(LIMITS.policyBytesMax),
    signature: b64(64),
  },
  { additionalProperties: false },
)
export type Envelope = Static<typeof EnvelopeSchema>

/** Signs a payload with an Ed25519 private key (PKCS #8 PEM or key object). */
export function signEnvelope(kind: Envelope['kind'], payload: Uint8Array, key: KeyObject | string): Envelope {
  const signer = typeof key === 'string' ? createPrivateKey(key) : key
  const signature = sign(null, signedBytes(kind, payload), signer)
  return {
    v: 1,
    kind,
    payload: Buffer.from(payload).toString('base64'),
    signature: signature.toString('base64'),
  }
}

/** Returns the payload's bytes where the signature holds under an Ed25519 public key (SPKI PEM), else null. */
export function openEnvelope(
  kind: Envelope['kind'],
  envelope: Envelope,
  publicKeyPem: string,
): Buffer | null {
  if (envelope.kind !== kind) return null
  const payload = Buffer.from(envelope.payload, 'base64')
  const signature = Buffer.from(envelope.signature, 'base64')
  return verify(null, signedBytes(kind, payload), createPublicKey(publicKeyPem), signature) ? payload : null
}

function signedBytes(kind: Envelope['kind'], payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`shoukou.${kind}.v1\0`), payload])
}

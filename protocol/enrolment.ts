/** Enrolment: the token, the request, the answer. One HTTPS exchange; the private key never leaves the agent. */
import { type Static, Type } from 'typebox'
import { SignedCeilingSchema } from './ceiling/shapes.ts'
import { EnvelopeSchema } from './envelope.ts'
import { ShoukouError } from './errors.ts'
import { HardwareFactsSchema } from './identity/hardware.ts'
import { BaselineSchema } from './policy.ts'
import { RawTextSchema } from './raw-text.ts'

const closed = { additionalProperties: false } as const

/** `sk1.` secret `.` SHA-256 of the authority's certificate (DER), both base64url of 32 bytes. */
const tokenPattern = /^sk1\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/

export interface EnrolmentToken {
  readonly secret: string
  readonly authorityFingerprint: string
}

/** Writes a token: good once, and for one console alone. */
export function formatEnrolmentToken(token: EnrolmentToken): string {
  return `sk1.${token.secret}.${token.authorityFingerprint}`
}

/** Reads a token. @throws ShoukouError `token-refused` where it is not one. */
export function parseEnrolmentToken(text: string): EnrolmentToken {
  const match = tokenPattern.exec(text.trim())
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new ShoukouError('token-refused', 'This is not an enrolment token; copy it whole from the console.')
  }
  return { secret: match[1], authorityFingerprint: match[2] }
}

export const EnrolmentRequestSchema = Type.Object(
  {
    v: Type.Literal(1),
    secret: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    /** PKCS #10, PEM. */
    certificateRequest: Type.String({ maxLength: 8_192 }),
    agentVersion: Type.String({ maxLength: 32 }),
    hostname: RawTextSchema,
    baseline: BaselineSchema,
    /** Which machine it is; null or left out where this agent does not tell. */
    hardware: Type.Optional(Type.Union([HardwareFactsSchema, Type.Null()])),
  },
  closed,
)
export type EnrolmentRequest = Static<typeof EnrolmentRequestSchema>

export const EnrolmentAnswerSchema = Type.Object(
  {
    v: Type.Literal(1),
    agent: Type.String({ minLength: 1, maxLength: 64 }),
    computer: Type.String({ minLength: 1, maxLength: 64 }),
    /** PEM, both. */
    certificate: Type.String({ maxLength: 16_384 }),
    authority: Type.String({ maxLength: 16_384 }),
    /** Ed25519 public key of the policy, SPKI PEM: pinned for good. */
    policyKey: Type.String({ maxLength: 1_024 }),
    policy: EnvelopeSchema,
    /** The ceiling in force: pinned with its keys. Left out where the unit has none yet. */
    ceiling: Type.Optional(SignedCeilingSchema),
    /** The port where agents connect, on the same host. */
    agentPort: Type.Integer({ minimum: 1, maximum: 65_535 }),
    /**
     * 32 bytes, base64url: the key that spoken codes are made with, for this computer alone. Left out by consoles that
     * have no spoken codes.
     */
    spokenKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })),
    /** The same for the code without which the agent is not removed, and the first key of its journal's seals. */
    removalKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })),
    sealKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })),
    /** X25519, raw, base64url: what bundles are sealed to. Left out by consoles that take none. */
    bundleKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })),
  },
  closed,
)
export type EnrolmentAnswer = Static<typeof EnrolmentAnswerSchema>

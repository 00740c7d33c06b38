/**
 * What a bundle says of itself: the header, which anybody may read and nobody may change, and the manifest and totals,
 * which are sealed as its first and last chunk.
 *
 * The header holds what is needed to know whose it is and in which order it belongs; what says something of the computer
 * is inside.
 */
import { type Static, Type } from 'typebox'
import { CoverageSchema, SENSORS } from '../events/facts.ts'
import { firstFault, ReceiptSchema } from '../frames.ts'
import { HelloIdentitySchema } from '../identity/hello-identity.ts'
import { RENEWAL_BYTES_MAX } from '../identity/renewal.ts'
import { checkOf, type SchemaCheck } from '../schema-check.ts'
import { WitnessSchema } from '../trail/signed-head.ts'
import { bundleError, type FaultPlace } from './fault.ts'
import { PUBLIC_KEY_PATTERN } from './sealing.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const positive = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const name = Type.String({ minLength: 1, maxLength: 64 })
const uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
const head = Type.String({ pattern: '^[0-9a-f]{64}$' })
const key = Type.String({ pattern: PUBLIC_KEY_PATTERN })

export const BundleHeaderSchema = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('bundle'),
    bundle: uuid,
    agent: name,
    computer: name,
    /** The console it is for: SHA-256 of its authority's certificate, base64url, and where it is reached. */
    console: key,
    consoleHost: Type.String({ minLength: 1, maxLength: 255 }),
    /** Of this agent's bundles, from 1; and the one before it. */
    number: positive,
    previous: Type.Union([uuid, Type.Null()]),
    epoch: name,
    /** What it brings; `lastSeq` is `firstSeq - 1` where there was nothing new to bring. */
    firstSeq: positive,
    lastSeq: count,
    headBefore: head,
    headAfter: head,
    /** The computer's wall clock, Unix ms: a claim. */
    createdWallMs: count,
    /** The console's key it is sealed to, by its name, and the fresh half of this bundle. */
    keyId: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    ephemeralKey: key,
  },
  closed,
)
export type BundleHeader = Static<typeof BundleHeaderSchema>

/** The first chunk: who made it, and what the agent says of itself at that moment. */
export const BundleManifestSchema = Type.Object(
  {
    /** PEM: the certificate whose key signed the bundle. */
    certificate: Type.String({ maxLength: 16_384 }),
    agentVersion: Type.String({ maxLength: 32 }),
    bootId: Type.String({ maxLength: 64 }),
    bootMs: Type.Number({ minimum: 0 }),
    policyVersion: count,
    /** The newest receipt of this journal; null where no console ever gave one. */
    receipt: Type.Union([ReceiptSchema, Type.Null()]),
    /** What each sensor vouched for when it was written; empty where the agent did not run. */
    coverage: Type.Array(CoverageSchema, { maxItems: SENSORS.length }),
    isRunning: Type.Boolean(),
    /** The registered medium it was written to; null where that is not known. */
    medium: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
    /** Asks for the next certificate, as `encodeRenewal` writes it; null where none is due. */
    renewal: Type.Union([Type.String({ maxLength: RENEWAL_BYTES_MAX }), Type.Null()]),
    /** Which machine it is, as a hello says it; null where that is not told. */
    identity: Type.Union([HelloIdentitySchema, Type.Null()]),
    /** The newest head of the console's own log that the agent holds; null where it holds none. */
    witness: Type.Optional(Type.Union([WitnessSchema, Type.Null()])),
    /** The ceiling that the agent holds; 0 where none. */
    ceilingVersion: count,
    /** The newest return package that was taken, 0 where none was. */
    packageNumber: count,
  },
  closed,
)
export type BundleManifest = Static<typeof BundleManifestSchema>

/** The last chunk: what must have come before it. */
export const BundleTotalsSchema = Type.Object({ frames: count, records: count }, closed)
export type BundleTotals = Static<typeof BundleTotalsSchema>

const headerCheck = checkOf(BundleHeaderSchema)
const manifestCheck = checkOf(BundleManifestSchema)
const totalsCheck = checkOf(BundleTotalsSchema)
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a header's bytes. @throws ShoukouError `bundle-refused`. */
export function parseBundleHeader(bytes: Uint8Array, place: FaultPlace): BundleHeader {
  const header = parsePart<BundleHeader>(bytes, headerCheck, { what: 'the header', place })
  if (header.lastSeq < header.firstSeq - 1)
    throw bundleError('malformed', 'The bundle ends before it begins.', { place })
  if (header.lastSeq < header.firstSeq && header.headAfter !== header.headBefore)
    throw bundleError('malformed', 'A bundle without records has two heads.', { place })
  return header
}

export function parseBundleManifest(bytes: Uint8Array, place: FaultPlace): BundleManifest {
  return parsePart(bytes, manifestCheck, { what: 'the manifest', place })
}

export function parseBundleTotals(bytes: Uint8Array, place: FaultPlace): BundleTotals {
  return parsePart(bytes, totalsCheck, { what: 'the totals', place })
}

function parsePart<T>(
  bytes: Uint8Array,
  check: SchemaCheck,
  { what, place }: { readonly what: string; readonly place: FaultPlace },
): T {
  let value: unknown
  try {
    value = JSON.parse(strictUtf8.decode(bytes))
  } catch (cause) {
    throw bundleError('malformed', `Of the bundle, ${what} is not JSON in UTF-8.`, { place, cause })
  }
  if (what === 'the header') assertBundleVersion((value as { v?: unknown } | null)?.v, place)
  if (!check.Check(value)) {
    throw bundleError('malformed', `Of the bundle, ${what}: ${firstFault(check.Errors(value))}`, { place })
  }
  return value as T
}

function assertBundleVersion(v: unknown, place: FaultPlace): void {
  if (typeof v !== 'number' || v === 1) return
  throw bundleError(
    'unsupported-version',
    `This bundle is of version ${v}, which is not understood here; bring this end up to date.`,
    { place },
  )
}

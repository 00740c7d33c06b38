/**
 * The way home: what a console gives a computer that no network reaches. One file of JSON.
 *
 * `order` is signed by the key that the agent pinned at enrolment, and names by hash what lies beside it: policy, ceilings,
 * commands, the renewed certificate. Each of those proves itself, too; the hash says that none was taken out or swapped for an
 * older one. Nothing in it is secret: receipts mean nothing to others.
 */
import { createHash } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { judgeCeiling, judgeFirstCeiling } from '../ceiling/accept-ceiling.ts'
import { dailyKeyPems } from '../ceiling/daily-keys.ts'
import { CEILING_LIMITS, type SentCeiling, SentCeilingSchema, type SignedCeiling } from '../ceiling/shapes.ts'
import { type Envelope, EnvelopeSchema, openEnvelope } from '../envelope.ts'
import { firstFault, PositionSchema } from '../frames.ts'
import { RENEWAL_BYTES_MAX } from '../identity/renewal.ts'
import { checkOf } from '../schema-check.ts'
import { WitnessSchema } from '../trail/signed-head.ts'
import { bundleError } from './fault.ts'
import { BUNDLE_LIMITS } from './limits.ts'
import { PUBLIC_KEY_PATTERN } from './sealing.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const positive = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const name = Type.String({ minLength: 1, maxLength: 64 })
const uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const publicKey = Type.String({ pattern: PUBLIC_KEY_PATTERN })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** What the signature is over. */
export const ReturnOrderSchema = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('return'),
    package: uuid,
    agent: name,
    computer: name,
    console: publicKey,
    /** Of this agent's packages: a higher one was made later. */
    number: positive,
    issuedAtMs: count,
    /** The newest bundle that was taken when it was made; null where none was. */
    bundle: nullable(Type.Object({ id: uuid, number: positive }, closed)),
    /** What the console has of the journal, and its receipt; null where it has nothing. */
    stored: nullable(PositionSchema),
    receipt: nullable(hash),
    /** The key that bundles are to be sealed to from now on. */
    bundleKey: publicKey,
    /** The head of the console's own log, for the agent to hold as the link gives it; null where nothing is in the log. */
    witness: Type.Optional(nullable(WitnessSchema)),
    /** SHA-256 over `partsBytes`. */
    partsDigest: hash,
  },
  closed,
)
export type ReturnOrder = Static<typeof ReturnOrderSchema>

export const ReturnPartsSchema = Type.Object(
  {
    policy: nullable(EnvelopeSchema),
    /** Ceilings that the agent has not got, oldest first. */
    ceilings: Type.Array(SentCeilingSchema, { maxItems: CEILING_LIMITS.chainMax }),
    commands: Type.Array(EnvelopeSchema, { maxItems: BUNDLE_LIMITS.commandsPerPackageMax }),
    /** The certificate that was asked for, as `encodeRenewal` writes it; null where none was. */
    renewal: nullable(Type.String({ maxLength: RENEWAL_BYTES_MAX })),
  },
  closed,
)
export type ReturnParts = Static<typeof ReturnPartsSchema>

const PackageSchema = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('return-package'),
    order: EnvelopeSchema,
    parts: ReturnPartsSchema,
  },
  closed,
)
export type ReturnPackage = Static<typeof PackageSchema>

const packageCheck = checkOf(PackageSchema)
const orderCheck = checkOf(ReturnOrderSchema)
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** SHA-256 (hex) that the order names its parts by. Their fields have one order, whoever wrote the file. */
export function returnPartsDigest({ policy, ceilings, commands, renewal }: ReturnParts): string {
  const envelope = (one: Envelope) => [one.v, one.kind, one.payload, one.signature]
  const text = JSON.stringify([
    policy === null ? null : envelope(policy),
    ceilings.map(({ ceiling, dailySignature }) => [
      ceiling.payload,
      ceiling.signatures.map(({ keyId, signature }) => [keyId, signature]),
      dailySignature,
    ]),
    commands.map(envelope),
    renewal,
  ])
  return createHash('sha256').update('shoukou.return-parts.v1\0').update(text).digest('hex')
}

/** Writes a package; `order` is `return`-signed over the JSON of a `ReturnOrder` with the digest of these parts. */
export function encodeReturnPackage(order: Envelope, parts: ReturnParts): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, type: 'return-package', order, parts } satisfies ReturnPackage))
}

export interface ReturnOwner {
  readonly agent: string
  /** Fingerprint of the authority that this agent was enrolled by. */
  readonly console: string
  /** Ed25519, SPKI PEM: the daily keys that hold here. */
  readonly policyKeys: readonly string[]
  /** The ceiling that is held; null where there is none: then a first one must be signed by the pinned key. */
  readonly ceiling: SignedCeiling | null
}

export interface OpenedReturn {
  readonly order: ReturnOrder
  readonly parts: ReturnParts
}

/**
 * Reads a package for the agent that it should be for. Whether it is older than one taken before is for the caller.
 *
 * @throws ShoukouError `bundle-refused`: `malformed`, `too-large`, `signature`, `altered`, `foreign-console`, `foreign-agent`.
 */
export function parseReturnPackage(bytes: Uint8Array, owner: ReturnOwner): OpenedReturn {
  if (bytes.length > BUNDLE_LIMITS.packageBytesMax)
    throw bundleError('too-large', `A return package has at most ${BUNDLE_LIMITS.packageBytesMax} bytes.`)
  const value = parseJson(bytes)
  if (!packageCheck.Check(value)) {
    const fault = firstFault(packageCheck.Errors(value))
    throw bundleError('not-a-bundle', `This is no return package of a console: ${fault}`)
  }
  const order = openOrder(value.order, owner, keysBy(value.parts.ceilings, owner))
  if (order.partsDigest !== returnPartsDigest(value.parts)) {
    throw bundleError('altered', 'The return package was altered: its parts are not those that were signed.')
  }
  return { order, parts: value.parts }
}

/**
 * The keys that may have signed the order: those that hold, and those that ceilings in the same package bring, each judged
 * against the one before it. Without them a hand-over of the daily key would shut out every computer without a network.
 */
function keysBy(ceilings: readonly SentCeiling[], owner: ReturnOwner): readonly string[] {
  let held = owner.ceiling
  const keys = new Set(owner.policyKeys)
  for (const sent of ceilings) {
    const verdicts =
      held === null
        ? owner.policyKeys.map((key) => judgeFirstCeiling(sent, key))
        : [judgeCeiling(sent.ceiling, held)]
    const accepted = verdicts.find((verdict) => verdict.kind === 'accepted')
    if (accepted === undefined) continue
    held = sent.ceiling
    for (const key of dailyKeyPems(accepted.ceiling)) keys.add(key)
  }
  return [...keys]
}

function openOrder(envelope: Envelope, owner: ReturnOwner, keys: readonly string[]): ReturnOrder {
  const payload = keys.map((key) => openEnvelope('return', envelope, key)).find((one) => one !== null)
  if (payload === undefined) {
    // Whose it says it is, is worth telling although nothing proves it.
    const claimed = parseJson(Buffer.from(envelope.payload, 'base64'))
    if (orderCheck.Check(claimed) && claimed.console !== owner.console)
      throw bundleError('foreign-console', 'This return package is of another console.')
    throw bundleError(
      'signature',
      'The return package is not signed by this computer’s console, or was altered.',
    )
  }
  const order = parseJson(payload)
  if (!orderCheck.Check(order))
    throw bundleError('malformed', `The return package: ${firstFault(orderCheck.Errors(order))}`)
  if (order.console !== owner.console)
    throw bundleError('foreign-console', 'This return package is of another console.')
  if (order.agent !== owner.agent) {
    throw bundleError('foreign-agent', `This return package is for ${order.computer}, not for this computer.`)
  }
  return order
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(bytes))
  } catch (cause) {
    throw bundleError('not-a-bundle', 'This is no return package of a console: it is not JSON.', { cause })
  }
}

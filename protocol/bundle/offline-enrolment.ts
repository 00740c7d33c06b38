/**
 * Enrolment of a computer that no network reaches: a request and an answer as files.
 *
 * The request says what the online one says, without a token: whoever hands it in is signed in. The answer is sealed to a
 * key of the request (it holds the key of spoken codes) and signed by the authority; that this is the right authority, the
 * person at the computer proves by typing its mark, which the console shows and no medium carries.
 */
import { createHash, createPrivateKey, sign, verify, X509Certificate } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { type EnrolmentAnswer, EnrolmentAnswerSchema } from '../enrolment.ts'
import { firstFault } from '../frames.ts'
import { HardwareFactsSchema } from '../identity/hardware.ts'
import { BaselineSchema } from '../policy.ts'
import { BASE64_PATTERN, RawTextSchema } from '../raw-text.ts'
import { checkOf, type SchemaCheck } from '../schema-check.ts'
import { bundleError } from './fault.ts'
import { BUNDLE_LIMITS } from './limits.ts'
import { makeEphemeral, openEphemeral, PUBLIC_KEY_PATTERN } from './sealing.ts'

const closed = { additionalProperties: false } as const
const uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
const key = Type.String({ pattern: PUBLIC_KEY_PATTERN })

export const OfflineRequestSchema = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('enrolment-request'),
    request: uuid,
    certificateRequest: Type.String({ maxLength: 8_192 }),
    agentVersion: Type.String({ maxLength: 32 }),
    hostname: RawTextSchema,
    baseline: BaselineSchema,
    /** Which machine it is; null where that is not told. */
    hardware: Type.Optional(Type.Union([HardwareFactsSchema, Type.Null()])),
    /** What the answer is sealed to. */
    sealTo: key,
  },
  closed,
)
export type OfflineRequest = Static<typeof OfflineRequestSchema>

const AnswerFileSchema = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('enrolment-answer'),
    request: uuid,
    ephemeralKey: key,
    sealed: Type.String({ maxLength: BUNDLE_LIMITS.enrolmentFileBytesMax, pattern: BASE64_PATTERN }),
    signature: Type.String({ maxLength: 128, pattern: BASE64_PATTERN }),
  },
  closed,
)
type AnswerFile = Static<typeof AnswerFileSchema>

const ContentSchema = Type.Object(
  {
    /** Where the console is reached, should a network ever join the two. */
    consoleUrl: Type.String({ maxLength: 2_048, pattern: '^https://' }),
    answer: EnrolmentAnswerSchema,
  },
  closed,
)
export type OfflineContent = Static<typeof ContentSchema>

const requestCheck = checkOf(OfflineRequestSchema)
const fileCheck = checkOf(AnswerFileSchema)
const contentCheck = checkOf(ContentSchema)
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const purpose = 'shoukou.enrolment-answer.v1'

/** Reads a request file. @throws ShoukouError `bundle-refused`. */
export function parseOfflineRequest(bytes: Uint8Array): OfflineRequest {
  return parseFile<OfflineRequest>(bytes, requestCheck, 'enrolment request')
}

/** Writes the answer: sealed to the request, signed with the authority's key (PEM). */
export function encodeOfflineAnswer(
  request: Pick<OfflineRequest, 'request' | 'sealTo'>,
  content: OfflineContent,
  authorityKey: string,
): Buffer {
  const ephemeral = makeEphemeral()
  const seal = ephemeral.derive(request.sealTo, { purpose, binding: Buffer.from(request.request) })
  const sealed = seal.seal(0, true, Buffer.from(JSON.stringify(content))).toString('base64')
  seal.forget()
  const file = {
    v: 1,
    type: 'enrolment-answer',
    request: request.request,
    ephemeralKey: ephemeral.publicKey,
    sealed,
  } as const
  const signature = sign('sha256', signedAnswer(file), createPrivateKey(authorityKey)).toString('base64')
  return Buffer.from(JSON.stringify({ ...file, signature } satisfies AnswerFile))
}

export interface PendingRequest {
  readonly request: string
  /** PKCS #8, PEM: the private half of `sealTo`. */
  readonly sealKey: string
}

/**
 * Opens an answer to one's own request. `mark`: what the person typed, `authorityMark` of the console or a whole fingerprint.
 *
 * @throws ShoukouError `bundle-refused`: `foreign-agent` for another request's answer, `foreign-console` where the mark is
 * another one's, `altered`, `signature`.
 */
export function openOfflineAnswer(bytes: Uint8Array, pending: PendingRequest, mark: string): OfflineContent {
  const file = parseFile<AnswerFile>(bytes, fileCheck, 'enrolment answer')
  if (file.request !== pending.request)
    throw bundleError('foreign-agent', 'This answer belongs to another request than the last one made here.')
  const seal = openEphemeral(pending.sealKey, file.ephemeralKey, {
    purpose,
    binding: Buffer.from(file.request),
  })
  const plain = seal?.open(0, true, Buffer.from(file.sealed, 'base64')) ?? null
  seal?.forget()
  if (plain === null) throw bundleError('altered', 'The answer was altered on its way.')
  const content = parseFile<OfflineContent>(plain, contentCheck, 'enrolment answer')
  assertOf(content.answer, file, mark)
  return content
}

/**
 * The mark of an authority: the first 120 bits of its certificate's SHA-256, in groups that can be read out and typed. To
 * find another certificate of the same mark takes 2^120 tries.
 */
export function authorityMark(certificatePem: string): string {
  const digest = createHash('sha256').update(new X509Certificate(certificatePem).raw).digest()
  const bits = [...digest.subarray(0, 15)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = (bits.match(/.{5}/g) ?? []).map((group) => alphabet[Number.parseInt(group, 2)] ?? '')
  return (letters.join('').match(/.{4}/g) ?? []).join('-')
}

/** Crockford's: no I, L, O, U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

function assertOf(answer: EnrolmentAnswer, file: AnswerFile, typed: string): void {
  const certificate = readCertificate(answer.authority)
  if (certificate === null) throw bundleError('malformed', 'The answer holds no certificate of an authority.')
  const full = createHash('sha256').update(certificate.raw).digest('base64url')
  const isMark = normalMark(typed) === normalMark(authorityMark(answer.authority))
  if (!isMark && typed.trim() !== full) {
    throw bundleError(
      'foreign-console',
      'The answer is of another console than the one whose mark was typed; read the mark at the console once more.',
    )
  }
  const signature = Buffer.from(file.signature, 'base64')
  if (!verify('sha256', signedAnswer(file), certificate.publicKey, signature))
    throw bundleError('signature', 'The answer is not signed by the authority it names.')
}

function normalMark(text: string): string {
  return text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault) return null
    throw fault
  }
}

function signedAnswer({ request, ephemeralKey, sealed }: Omit<AnswerFile, 'signature'>): Buffer {
  return Buffer.from(`${purpose}\0${request}\0${ephemeralKey}\0${sealed}`)
}

function parseFile<T>(bytes: Uint8Array, check: SchemaCheck, what: string): T {
  if (bytes.length > BUNDLE_LIMITS.enrolmentFileBytesMax)
    throw bundleError('too-large', `This is too large to be an ${what}.`)
  let value: unknown
  try {
    value = JSON.parse(strictUtf8.decode(bytes))
  } catch (cause) {
    throw bundleError('not-a-bundle', `This is no ${what}: it is not JSON.`, { cause })
  }
  if (!check.Check(value))
    throw bundleError('not-a-bundle', `This is no ${what}: ${firstFault(check.Errors(value))}`)
  return value as T
}

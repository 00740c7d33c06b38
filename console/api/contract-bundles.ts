/** The API's contract for bundles: slips, computers that report by them, the way home, enrolment by files. */
import { BUNDLE_FAULTS, BUNDLE_LIMITS, PolicySettingsSchema } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const id = Type.String({ minLength: 1, maxLength: 64 })

export const SLIP_VERDICT_NAMES = ['taken', 'nothing-new', 'held', 'refused'] as const
export const SLIP_NOTE_NAMES = [
  'again',
  'out-of-order',
  'bundles-missing',
  'number-reused',
  'journal-anew',
  'certificate-expired',
  'certificate-superseded',
  'renewal-refused',
  'clock-ahead',
  'agent-not-running',
  'released-from-hold',
] as const

export const SlipSchema = Type.Object(
  {
    id: count,
    slip: id,
    verdict: Type.Enum([...SLIP_VERDICT_NAMES]),
    /** Why it was refused or is held; null where it was taken. */
    fault: nullable(Type.Enum([...BUNDLE_FAULTS])),
    faultAtByte: nullable(count),
    faultChunk: nullable(count),
    /** SHA-256 of the file, hex. */
    fileHash: Type.String(),
    fileBytes: count,
    bundle: nullable(id),
    agent: nullable(id),
    computer: nullable(Type.String()),
    number: nullable(count),
    previous: nullable(id),
    /** Where the console is that it was made for. */
    consoleHost: nullable(Type.String()),
    epoch: nullable(Type.String()),
    firstSeq: nullable(count),
    lastSeq: nullable(count),
    /** By the computer's clock. */
    createdWallMs: nullable(count),
    fromWallMs: nullable(count),
    toWallMs: nullable(count),
    medium: nullable(Type.String()),
    agentVersion: nullable(Type.String()),
    recordsNew: count,
    recordsKnown: count,
    gaps: Type.Array(
      Type.Object(
        {
          firstSeq: count,
          lastSeq: count,
          state: Type.Enum(['pending', 'declared', 'undeclared']),
        },
        closed,
      ),
    ),
    violations: count,
    /** Whether the seals of its journal hold: `holds`, `unsealed`, `broken`; null where it has none. */
    seal: nullable(Type.String()),
    notes: Type.Array(
      Type.Object(
        { code: Type.Enum([...SLIP_NOTE_NAMES]), from: nullable(count), to: nullable(count) },
        closed,
      ),
    ),
    takenAt: count,
    takenBy: Type.String(),
  },
  closed,
)
export type Slip = Static<typeof SlipSchema>

/** The first is the file's own; the others of bundles that waited for it. */
export const TakenSchema = Type.Object({ slips: Type.Array(SlipSchema) }, closed)
export type Taken = Static<typeof TakenSchema>

const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
/** Names an upload, and holds it: random, and good for the account that began it alone. */
const upload = Type.String({ pattern: '^[0-9a-f]{32}$' })
export const PART_HASH_HEADER = 'x-part-sha256'

// POST /api/bundles/uploads
export const UploadBeginSchema = Type.Object(
  { bytes: Type.Integer({ minimum: 1, maximum: BUNDLE_LIMITS.bundleBytesMax }) },
  closed,
)
export const UploadParamsSchema = Type.Object({ upload }, closed)
// PUT /api/bundles/uploads/:upload/parts/:at — the part's bytes are the body
export const UploadPartParamsSchema = Type.Object(
  { upload, at: Type.Integer({ minimum: 0, maximum: BUNDLE_LIMITS.bundleBytesMax }) },
  closed,
)
export const UploadPartHeadersSchema = Type.Object({ [PART_HASH_HEADER]: hash })
export const UploadSchema = Type.Object(
  {
    upload,
    state: Type.Enum(['receiving', 'taking', 'done', 'failed']),
    /** Where the next part begins. */
    received: count,
    bytes: count,
    partBytesMax: count,
    /** Of `done`, as `Taken`. */
    slips: Type.Array(SlipSchema),
    /** Of `failed`: an error's code. */
    failure: nullable(Type.String()),
  },
  closed,
)
export type Upload = Static<typeof UploadSchema>

export const SlipQuerySchema = Type.Object(
  { before: Type.Optional(Type.Integer({ minimum: 1 })), agent: Type.Optional(id) },
  closed,
)
export const SlipParamsSchema = Type.Object({ slip: id }, closed)

export const StandaloneSchema = Type.Object(
  {
    agent: id,
    computer: Type.String(),
    /** Null where none has come yet. */
    lastNumber: nullable(count),
    lastTakenAt: nullable(count),
    lastCreatedWallMs: nullable(count),
    dueAt: count,
    isOverdue: Type.Boolean(),
    /** The newest package made for it, and the newest that it says it took. */
    packageNumber: nullable(count),
    packageMadeAt: nullable(count),
    packageTaken: nullable(count),
  },
  closed,
)
export type Standalone = Static<typeof StandaloneSchema>

export const BundlesAnswerSchema = Type.Object(
  {
    computers: Type.Array(StandaloneSchema),
    slips: Type.Array(SlipSchema),
    /** Where the next page begins; null where this is the last. */
    before: nullable(count),
    /** What is typed at a computer that is enrolled by files. */
    mark: Type.String(),
    bytesMax: count,
  },
  closed,
)
export type BundlesAnswer = Static<typeof BundlesAnswerSchema>

/** A request file, base64. */
export const OfflineEnrolmentSchema = Type.Object(
  {
    file: Type.String({
      minLength: 1,
      maxLength: Math.ceil(BUNDLE_LIMITS.enrolmentFileBytesMax / 3) * 4,
      pattern: '^[A-Za-z0-9+/]*={0,2}$',
    }),
    number: Type.Optional(Type.String({ minLength: 1, maxLength: 32, pattern: '^[^\\u0000-\\u001f]*$' })),
    settings: Type.Optional(PolicySettingsSchema),
  },
  closed,
)
export type OfflineEnrolmentAsked = Static<typeof OfflineEnrolmentSchema>

export const OfflineEnrolledSchema = Type.Object(
  {
    agent: id,
    computer: Type.String(),
    mark: Type.String(),
    fileName: Type.String(),
    /** Base64. */
    answer: Type.String(),
  },
  closed,
)
export type OfflineEnrolledAnswer = Static<typeof OfflineEnrolledSchema>

/**
 * The frames of the link. All but `records` are one JSON text message each; `records` is binary, so that the raw bytes
 * of the evidence travel as they are (`records-frame.ts`).
 *
 *   agent → console   hello, records, heartbeat, error
 *   console → agent   welcome, ack, ceiling, policy, command, challenge, keys, error
 *
 * Every frame is closed: an unknown field is malformed, not ignored. A frame of a version that this end does not
 * speak is answered with `unsupported-version` before anything else is looked at.
 */
import { type Static, Type } from 'typebox'
import { SentCeilingSchema } from './ceiling/shapes.ts'
import { EnvelopeSchema } from './envelope.ts'
import { ERROR_CODES, type ErrorCode, ShoukouError } from './errors.ts'
import { CoverageSchema, SENSORS } from './events/facts.ts'
import { HelloIdentitySchema } from './identity/hello-identity.ts'
import { LIMITS } from './limits.ts'
import { SignedSealSchema } from './media/shapes.ts'
import { showRawText } from './raw-text.ts'
import { checkOf, type SchemaCheck } from './schema-check.ts'
import { WitnessSchema } from './trail/signed-head.ts'
import { PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from './version.ts'

const utf8 = new TextEncoder()

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const id = Type.String({ minLength: 1, maxLength: 64 })
const head = Type.String({ pattern: '^[0-9a-f]{64}$' })
const version = Type.Literal(PROTOCOL_VERSION)

/** A place in a journal: everything up to and including `seq`, whose chain head is `head`. */
export const PositionSchema = Type.Object({ epoch: id, seq: count, head }, closed)
export type Position = Static<typeof PositionSchema>

/**
 * A console's word that it once stored everything up to `seq`: a MAC under a key that only the console has
 * (`console/pki/receipts.ts`). To the agent it is opaque; it keeps the newest and shows it again.
 */
const mac = Type.String({ pattern: '^[0-9a-f]{64}$' })
export const ReceiptSchema = Type.Object({ seq: count, head, mac }, closed)
export type Receipt = Static<typeof ReceiptSchema>

/** 128 bits, hex: one challenge. */
const nonce = Type.String({ pattern: '^[0-9a-f]{32}$' })
const key = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })

const HelloProtectionSchema = Type.Object(
  {
    /** Names this run of the agent: a challenge's answer is bound to it. */
    run: id,
    /** The index of the next seal; null where the agent has no key to seal with. */
    nextSeal: Type.Union([count, Type.Null()]),
    hasRemovalKey: Type.Boolean(),
  },
  closed,
)

const HelloSchema = Type.Object(
  {
    v: version,
    type: Type.Literal('hello'),
    agentVersion: Type.String({ maxLength: 32 }),
    bootId: Type.String({ maxLength: 64 }),
    /** The journal's end when the connection was made. */
    journal: PositionSchema,
    policyVersion: count,
    /** Why this connection exists, for the console's log: first, again, after an error. */
    wallMs: count,
    /**
     * The newest receipt of this journal; null where there is none. It proves that numbers which are at neither end any
     * more were acknowledged before: a console that lost its store must not take their absence for tampering.
     */
    receipt: Type.Union([ReceiptSchema, Type.Null()]),
    /** Left out by agents that answer no challenge and seal nothing: they are sent neither `challenge` nor `keys`. */
    protection: Type.Optional(HelloProtectionSchema),
    /** The ceiling that this agent holds; 0 where none. Left out by agents that know of no ceilings: they are sent none. */
    ceilingVersion: Type.Optional(count),
    /** Left out by agents before it. */
    identity: Type.Optional(HelloIdentitySchema),
    /**
     * The newest head of the console's own log that this agent was given; null where none. A console that was set back
     * meets it again. Left out by agents that hold none: they are sent none.
     */
    witness: Type.Optional(Type.Union([WitnessSchema, Type.Null()])),
  },
  closed,
)
export type HelloFrame = Static<typeof HelloSchema>

const HeartbeatSchema = Type.Object(
  {
    v: version,
    type: Type.Literal('heartbeat'),
    wallMs: count,
    journal: PositionSchema,
    coverage: Type.Array(CoverageSchema, { maxItems: SENSORS.length }),
    policyVersion: count,
    /** To the newest challenge, at once: `protocol/challenge.ts`. Left out where there was none since the last one. */
    answer: Type.Optional(Type.Object({ nonce, digest: mac }, closed)),
  },
  closed,
)
export type HeartbeatFrame = Static<typeof HeartbeatSchema>

const WelcomeSchema = Type.Object(
  {
    v: version,
    type: Type.Literal('welcome'),
    consoleVersion: Type.String({ maxLength: 32 }),
    /** What the console has of this agent; null where it has nothing. Records go on after it. */
    stored: Type.Union([PositionSchema, Type.Null()]),
    window: Type.Object(
      { records: Type.Integer({ minimum: 1, maximum: LIMITS.windowRecordsMax }), bytes: count },
      closed,
    ),
    heartbeatMs: Type.Integer({ minimum: 100, maximum: 600_000 }),
    wallMs: count,
    /** The receipt for `stored`; null where that is. */
    receipt: Type.Union([mac, Type.Null()]),
    /** The head of the console's own log, for the agent to hold. */
    witness: Type.Optional(WitnessSchema),
  },
  closed,
)
export type WelcomeFrame = Static<typeof WelcomeSchema>

const AckSchema = Type.Object(
  { v: version, type: Type.Literal('ack'), stored: PositionSchema, receipt: mac },
  closed,
)
export type AckFrame = Static<typeof AckSchema>

const PolicyFrameSchema = Type.Object(
  { v: version, type: Type.Literal('policy'), envelope: EnvelopeSchema },
  closed,
)
export type PolicyFrame = Static<typeof PolicyFrameSchema>

/** Comes before the policies that it allows; several where the keys were handed over in between, oldest first. */
const CeilingFrameSchema = Type.Object(
  { v: version, type: Type.Literal('ceiling'), sent: SentCeilingSchema },
  closed,
)
export type CeilingFrame = Static<typeof CeilingFrameSchema>

/** A heartbeat with the answer is due at once. */
const ChallengeFrameSchema = Type.Object(
  { v: version, type: Type.Literal('challenge'), nonce, witness: Type.Optional(WitnessSchema) },
  closed,
)
export type ChallengeFrame = Static<typeof ChallengeFrameSchema>

/** Secrets of this agent alone, for one that has none yet or lost them; never twice the same generation of seals. */
const KeysFrameSchema = Type.Object(
  {
    v: version,
    type: Type.Literal('keys'),
    seal: Type.Union([Type.Object({ generation: count, key }, closed), Type.Null()]),
    removalKey: Type.Union([key, Type.Null()]),
  },
  closed,
)
export type KeysFrame = Static<typeof KeysFrameSchema>

const CommandFrameSchema = Type.Object(
  { v: version, type: Type.Literal('command'), envelope: EnvelopeSchema },
  closed,
)
export type CommandFrame = Static<typeof CommandFrameSchema>

const ErrorFrameSchema = Type.Object(
  {
    v: version,
    type: Type.Literal('error'),
    code: Type.String({ maxLength: 64, pattern: '^[a-z][a-z-]*$' }),
    message: Type.String({ maxLength: 1_000 }),
    retryable: Type.Boolean(),
    /** What the console has, where the error is about order: an agent goes on from there. */
    stored: Type.Union([PositionSchema, Type.Null()]),
  },
  closed,
)
export type ErrorFrame = Static<typeof ErrorFrameSchema>

const ordered = { v: version, id, agent: id, issuedAtMs: count }

/** What a command's signed payload says. The set is closed, and none of them runs a program or writes a file. */
export const CommandSchema = Type.Union([
  /** Look at everything again now. */
  Type.Object({ ...ordered, name: Type.Literal('rescan') }, closed),
  /** Let the medium of one stay be used for some minutes. */
  Type.Object(
    {
      ...ordered,
      name: Type.Literal('grant-medium'),
      /** `place.instance` of the medium's `media.examined` record. */
      instance: Type.String({ minLength: 1, maxLength: 200 }),
      right: Type.Union([Type.Literal('read-only'), Type.Literal('read-write')]),
      minutes: Type.Integer({ minimum: 1, maximum: LIMITS.grantMinutesMax }),
    },
    closed,
  ),
  /** Write a seal onto the medium of one stay: only a station does that. */
  Type.Object(
    {
      ...ordered,
      name: Type.Literal('write-seal'),
      instance: Type.String({ minLength: 1, maxLength: 200 }),
      seal: SignedSealSchema,
    },
    closed,
  ),
  /** Take a temporary right away again. */
  Type.Object(
    { ...ordered, name: Type.Literal('end-grant'), instance: Type.String({ minLength: 1, maxLength: 200 }) },
    closed,
  ),
  /** Let the computer speak to nothing but its console. It holds over restarts, until it is released. */
  Type.Object(
    {
      ...ordered,
      name: Type.Literal('isolate'),
      reason: Type.String({ minLength: 1, maxLength: LIMITS.isolationReasonMax }),
    },
    closed,
  ),
  /** Let it use again what its policy allows. */
  Type.Object(
    {
      ...ordered,
      name: Type.Literal('end-isolation'),
      reason: Type.String({ minLength: 1, maxLength: LIMITS.isolationReasonMax }),
    },
    closed,
  ),
])
export type Command = Static<typeof CommandSchema>

export type AgentFrame = HelloFrame | HeartbeatFrame | ErrorFrame
export type ConsoleFrame =
  | WelcomeFrame
  | AckFrame
  | CeilingFrame
  | PolicyFrame
  | CommandFrame
  | ErrorFrame
  | ChallengeFrame
  | KeysFrame

const agentFrames = {
  hello: checkOf(HelloSchema),
  heartbeat: checkOf(HeartbeatSchema),
  error: checkOf(ErrorFrameSchema),
}
/** All that a console may say over the link, by type: what is not here is no frame. */
export const CONSOLE_FRAME_SCHEMAS = {
  welcome: WelcomeSchema,
  ack: AckSchema,
  ceiling: CeilingFrameSchema,
  policy: PolicyFrameSchema,
  command: CommandFrameSchema,
  challenge: ChallengeFrameSchema,
  keys: KeysFrameSchema,
  error: ErrorFrameSchema,
} as const satisfies Readonly<Record<ConsoleFrame['type'], unknown>>
const consoleFrames = {
  welcome: checkOf(WelcomeSchema),
  ack: checkOf(AckSchema),
  ceiling: checkOf(CeilingFrameSchema),
  policy: checkOf(PolicyFrameSchema),
  command: checkOf(CommandFrameSchema),
  challenge: checkOf(ChallengeFrameSchema),
  keys: checkOf(KeysFrameSchema),
  error: checkOf(ErrorFrameSchema),
} satisfies Readonly<Record<keyof typeof CONSOLE_FRAME_SCHEMAS, SchemaCheck>>

/**
 * Parses a text message that came from an agent.
 *
 * @throws ShoukouError `limit-exceeded`, `unsupported-version` or `malformed-frame`; the message names the field.
 */
export function parseAgentFrame(text: string): AgentFrame {
  return parseFrame(text, agentFrames, LIMITS.controlFrameBytesMax) as AgentFrame
}

/** Parses a text message that came from a console. Throws as `parseAgentFrame`. */
export function parseConsoleFrame(text: string): ConsoleFrame {
  return parseFrame(text, consoleFrames, LIMITS.frameBytesMax) as ConsoleFrame
}

/** Writes a control frame. */
export function encodeFrame(frame: AgentFrame | ConsoleFrame): string {
  return JSON.stringify(frame)
}

/** Makes the error frame for a code; `stored` where the error is about order. */
export function errorFrame(code: ErrorCode, message: string, stored: Position | null = null): ErrorFrame {
  return {
    v: PROTOCOL_VERSION,
    type: 'error',
    code,
    message: message.slice(0, 1_000),
    retryable: ERROR_CODES[code].retryable,
    stored,
  }
}

function parseFrame(text: string, checks: Readonly<Record<string, SchemaCheck>>, bytesMax: number): unknown {
  const bytes = text.length > bytesMax ? text.length : utf8.encode(text).length
  if (bytes > bytesMax)
    throw new ShoukouError('limit-exceeded', `A frame of ${bytes} bytes is above ${bytesMax}.`)
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShoukouError('malformed-frame', 'A frame is a JSON object.')
  }
  const { v, type } = value as { v?: unknown; type?: unknown }
  assertVersion(v)
  const check = typeof type === 'string' && Object.hasOwn(checks, type) ? checks[type] : undefined
  if (check === undefined)
    throw new ShoukouError('malformed-frame', 'The frame has no type that may come from this end.')
  if (!check.Check(value)) {
    throw new ShoukouError('malformed-frame', `${String(type)}: ${firstFault(check.Errors(value))}`)
  }
  return value
}

/** Throws `unsupported-version` unless this build speaks `v`. */
export function assertVersion(v: unknown): void {
  if (typeof v === 'number' && SUPPORTED_PROTOCOL_VERSIONS.includes(v)) return
  const spoken = SUPPORTED_PROTOCOL_VERSIONS.join(', ')
  throw new ShoukouError(
    typeof v === 'number' ? 'unsupported-version' : 'malformed-frame',
    typeof v === 'number'
      ? `Version ${v} is not spoken here; spoken: ${spoken}.`
      : 'The frame names no version.',
  )
}

/**
 * Words the first fault of a check: the field's place and what is wrong, never the value. The place may hold a key that
 * a peer chose, so it is shown as hostile text is.
 */
export function firstFault(
  faults: Iterable<{ readonly instancePath: string; readonly message: string; readonly keyword?: string }>,
): string {
  for (const fault of faults) {
    if (fault.keyword === 'boolean') continue
    return `${fault.instancePath === '' ? 'the whole' : showRawText(fault.instancePath.slice(0, 200))} ${fault.message}`
  }
  return 'not valid'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ShoukouError('malformed-frame', 'The frame is not JSON.', { cause })
  }
}

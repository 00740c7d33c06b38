/**
 * The messages between the console and its signing process, over a private pipe or a socket:
 *
 *   u32be length of all that follows · u32be length of the header · header (JSON) · payload (bytes as they are signed)
 *
 * Both ends check every header against its schema; what is not one ends the connection.
 */
import { ERROR_CODES, type ErrorCode, ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { type Static, Type } from 'typebox'
import { SIGNER_LIMITS } from './limits.ts'

const closed = { additionalProperties: false } as const
const id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

const AskSchema = Type.Union([
  Type.Object({ id, ask: Type.Literal('sign'), kind: Type.String({ maxLength: 32 }) }, closed),
  /** The payload is the signed ceiling as JSON. */
  Type.Object({ id, ask: Type.Literal('take-ceiling') }, closed),
])
export type Ask = Static<typeof AskSchema>

const AnswerSchema = Type.Union([
  /** Once, first. `publicKey`: SPKI PEM; `ceilingVersion` 0: none is held. */
  Type.Object(
    {
      said: Type.Literal('ready'),
      publicKey: Type.String({ maxLength: 1_024 }),
      ceilingVersion: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    },
    closed,
  ),
  /** `signature`: base64; empty where none was asked for. */
  Type.Object({ id, said: Type.Literal('done'), signature: Type.String({ maxLength: 88 }) }, closed),
  Type.Object(
    {
      id,
      said: Type.Literal('refused'),
      code: Type.String({ maxLength: 64 }),
      message: Type.String({ maxLength: 32_768 }),
    },
    closed,
  ),
])
export type Answer = Static<typeof AnswerSchema>

const askCheck = checkOf(AskSchema)
const answerCheck = checkOf(AnswerSchema)
const utf8 = new TextDecoder('utf-8', { fatal: true })
const nothing = new Uint8Array()

export interface Message<Header> {
  readonly header: Header
  readonly payload: Buffer
}

/** Writes a message. */
export function encodeMessage(header: Ask | Answer, payload: Uint8Array = nothing): Buffer {
  const text = Buffer.from(JSON.stringify(header))
  const bytes = Buffer.allocUnsafe(8 + text.length + payload.length)
  bytes.writeUInt32BE(4 + text.length + payload.length, 0)
  bytes.writeUInt32BE(text.length, 4)
  bytes.set(text, 8)
  bytes.set(payload, 8 + text.length)
  return bytes
}

/** Splits a stream of bytes into the messages of one side. */
export class MessageReader<Header extends Ask | Answer> {
  readonly #check: { Check(value: unknown): boolean }
  #parts: Buffer[] = []
  #bytes = 0

  private constructor(check: { Check(value: unknown): boolean }) {
    this.#check = check
  }

  /** Reads what the console asks. */
  static ofAsks(): MessageReader<Ask> {
    return new MessageReader(askCheck)
  }

  /** Reads what the signing process answers. */
  static ofAnswers(): MessageReader<Answer> {
    return new MessageReader(answerCheck)
  }

  /** Takes bytes; returns the messages that are whole now. @throws ShoukouError `malformed-frame`, `limit-exceeded`. */
  push(chunk: Buffer): Message<Header>[] {
    this.#parts.push(chunk)
    this.#bytes += chunk.length
    const found: Message<Header>[] = []
    for (;;) {
      if (this.#bytes < 4) return found
      const length = this.#peekLength()
      if (length < 4 || length > SIGNER_LIMITS.messageBytesMax)
        throw new ShoukouError('limit-exceeded', `A message of ${length} bytes is none.`)
      if (this.#bytes < 4 + length) return found
      const all = Buffer.concat(this.#parts)
      this.#parts = [all.subarray(4 + length)]
      this.#bytes -= 4 + length
      found.push(this.#read(all.subarray(4, 4 + length)))
    }
  }

  #peekLength(): number {
    if ((this.#parts[0]?.length ?? 0) < 4) this.#parts = [Buffer.concat(this.#parts)]
    return this.#parts[0]?.readUInt32BE(0) ?? 0
  }

  #read(bytes: Buffer): Message<Header> {
    const headerBytes = bytes.readUInt32BE(0)
    if (headerBytes > SIGNER_LIMITS.headerBytesMax || 4 + headerBytes > bytes.length)
      throw new ShoukouError('malformed-frame', 'A message whose header is longer than it is.')
    let header: unknown
    try {
      header = JSON.parse(utf8.decode(bytes.subarray(4, 4 + headerBytes)))
    } catch (cause) {
      throw new ShoukouError('malformed-frame', 'A message whose header is not JSON.', { cause })
    }
    if (!this.#check.Check(header)) throw new ShoukouError('malformed-frame', 'A message of no known form.')
    return { header: header as Header, payload: bytes.subarray(4 + headerBytes) }
  }
}

/** Returns the error that an answer tells; an unknown code is one of a newer process. */
export function errorOf({
  code,
  message,
}: {
  readonly code: string
  readonly message: string
}): ShoukouError {
  const known = Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'signer-unavailable'
  return new ShoukouError(known, message)
}

/** One HTTPS exchange with the console: JSON there, JSON back, its certificate held to the pinned authority and its name. */
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { ERROR_CODES, type ErrorCode, LIMITS, ShoukouError, showRawText } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { Type } from 'typebox'
import type { ConsoleAddress } from './find-authority.ts'

export interface ConsoleQuestion {
  readonly address: ConsoleAddress
  /** PEM. */
  readonly authority: string
  readonly path: string
  readonly body: object
  readonly timeoutMs?: number
  /** Answers for the console's name; the system does where it is left out. */
  readonly lookup?: LookupFunction | undefined
}

const answerBytesMax = 2 * LIMITS.policyBytesMax
const timeoutMsMax = 30_000

/**
 * Returns what the console answered, unchecked; null where that is no JSON.
 *
 * @throws ShoukouError with the console's own code where it refused, `limit-exceeded`; the system's error where nothing
 * answers.
 */
export async function askConsole(question: ConsoleQuestion): Promise<unknown> {
  const { status, text } = await post(question)
  const value = parseJson(text)
  if (status === 200 || status === 201) return value
  throw refusalOf(status, value)
}

function post({
  address: { host, port },
  authority,
  path,
  body,
  timeoutMs = timeoutMsMax,
  lookup,
}: ConsoleQuestion): Promise<{ status: number; text: string }> {
  const sent = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host,
        port,
        path,
        method: 'POST',
        ca: authority,
        minVersion: 'TLSv1.3',
        agent: false,
        timeout: timeoutMs,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(sent),
          accept: 'application/json',
        },
        ...(lookup === undefined ? {} : { lookup }),
      },
      (response) => {
        const parts: Buffer[] = []
        let bytes = 0
        response.on('data', (part: Buffer) => {
          bytes += part.length
          if (bytes > answerBytesMax)
            request.destroy(new ShoukouError('limit-exceeded', 'The console answered too much.'))
          else parts.push(part)
        })
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        )
      },
    )
    request.once('timeout', () => request.destroy(new Error(`${host}:${port} does not answer in time`)))
    request.once('error', reject)
    request.end(sent)
  })
}

const refusalCheck = checkOf(
  Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) }),
)

function refusalOf(status: number, value: unknown): ShoukouError {
  const told = refusalCheck.Check(value)
    ? value.error
    : { code: 'request-refused', message: `The console answered with status ${status}.` }
  const code = Object.hasOwn(ERROR_CODES, told.code) ? (told.code as ErrorCode) : 'request-refused'
  return new ShoukouError(code, showRawText(told.message.slice(0, 300)), { context: { status } })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    throw fault
  }
}

/**
 * Turns whatever was thrown into the one body that a refusal has. What is not an error of the protocol is logged and
 * told as `internal-error`: no path, no query, no stack leaves the console.
 */
import { ERROR_CODES, type ErrorCode, ShoukouError } from '@shoukou/protocol'
import type { ErrorAnswer } from './contract.ts'

export interface Refusal {
  readonly status: number
  readonly answer: ErrorAnswer
  /** Nobody outside caused it: to be logged as an error. */
  readonly isInternal: boolean
}

/** Codes that the API tells as they are; others mean that something inside failed. */
const statuses: Partial<Readonly<Record<ErrorCode, number>>> = {
  'not-signed-in': 401,
  'sign-in-refused': 401,
  'not-permitted': 403,
  'password-must-change': 403,
  'token-refused': 403,
  'demonstration-only': 403,
  'not-found': 404,
  'edit-conflict': 409,
  'role-conflict': 409,
  'second-person-needed': 403,
  'account-disabled': 409,
  'limit-exceeded': 413,
  'invalid-request': 400,
  'unsupported-version': 400,
  'request-refused': 422,
  'policy-refused': 422,
  'spreadsheet-refused': 422,
  'seal-refused': 422,
  'grant-refused': 422,
  'removal-refused': 422,
  'bundle-refused': 422,
  'backup-refused': 422,
  'log-altered': 422,
  'beyond-ceiling': 422,
  'ceiling-refused': 422,
  'password-leaked': 422,
  'password-too-weak': 422,
  'password-used-before': 422,
  'password-too-new': 422,
  'second-factor-needed': 403,
  'certificate-revoked': 403,
  'renewal-refused': 403,
  'identity-conflict': 409,
  'number-taken': 409,
  'entry-refused': 422,
  'certificate-expired': 403,
  'certificate-foreign': 403,
  'account-locked': 423,
  'rate-limited': 429,
  'signer-unavailable': 503,
  'console-stopping': 503,
}

const limitText = 'The request is larger than the API takes; send less at a time.'
const fastifyRefusals: Readonly<
  Record<string, { readonly status: number; readonly code: ErrorCode; readonly message: string }>
> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'limit-exceeded', message: limitText },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: refused(415, 'Send the body as application/json.'),
  FST_ERR_CTP_EMPTY_TYPE: refused(415, 'Send the body as application/json.'),
  FST_ERR_CTP_INVALID_JSON_BODY: refused(400, 'The body is not JSON in UTF-8, or has a key that may not be.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: refused(400, 'The body is empty; send JSON, or no content-type.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: refused(400, 'The body is not as long as its content-length says.'),
  FST_ERR_BAD_URL: refused(400, 'The address is not a valid URL.'),
  FST_ERR_MAX_PARAM_LENGTH: {
    status: 404,
    code: 'not-found',
    message: 'There is no such thing here; check the address.',
  },
}

/** Returns status and body for an error. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof ShoukouError) return refusalOfCode(error)
  const known = fastifyRefusals[codeOf(error)]
  if (known !== undefined)
    return { status: known.status, answer: errorAnswer(known.code, known.message), isInternal: false }
  return internal(500, 'internal-error')
}

/** Returns a refusal's body. */
export function errorAnswer(code: ErrorCode, message?: string): ErrorAnswer {
  const { text, retryable } = ERROR_CODES[code]
  return { error: { code, message: message ?? text, retryable } }
}

function refusalOfCode(error: ShoukouError): Refusal {
  // The store's own words may name files and queries: they are for the log.
  if (error.code === 'store-unavailable') return internal(503, 'store-unavailable')
  const status = statuses[error.code]
  if (status === undefined) return internal(500, 'internal-error')
  const answer = errorAnswer(error.code, error.message)
  const faults = error.code === 'entry-refused' ? error.context?.['faults'] : undefined
  if (typeof faults === 'string')
    answer.error.faults = JSON.parse(faults) as NonNullable<ErrorAnswer['error']['faults']>
  return { status, answer, isInternal: false }
}

function internal(status: number, code: ErrorCode): Refusal {
  const remedy = 'It was logged; try again, and ask the system administrator if it stays.'
  return { status, answer: errorAnswer(code, `${ERROR_CODES[code].text} ${remedy}`), isInternal: true }
}

function refused(status: number, message: string) {
  return { status, code: 'invalid-request', message } as const
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : ''
}

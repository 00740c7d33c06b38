/**
 * Why something could not be forwarded: a code that a page puts into words with its remedy, and what the other side
 * said. Pure. What a receiver says is hostile text: shown, and cut.
 */
import { showRawText } from '@shoukou/protocol'
import { FORWARD_LIMITS } from './limits.ts'

export const FAILURE_CODES = [
  'unreachable',
  'name-unknown',
  'refused-connection',
  'timeout',
  'address-not-allowed',
  'certificate-not-trusted',
  'certificate-other-name',
  'certificate-expired',
  'client-certificate-refused',
  'tls-failed',
  'starttls-missing',
  'sign-in-refused',
  'recipient-refused',
  'refused-by-receiver',
  'redirected',
  'closed-early',
  'folder-missing',
  'folder-not-writable',
  'folder-not-allowed',
  'disk-full',
  'secret-unreadable',
  'settings-invalid',
  'stopped',
  'failed',
] as const
export type FailureCode = (typeof FAILURE_CODES)[number]

/** One try that failed; the queue stays where it is. */
export class ForwardError extends Error {
  readonly code: FailureCode
  readonly detail: string

  constructor(code: FailureCode, detail = '', cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? {} : { cause })
    this.name = 'ForwardError'
    this.code = code
    this.detail = shownAnswer(detail)
  }
}

/** Returns text of the other side as it may be shown, kept and logged. */
export function shownAnswer(text: string): string {
  const shown = showRawText(text.trim().replaceAll(/\s*[\r\n]+\s*/g, ' / '))
  const { answerCharactersMax: max } = FORWARD_LIMITS
  return shown.length <= max ? shown : `${shown.slice(0, max - 1)}…`
}

/** Returns the failure that an error of sockets, TLS or files is. */
export function failureOf(error: unknown): ForwardError {
  if (error instanceof ForwardError) return error
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  return new ForwardError(
    byCode[code] ?? (code.startsWith('ERR_SSL') ? 'tls-failed' : 'failed'),
    detailOf(code, message),
    error,
  )
}

function detailOf(code: string, message: string): string {
  return code === '' || message.includes(code) ? message : `${code}: ${message}`
}

const byCode: Readonly<Record<string, FailureCode>> = {
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'refused-connection',
  ECONNRESET: 'closed-early',
  EPIPE: 'closed-early',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'timeout',
  ABORT_ERR: 'timeout',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-not-trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-not-trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-not-trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-not-trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-not-trusted',
  CERT_SIGNATURE_FAILURE: 'certificate-not-trusted',
  CERT_UNTRUSTED: 'certificate-not-trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-other-name',
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-expired',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'client-certificate-refused',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'client-certificate-refused',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'tls-failed',
  ENOENT: 'folder-missing',
  ENOTDIR: 'folder-missing',
  EACCES: 'folder-not-writable',
  EPERM: 'folder-not-writable',
  EROFS: 'folder-not-writable',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
}

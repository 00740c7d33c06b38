/**
 * Every error that one end may tell the other, or a program may show: append-only. A code is never renamed or given
 * another meaning, because logs of five years name it.
 */
export const ERROR_CODES = {
  'malformed-frame': { retryable: false, closes: true, text: 'The frame is not what its type requires.' },
  'unsupported-version': {
    retryable: false,
    closes: true,
    text: 'The frame speaks a version that this end does not.',
  },
  'limit-exceeded': { retryable: false, closes: true, text: 'A size or a count is above its limit.' },
  'unexpected-frame': { retryable: false, closes: true, text: 'The frame may not come at this point.' },
  'out-of-sequence': {
    retryable: true,
    closes: true,
    text: 'The first record does not follow the last stored one.',
  },
  'chain-broken': {
    retryable: false,
    closes: true,
    text: 'The records do not continue the stored hash chain.',
  },
  'replayed-differently': {
    retryable: false,
    closes: true,
    text: 'A sequence number came again with another content.',
  },
  'foreign-record': {
    retryable: false,
    closes: true,
    text: 'The record names another agent or another journal.',
  },
  'hello-timeout': { retryable: true, closes: true, text: 'No hello arrived in time.' },
  'connection-silent': { retryable: true, closes: true, text: 'Nothing was heard for too long.' },
  'superseded-connection': { retryable: true, closes: true, text: 'The same agent connected anew.' },
  'unknown-agent': { retryable: false, closes: true, text: 'No agent is enrolled under this certificate.' },
  'store-unavailable': {
    retryable: true,
    closes: true,
    text: 'The console could not store; nothing was lost, try again.',
  },
  'console-stopping': { retryable: true, closes: true, text: 'The console is stopping.' },
  'token-refused': {
    retryable: false,
    closes: false,
    text: 'The enrolment token is unknown, used or expired.',
  },
  'request-refused': { retryable: false, closes: false, text: 'The certificate request is not acceptable.' },
  'policy-refused': {
    retryable: false,
    closes: false,
    text: 'The policy is unsigned, older or for another agent.',
  },
  'command-refused': {
    retryable: false,
    closes: false,
    text: 'The command is unsigned, unknown or not for this agent.',
  },
  'config-unknown-key': {
    retryable: false,
    closes: false,
    text: 'The configuration has a key that does not exist.',
  },
  'config-invalid': {
    retryable: false,
    closes: false,
    text: 'The configuration has a value that may not be.',
  },
  'journal-locked': { retryable: true, closes: false, text: 'Another agent already writes this journal.' },
  'journal-full': { retryable: true, closes: false, text: 'The journal has reached its quota.' },
  'not-enrolled': { retryable: false, closes: false, text: 'This computer is not enrolled.' },
  'authority-mismatch': {
    retryable: false,
    closes: false,
    text: 'The console is not the one that the token names.',
  },
  'not-signed-in': { retryable: false, closes: false, text: 'Sign in first.' },
  'not-permitted': { retryable: false, closes: false, text: 'This role may not do that.' },
  'not-found': { retryable: false, closes: false, text: 'There is no such thing here.' },
  'invalid-request': { retryable: false, closes: false, text: 'The request is not what the contract says.' },
  'edit-conflict': { retryable: true, closes: false, text: 'Somebody else changed it meanwhile.' },
  'sign-in-refused': { retryable: false, closes: false, text: 'Name or password is wrong.' },
  'account-locked': { retryable: true, closes: false, text: 'Too many wrong passwords; wait.' },
  'password-must-change': {
    retryable: false,
    closes: false,
    text: 'The one-time password must be changed first.',
  },
  'password-too-weak': { retryable: false, closes: false, text: 'The password does not meet the rule.' },
  'internal-error': { retryable: true, closes: false, text: 'Something failed on this end; it was logged.' },
  'rate-limited': { retryable: true, closes: false, text: 'Too many requests; wait.' },
  'console-unreachable': { retryable: true, closes: false, text: 'No console answers at the address.' },
  'state-unusable': { retryable: true, closes: false, text: 'The state folder cannot be used.' },
  'medium-unreadable': { retryable: true, closes: false, text: 'The medium could not be read.' },
  'seal-refused': {
    retryable: false,
    closes: false,
    text: 'The seal is not one that counts for this medium.',
  },
  'no-place-for-seal': {
    retryable: false,
    closes: false,
    text: 'The medium has no place where a seal would last.',
  },
  'grant-refused': { retryable: false, closes: false, text: 'The code is not good for this medium.' },
  'control-unavailable': {
    retryable: true,
    closes: false,
    text: 'This kernel does not let media be controlled.',
  },
  'spreadsheet-refused': {
    retryable: false,
    closes: false,
    text: 'The spreadsheet has rows that may not be.',
  },
  'beyond-ceiling': { retryable: false, closes: false, text: 'The ceiling does not allow it.' },
  'ceiling-refused': {
    retryable: false,
    closes: false,
    text: 'The ceiling is not signed by enough of its keys, or is older.',
  },
  'signer-unavailable': { retryable: true, closes: false, text: 'The signing process does not answer.' },
  'second-person-needed': { retryable: false, closes: false, text: 'A second person must agree.' },
  'second-factor-needed': { retryable: false, closes: false, text: 'A second factor is asked for.' },
  'account-disabled': { retryable: false, closes: false, text: 'The account is disabled.' },
  'role-conflict': { retryable: false, closes: false, text: 'One person may not hold both roles.' },
  'identity-conflict': { retryable: false, closes: true, text: 'Another computer uses this identity.' },
  'certificate-revoked': { retryable: false, closes: true, text: 'The certificate was revoked.' },
  'renewal-refused': {
    retryable: false,
    closes: false,
    text: 'The certificate cannot be renewed like this.',
  },
  'removal-refused': {
    retryable: false,
    closes: false,
    text: 'The agent may not be removed without a code that is good.',
  },
  'bundle-refused': {
    retryable: false,
    closes: false,
    text: 'The bundle is not one that this end can take.',
  },
  'forward-failed': { retryable: true, closes: false, text: 'The message could not be forwarded.' },
  'backup-refused': {
    retryable: false,
    closes: false,
    text: 'The backup is not one that can be restored here.',
  },
  'log-altered': { retryable: false, closes: false, text: 'The log was altered.' },
  'certificate-foreign': {
    retryable: false,
    closes: false,
    text: 'The certificate was not issued here for this account.',
  },
  'certificate-expired': { retryable: false, closes: false, text: 'The certificate is not in its time.' },
  'password-used-before': { retryable: false, closes: false, text: 'The password was used before.' },
  'password-too-new': {
    retryable: false,
    closes: false,
    text: 'The password was changed too short a time ago.',
  },
  'password-leaked': {
    retryable: false,
    closes: false,
    text: 'The password stands in a list of passwords that leaked.',
  },
  'number-taken': { retryable: false, closes: false, text: 'The number is taken.' },
  'entry-refused': { retryable: false, closes: false, text: 'The entry has fields that may not be.' },
  'demonstration-only': {
    retryable: false,
    closes: false,
    text: 'This console is a demonstration, and watches no real computer.',
  },
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>

/** An operating error: something outside this program was not as it should be. A broken invariant is an `assert`. */
export class ShoukouError extends Error {
  readonly code: ErrorCode
  readonly context: ErrorContext

  constructor(code: ErrorCode, message?: string, more: { context?: ErrorContext; cause?: unknown } = {}) {
    super(message ?? ERROR_CODES[code].text, more.cause === undefined ? {} : { cause: more.cause })
    this.name = 'ShoukouError'
    this.code = code
    this.context = more.context ?? {}
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable
  }
}

/** Issues a certificate for an account from the request of its USB key, and revokes it. */
import { ShoukouError } from '@shoukou/protocol'
import { issueAccountCertificate } from '../../pki/account-certificates.ts'
import type { KeyAndCertificate } from '../../pki/authority.ts'
import type { Store } from '../../store/ports.ts'
import type { CertificateRow } from '../../store/sign-in-ports.ts'
import { ACCOUNT_LIMITS } from './limits.ts'

export interface CertificateAsked {
  readonly account: string
  /** PKCS #10, PEM. */
  readonly request: string
  readonly reason: string
}

export interface IssuedCertificate {
  readonly row: CertificateRow
  /** PEM: to be put on the USB key beside its private key. */
  readonly certificate: string
}

/**
 * Issues it, and enters it in the register.
 *
 * @throws ShoukouError `not-found` where there is no such account, `request-refused`, `limit-exceeded`.
 */
export async function issueCertificate(
  store: Store,
  authority: KeyAndCertificate,
  asked: CertificateAsked,
  by: { readonly account: string; readonly now: number },
): Promise<IssuedCertificate> {
  if ((await store.account(asked.account)) === null) {
    throw new ShoukouError('not-found', 'No account has this name; check it.')
  }
  if (asked.request.length > ACCOUNT_LIMITS.certificateRequestCharactersMax) {
    throw new ShoukouError('limit-exceeded', 'This is larger than any certificate request.')
  }
  if ((await store.certificates(asked.account)).length >= ACCOUNT_LIMITS.certificatesPerAccountMax) {
    throw new ShoukouError('limit-exceeded', 'This account had too many certificates; use a new account.')
  }
  const made = await issueAccountCertificate(authority, {
    account: asked.account,
    pem: asked.request,
    now: by.now,
  })
  const row: CertificateRow = {
    serial: made.serial,
    account: asked.account,
    fingerprint: made.fingerprint,
    issuedAt: by.now,
    issuedBy: by.account,
    reason: asked.reason,
    expiresAt: made.expiresAt,
    revokedAt: null,
    revokedBy: null,
    revokedWhy: null,
  }
  await store.addCertificate(row)
  return { row, certificate: made.certificate }
}

/**
 * Revokes it and ends the sessions that it opened; returns their ids.
 *
 * @throws ShoukouError `not-found` where there is none, or it was revoked already.
 */
export async function revokeCertificate(
  store: Store,
  serial: string,
  by: { readonly account: string; readonly reason: string; readonly now: number },
): Promise<readonly string[]> {
  const ended = await store.revokeCertificate(serial, { at: by.now, account: by.account, reason: by.reason })
  if (ended !== null) return ended
  throw new ShoukouError('not-found', 'There is no such certificate, or it was revoked already.')
}

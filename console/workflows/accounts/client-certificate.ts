/**
 * What a client certificate that a browser shows is worth at sign-in.
 *
 * The handshake has proven that whoever shows it holds its key; everything else is decided here: this console's own
 * authority, a purpose of its own, in the register, not revoked, in its time, and of the account that signs in. What a
 * certificate is refused for is said plainly: it is no secret from whoever holds it.
 */
import type { X509Certificate } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'
import { certificateFingerprint, isForAccounts, isIssuedBy } from '../../pki/account-certificates.ts'
import type { Store } from '../../store/ports.ts'
import type { CertificateRow } from '../../store/sign-in-ports.ts'

export interface CertificateJudge {
  readonly store: Store
  readonly authority: X509Certificate
  readonly now: () => number
}

/**
 * Returns the register's entry of the certificate that is shown for an account; null where none is shown.
 *
 * @throws ShoukouError `certificate-foreign` where it is not this console's, is no account's or is another account's,
 * `certificate-revoked`, `certificate-expired`.
 */
export async function judgeCertificate(
  { store, authority, now }: CertificateJudge,
  shown: X509Certificate | null,
  account: string,
): Promise<CertificateRow | null> {
  if (shown === null) return null
  if (!isIssuedBy(shown, authority)) {
    throw foreign('was not issued by this console; show the USB key that was', 'certificate-foreign')
  }
  if (!isForAccounts(shown)) {
    throw foreign('is a computer’s, and opens no session', 'certificate-not-for-accounts')
  }
  const row = await store.certificate(shown.serialNumber)
  if (row === null || row.fingerprint !== certificateFingerprint(shown)) {
    throw foreign('is not in the register; ask the system administrator', 'certificate-unknown')
  }
  if (row.revokedAt !== null) {
    throw new ShoukouError(
      'certificate-revoked',
      'The certificate on the USB key was revoked; ask the system administrator for another one.',
      { context: { why: 'certificate-revoked' } },
    )
  }
  if (shown.validToDate.getTime() <= now() || shown.validFromDate.getTime() > now()) {
    throw new ShoukouError(
      'certificate-expired',
      'The certificate on the USB key is not in its time; ask the system administrator for another one.',
      { context: { why: 'certificate-expired' } },
    )
  }
  if (row.account !== account) {
    throw foreign(
      'belongs to another account; take it out, or sign in as its owner',
      'certificate-of-another',
    )
  }
  return row
}

function foreign(words: string, why: string): ShoukouError {
  return new ShoukouError('certificate-foreign', `The certificate on the USB key ${words}.`, {
    context: { why },
  })
}

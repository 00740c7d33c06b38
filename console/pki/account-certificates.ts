/**
 * Client certificates of accounts: made for a key that never leaves its USB key, from the request that the USB key signed.
 *
 * They carry a purpose of their own beside TLS client authentication. An agent's certificate is the same authority's and
 * lacks it: it never opens a session, and these never speak for an agent.
 */
import 'reflect-metadata'
import { createHash, type webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { issue, type KeyAndCertificate, parseRequest, refused } from './authority.ts'

/** Under the arc of UUIDs (ITU-T X.667), which needs no registration. */
export const ACCOUNT_PURPOSE = '2.25.3956536520031744181674423284689502831'

export interface AccountCertificate {
  /** PEM. */
  readonly certificate: string
  /** Upper-case hex, as Node names a peer's. */
  readonly serial: string
  readonly fingerprint: string
  readonly expiresAt: number
}

/** As long as an account's training and its USB key are looked at again: a year. */
const accountDays = 365
const curves = new Set(['P-256', 'P-384'])
const rsaBits = { min: 2_048, max: 4_096 } as const

/**
 * Signs an account's request. The subject is the console's to give; of the request only the key counts.
 *
 * @throws ShoukouError `request-refused` where it is not a PKCS #10 request in PEM, not signed by its own key, or its key
 * is neither P-256, P-384 nor RSA of 2048 to 4096 bits.
 */
export async function issueAccountCertificate(
  authority: KeyAndCertificate,
  request: { readonly account: string; readonly pem: string; readonly now: number },
): Promise<AccountCertificate> {
  const parsed = parseRequest(request.pem)
  if (!isGoodKey(parsed.publicKey.algorithm)) {
    throw refused('its key is neither on P-256 or P-384 nor RSA of 2048 to 4096 bits')
  }
  if (!(await isSignedByItself(parsed))) throw refused('it is not signed by its own key')
  const made = await issue(authority, {
    publicKey: await parsed.publicKey.export(),
    name: request.account,
    days: accountDays,
    now: request.now,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, ACCOUNT_PURPOSE])],
  })
  const pem = made.toString('pem')
  const certificate = new X509Certificate(pem)
  return {
    certificate: pem,
    serial: certificate.serialNumber,
    fingerprint: certificateFingerprint(certificate),
    expiresAt: certificate.validToDate.getTime(),
  }
}

/** Returns the SHA-256 of a certificate (DER), base64url. */
export function certificateFingerprint(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url')
}

/** Reports whether a certificate is signed by an authority, whatever its time and purpose. */
export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}

/** Reports whether a certificate is meant for an account's sign-in. */
export function isForAccounts(certificate: X509Certificate): boolean {
  // Undefined where it names no purpose at all.
  return (certificate.keyUsage as readonly string[] | undefined)?.includes(ACCOUNT_PURPOSE) === true
}

async function isSignedByItself(parsed: x509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await parsed.verify()
  } catch (cause) {
    throw refused('its signature cannot be checked', cause)
  }
}

function isGoodKey(algorithm: webcrypto.Algorithm): boolean {
  const { name, namedCurve, modulusLength } = algorithm as Partial<
    webcrypto.EcKeyAlgorithm & webcrypto.RsaHashedKeyAlgorithm
  >
  if (name === 'ECDSA') return namedCurve !== undefined && curves.has(namedCurve)
  if (name?.startsWith('RSA') !== true || modulusLength === undefined) return false
  return modulusLength >= rsaBits.min && modulusLength <= rsaBits.max
}

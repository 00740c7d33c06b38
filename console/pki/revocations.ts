/**
 * The list of revoked certificates (RFC 5280 §5) as TLS takes it: a handshake with one of them ends before a byte of the
 * application.
 *
 * It never runs out while the authority holds: a console whose clock was set back or forward must not lock every agent out.
 */
import 'reflect-metadata'
import { webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { KeyAndCertificate } from './authority.ts'

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Makes the list, PEM. Serials are hex, as Node names them. */
export async function revocationList(
  authority: KeyAndCertificate,
  serials: readonly string[],
  now: number,
): Promise<string> {
  const issuer = new X509Certificate(authority.certificate)
  const from = issuer.validFromDate
  const der = x509.PemConverter.decodeFirst(authority.key)
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(authority.certificate).subject,
    thisUpdate: from,
    nextUpdate: issuer.validToDate,
    signingAlgorithm: keyAlgorithm,
    signingKey: await webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign']),
    entries: serials.map((serialNumber) => ({
      serialNumber,
      revocationDate: new Date(Math.max(now, from.getTime())),
    })),
  })
  return x509.PemConverter.encode(list.rawData, 'X509 CRL')
}

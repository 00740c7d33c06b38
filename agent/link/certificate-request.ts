/** Makes the agent's key pair and the request for its certificate (PKCS #10). The key stays on this computer. */
import 'reflect-metadata'
import { createPrivateKey, createPublicKey, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface KeyAndRequest {
  /** PKCS #8, PEM. */
  readonly key: string
  /** PKCS #10, PEM. */
  readonly request: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Makes a P-256 key and a request signed with it. Who the agent is, the console says: the request names nobody. */
export async function makeKeyAndRequest(): Promise<KeyAndRequest> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=shoukou-agent',
    keys,
    signingAlgorithm: algorithm,
  })
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const lines = key.match(/.{1,64}/g) ?? []
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`,
    request: request.toString('pem'),
  }
}

/** Reports whether a certificate is for this private key and signed by this authority. */
export function isCertificateFor(certificatePem: string, keyPem: string, authorityPem: string): boolean {
  const certificate = new X509Certificate(certificatePem)
  const authority = new X509Certificate(authorityPem)
  const ours = createPublicKey(createPrivateKey(keyPem))
  return (
    certificate.checkPrivateKey(createPrivateKey(keyPem)) &&
    ours.asymmetricKeyType === 'ec' &&
    isIssuedBy(certificate, authority)
  )
}

/** Reports whether a certificate was issued and signed by an authority. */
export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}

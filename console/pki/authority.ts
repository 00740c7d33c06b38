/**
 * The console's own certificate authority: a P-256 root that never leaves the data folder, a server certificate for
 * web and agents, and a client certificate for each agent. RFC 5280; no public authority takes part.
 */
import 'reflect-metadata'
import { createHash, createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'
import { ShoukouError } from '@shoukou/protocol'
import { readRequestKey } from './request-key.ts'

type CryptoKey = webcrypto.CryptoKey

x509.cryptoProvider.set(webcrypto)

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000
/** Computers without a network set their clocks by hand: a certificate is good a little before it was made. */
const backdated = 2 * day
/** An authority can't be made anew when its clock proves to have been ahead: it is good from before this program was. */
const authorityFrom = Date.UTC(2020, 0, 1)
const authorityDays = 20 * 365
const serverDays = 3 * 365
/** As enrolment has it where nothing else is said. */
const agentDays = 90

export interface KeyAndCertificate {
  /** PEM, both; the key is PKCS #8. */
  readonly key: string
  readonly certificate: string
}

/** Makes a new authority. */
export async function createAuthority(name: string, now: number): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    notBefore: new Date(Math.min(authorityFrom, now - backdated)),
    notAfter: new Date(now + authorityDays * day),
    signingAlgorithm: keyAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: await privateKeyPem(keys.privateKey), certificate: certificate.toString('pem') }
}

/** Makes a server certificate for host names and addresses, signed by the authority. */
export async function issueServerCertificate(
  authority: KeyAndCertificate,
  names: readonly string[],
  now: number,
): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const certificate = await issue(authority, {
    publicKey: keys.publicKey,
    name: 'Shoukou console',
    days: serverDays,
    now,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
    ],
  })
  return { key: await privateKeyPem(keys.privateKey), certificate: certificate.toString('pem') }
}

/**
 * Signs an agent's certificate request. The subject is the console's to give; of the request only the key counts.
 *
 * @throws ShoukouError `request-refused` where it is not a PKCS #10 request, not signed by its own key, or not P-256.
 */
export async function issueAgentCertificate(
  authority: KeyAndCertificate,
  request: { readonly agent: string; readonly pem: string; readonly now: number; readonly days?: number },
): Promise<{ readonly certificate: string; readonly serial: string }> {
  const publicKey = await readRequestKey(request.pem)
  const certificate = await issue(authority, {
    publicKey,
    name: request.agent,
    days: request.days ?? agentDays,
    now: request.now,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  })
  const pem = certificate.toString('pem')
  return { certificate: pem, serial: serialOf(pem) }
}

/** Returns SHA-256 (hex) of the public key (SPKI) of a certificate, PEM. */
export function keyHashOf(certificatePem: string): string {
  return hashOfKey(new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' }))
}

/** Returns the same of a request's key. @throws ShoukouError `request-refused` where it is not a PKCS #10 request. */
export async function requestKeyHash(requestPem: string): Promise<string> {
  return hashOfKey(Buffer.from(parseRequest(requestPem).publicKey.rawData))
}

/** Returns when a certificate runs out, Unix ms. */
export function notAfterOf(certificatePem: string): number {
  return new X509Certificate(certificatePem).validToDate.getTime()
}

/** Returns a certificate's serial number as Node names a peer's: upper-case hex. */
export function serialOf(certificatePem: string): string {
  return new X509Certificate(certificatePem).serialNumber
}

/** Returns the SHA-256 of a certificate (DER), base64url: what an enrolment token carries. */
export function fingerprintOf(certificatePem: string): string {
  return createHash('sha256').update(new X509Certificate(certificatePem).raw).digest('base64url')
}

/**
 * Reports whether a server certificate still serves: it is this authority's and this key's, good at this moment (a
 * clock may have been set back since it was made), all names in it, and a third of its life left.
 */
export function serves(
  { key, certificate: pem }: KeyAndCertificate,
  authority: KeyAndCertificate,
  { names, now }: { readonly names: readonly string[]; readonly now: number },
): boolean {
  const certificate = new X509Certificate(pem)
  if (!belongsTo(certificate, key)) return false
  if (!certificate.verify(new X509Certificate(authority.certificate).publicKey)) return false
  if (certificate.validFromDate.getTime() > now) return false
  if (certificate.validToDate.getTime() - now < (serverDays / 3) * day) return false
  return names.every((name) =>
    isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
  )
}

/** Reports whether a key is the one of a certificate, both PEM. */
export function isPair({ key, certificate }: KeyAndCertificate): boolean {
  return belongsTo(new X509Certificate(certificate), key)
}

function hashOfKey(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex')
}

function belongsTo(certificate: X509Certificate, key: string): boolean {
  return certificate.checkPrivateKey(createPrivateKey(key))
}

export interface Issue {
  readonly publicKey: CryptoKey
  readonly name: string
  readonly days: number
  readonly now: number
  readonly extensions: readonly x509.Extension[]
}

/** Makes a certificate for a key that is somebody's. For the makers of each kind, which say what it may be used for. */
export async function issue(authority: KeyAndCertificate, wanted: Issue): Promise<x509.X509Certificate> {
  const issuer = new x509.X509Certificate(authority.certificate)
  return x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [wanted.name] }],
    issuer: issuer.subject,
    notBefore: new Date(wanted.now - backdated),
    notAfter: new Date(Math.min(wanted.now + wanted.days * day, issuer.notAfter.getTime())),
    signingAlgorithm: keyAlgorithm,
    publicKey: wanted.publicKey,
    signingKey: await importPrivateKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...wanted.extensions,
    ],
  })
}

/** Reads a PKCS #10 request. @throws ShoukouError `request-refused`. */
export function parseRequest(pem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(pem)
  } catch (cause) {
    throw refused('it is not a PKCS #10 request', cause)
  }
}

/** Words a request that is not acceptable. */
export function refused(why: string, cause?: unknown): ShoukouError {
  return new ShoukouError('request-refused', `The certificate request is not acceptable: ${why}.`, { cause })
}

/** 16 random bytes, positive (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  return serial.toString('hex')
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

async function importPrivateKey(pem: string): Promise<CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem)
  return webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign'])
}

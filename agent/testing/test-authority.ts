/** Real certificates for tests: an authority, a server's, and agents' made from their requests. */
import 'reflect-metadata'
import { createHash, generateKeyPairSync, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import {
  type Baseline,
  DEFAULT_POLICY_SETTINGS,
  type Envelope,
  type Policy,
  type PolicySettings,
  signEnvelope,
} from '@shoukou/protocol'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

type Keys = Awaited<ReturnType<typeof makeKeys>>

function makeKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function pemOf(keys: Keys): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`
}

export interface TestAuthority {
  readonly certificate: string
  readonly fingerprint: string
  readonly policyKey: { readonly privateKey: string; readonly publicKey: string }
  server(names: readonly string[]): Promise<{ key: string; cert: string }>
  agent(requestPem: string): Promise<string>
  policy(agent: string, version: number, settings?: Partial<PolicySettings>): Envelope
}

export const emptyBaseline: Baseline = { takenAtMs: 1, usb: [], disks: [], interfaces: [] }

export async function makeTestAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0])
  const keys = await makeKeys()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test authority',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 10 * day),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  const issue = (publicKey: x509.PublicKeyType, subject: string, extensions: x509.Extension[]) =>
    x509.X509CertificateGenerator.create({
      serialNumber: randomBytes(8).toString('hex'),
      subject,
      issuer: root.subject,
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + 5 * day),
      extensions,
    })
  const certificate = root.toString('pem')
  const pair = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return {
    certificate,
    fingerprint: createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url'),
    policyKey: pair,
    async server(names) {
      const own = await makeKeys()
      const leaf = await issue(own.publicKey, 'CN=Test console', [
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      ])
      return { key: await pemOf(own), cert: `${leaf.toString('pem')}\n${certificate}` }
    },
    async agent(requestPem) {
      const request = new x509.Pkcs10CertificateRequest(requestPem)
      return (await issue(request.publicKey, 'CN=agent', [])).toString('pem')
    },
    policy(agent, version, settings = {}) {
      const policy: Policy = {
        v: 1,
        agent,
        computer: 'JM-0001',
        version,
        issuedAtMs: 1,
        settings: { ...DEFAULT_POLICY_SETTINGS, ...settings },
        baseline: emptyBaseline,
      }
      return signEnvelope('policy', Buffer.from(JSON.stringify(policy)), pair.privateKey)
    },
  }
}

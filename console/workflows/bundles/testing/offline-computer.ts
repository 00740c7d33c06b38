/** For tests: a computer that no network reaches, as far as the console can tell: its key, its request, its records. */
import 'reflect-metadata'
import { randomUUID, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { encodeRecord, makeSealingKey, PRODUCT_VERSION } from '@shoukou/protocol'

/** Makes a key and the request file that `enroll --request-to` writes. */
export async function makeRequest(): Promise<{ key: string; file: Buffer }> {
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0])
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=shoukou-agent',
    keys,
    signingAlgorithm: algorithm,
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const file = Buffer.from(
    JSON.stringify({
      v: 1,
      type: 'enrolment-request',
      request: randomUUID(),
      certificateRequest: request.toString('pem'),
      agentVersion: PRODUCT_VERSION,
      hostname: 'alone',
      baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [] },
      sealTo: makeSealingKey().publicKey,
    }),
  )
  const key = `-----BEGIN PRIVATE KEY-----\n${(der.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`
  return { key, file }
}

/** One record of that computer: a medium's worth of nothing in particular, told by its number. */
export function recordOf(agent: string, epoch: string, seq: number, name = `package ${seq}`): Buffer {
  return encodeRecord({
    v: 1,
    agent,
    epoch,
    seq,
    wallMs: 1_790_000_000_000 + seq,
    bootMs: seq,
    bootId: `boot ${name}`.slice(0, 64),
    agentVersion: PRODUCT_VERSION,
    policyVersion: 1,
    level: 'confidential',
    networkMode: 'standalone',
    sensor: 'agent',
    fact: { kind: 'policy.applied', version: 1, digest: 'a'.repeat(64) },
    decision: null,
  })
}

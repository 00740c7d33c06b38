import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createAuthority,
  fingerprintOf,
  issueAgentCertificate,
  issueServerCertificate,
  serves,
} from './authority.ts'
import { openKeys } from './key-store.ts'

const now = Date.now()
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-pki-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A request as another program makes it. */
async function opensslRequest(curve: string): Promise<string> {
  const key = join(folder, 'k.pem')
  execFileSync('openssl', ['ecparam', '-name', curve, '-genkey', '-noout', '-out', key], { stdio: 'ignore' })
  execFileSync('openssl', ['req', '-new', '-key', key, '-subj', '/CN=whoever', '-out', join(folder, 'r.pem')])
  return readFile(join(folder, 'r.pem'), 'utf8')
}

describe('the authority', () => {
  it('signs certificates that hold by themselves', async () => {
    const authority = await createAuthority('Unit 守口', now)
    const root = new X509Certificate(authority.certificate)
    expect(root.ca).toBe(true)
    expect(root.verify(root.publicKey)).toBe(true)
    const server = await issueServerCertificate(authority, ['localhost', '10.0.2.100'], now)
    const leaf = new X509Certificate(server.certificate)
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true)
    expect(leaf.checkIP('10.0.2.100')).toBe('10.0.2.100')
    expect(leaf.checkHost('elsewhere')).toBeUndefined()
  })

  it('gives an agent its own name, whatever the request calls itself', async () => {
    const authority = await createAuthority('Unit', now)
    const issued = await issueAgentCertificate(authority, {
      agent: 'agent-7',
      pem: await opensslRequest('prime256v1'),
      now,
    })
    const certificate = new X509Certificate(issued.certificate)
    expect(certificate.subject).toBe('CN=agent-7')
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(issued.serial).toBe(certificate.serialNumber)
  })

  it('refuses another curve, a broken signature and what is no request', async () => {
    const authority = await createAuthority('Unit', now)
    const ask = (pem: string) => issueAgentCertificate(authority, { agent: 'a', pem, now })
    await expect(ask(await opensslRequest('secp384r1'))).rejects.toMatchObject({ code: 'request-refused' })
    await expect(ask('-----BEGIN NONSENSE-----')).rejects.toMatchObject({ code: 'request-refused' })
    const der = Buffer.from((await opensslRequest('prime256v1')).replace(/-----[^-]+-----|\s/g, ''), 'base64')
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
    const broken = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    await expect(ask(broken)).rejects.toMatchObject({ code: 'request-refused' })
  })

  it('renews a server certificate that lacks a name or nears its end', async () => {
    const authority = await createAuthority('Unit', now)
    const { certificate } = await issueServerCertificate(authority, ['localhost'], now)
    expect(serves(certificate, ['localhost'], now)).toBe(true)
    expect(serves(certificate, ['localhost', 'console.lan'], now)).toBe(false)
    expect(serves(certificate, ['localhost'], now + 2.1 * 365 * 86_400_000)).toBe(false)
  })
})

describe('the console’s keys', () => {
  it('are made once, kept, and readable by their owner alone', async () => {
    const first = await openKeys(folder, 'Unit', ['localhost'], now)
    const second = await openKeys(folder, 'Unit', ['localhost'], now)
    expect(second).toEqual(first)
    expect(fingerprintOf(first.authority.certificate)).toMatch(/^[\w-]{43}$/)
    for (const name of ['authority.key', 'server.key', 'policy.key']) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    }
  })

  it('are not made anew where the authority’s key is lost', async () => {
    await openKeys(folder, 'Unit', ['localhost'], now)
    await rm(join(folder, 'authority.key'))
    await expect(openKeys(folder, 'Unit', ['localhost'], now)).rejects.toThrow(/restore it from the backup/)
  })
})

import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
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
    const server = await issueServerCertificate(authority, ['localhost'], now)
    const names = ['localhost']
    expect(serves(server, authority, { names, now })).toBe(true)
    expect(serves(server, authority, { names: [...names, 'console.lan'], now })).toBe(false)
    expect(serves(server, authority, { names, now: now + 2.1 * 365 * 86_400_000 })).toBe(false)
  })

  it('renews a server certificate that is not good yet, not its key’s, or another authority’s', async () => {
    const authority = await createAuthority('Unit', now)
    const names = ['localhost']
    const server = await issueServerCertificate(authority, names, now)
    const other = await issueServerCertificate(authority, names, now)
    const foreign = await createAuthority('Unit', now)
    const yearBefore = now - 365 * 86_400_000
    expect(serves(server, authority, { names, now: yearBefore })).toBe(false)
    expect(serves({ ...server, key: other.key }, authority, { names, now })).toBe(false)
    expect(serves(server, foreign, { names, now })).toBe(false)
    // The authority itself is never renewed, so it must be good whatever clock it was made under.
    expect(new X509Certificate(authority.certificate).validFromDate.getTime()).toBeLessThan(yearBefore)
  })
})

describe('the console’s keys', () => {
  it('are made once, kept, and readable by their owner alone', async () => {
    const first = await openKeys(folder, 'Unit', ['localhost'], now)
    const second = await openKeys(folder, 'Unit', ['localhost'], now)
    expect(second).toEqual(first)
    expect(fingerprintOf(first.authority.certificate)).toMatch(/^[\w-]{43}$/)
    for (const name of ['authority.key', 'server.key', 'receipt.key', 'grant.key']) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    }
  })

  it('get a grant key where a console before media control had none, and lose nothing else by it', async () => {
    const first = await openKeys(folder, 'Unit', ['localhost'], now)
    await rm(join(folder, 'grant.key'))
    const second = await openKeys(folder, 'Unit', ['localhost'], now)
    expect(second.grantKey).toHaveLength(32)
    expect(second).toEqual({ ...first, grantKey: second.grantKey })
    await writeFile(join(folder, 'grant.key'), 'c2hvcnQ=')
    await expect(openKeys(folder, 'Unit', ['localhost'], now)).rejects.toThrow(/grant.key is damaged/)
  })

  it('go on under the same authority when a name is added, also after an end between key and certificate', async () => {
    const first = await openKeys(folder, 'Unit', ['localhost'], now)
    const named = await openKeys(folder, 'Unit', ['localhost', 'console.lan'], now)
    expect(named.authority).toEqual(first.authority)
    expect(new X509Certificate(named.server.certificate).checkHost('console.lan')).toBe('console.lan')
    await writeFile(join(folder, 'server.key'), first.server.key)
    const mended = await openKeys(folder, 'Unit', ['localhost'], now)
    expect(
      new X509Certificate(mended.server.certificate).checkPrivateKey(createPrivateKey(mended.server.key)),
    ).toBe(true)
  })

  it('are refused where the authority’s key is another one’s', async () => {
    await openKeys(folder, 'Unit', ['localhost'], now)
    await writeFile(join(folder, 'authority.key'), (await createAuthority('Other', now)).key)
    await expect(openKeys(folder, 'Unit', ['localhost'], now)).rejects.toThrow(
      /is not the key of authority.crt/,
    )
  })

  it('are not made anew where the authority’s key is lost', async () => {
    await openKeys(folder, 'Unit', ['localhost'], now)
    await rm(join(folder, 'authority.key'))
    await expect(openKeys(folder, 'Unit', ['localhost'], now)).rejects.toThrow(/restore it from the backup/)
  })
})

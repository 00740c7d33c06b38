import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type EnrolmentAnswer, type EnrolmentRequest, formatEnrolmentToken } from '@shoukou/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readFileIfThere } from '../base/atomic-file.ts'
import { stateFolder } from '../base/state-folder.ts'
import { takeStateLock } from '../base/state-lock.ts'
import { createJournal } from '../journal/epoch-folder.ts'
import { makeFolderForTest } from '../testing/journal-bench.ts'
import { emptyBaseline, makeTestAuthority, type TestAuthority } from '../testing/test-authority.ts'
import { type EnrolOptions, enrol, parseConsoleUrl } from './enrol.ts'
import { readIdentity } from './identity.ts'

const secret = 'A'.repeat(43)

type Answer = (request: EnrolmentRequest) => Promise<{ status: number; body: unknown }>

async function startEnrolmentServer(
  authority: TestAuthority,
  more: Partial<EnrolmentAnswer> = {},
  answer?: Answer,
) {
  const requests: EnrolmentRequest[] = []
  let bytesHeard = 0
  const server = createServer(await authority.server(['localhost']), (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    const reply = async () => {
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as EnrolmentRequest
      requests.push(body)
      const agent = 'agent-1'
      const told = (await answer?.(body)) ?? {
        status: 200,
        body: {
          v: 1,
          agent,
          computer: 'JM-0001',
          certificate: await authority.agent(body.certificateRequest),
          authority: authority.certificate,
          policyKey: authority.policyKey.publicKey,
          policy: authority.policy(agent, 1),
          agentPort: 9,
          ...more,
        },
      }
      response.writeHead(told.status, { 'content-type': 'application/json' }).end(JSON.stringify(told.body))
    }
    request.on('end', () => void reply())
  })
  server.on('secureConnection', (socket) => socket.on('data', (data: Buffer) => (bytesHeard += data.length)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    requests,
    heard: () => bytesHeard,
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
  }
}

async function optionsFor(
  url: string,
  fingerprint: string,
  more: Partial<EnrolOptions> = {},
): Promise<EnrolOptions> {
  return {
    consoleUrl: url,
    token: formatEnrolmentToken({ secret, authorityFingerprint: fingerprint }),
    stateDir: await makeFolderForTest(),
    takeBaseline: () => Promise.resolve(emptyBaseline),
    makeJournal: createJournal,
    ...more,
  }
}

describe('enrolment', () => {
  it('makes a key that stays here, and an identity that is whole', async () => {
    const authority = await makeTestAuthority()
    const server = await startEnrolmentServer(authority)
    const options = await optionsFor(server.url, authority.fingerprint)
    expect(await enrol(options)).toMatchObject({
      agent: 'agent-1',
      computer: 'JM-0001',
      policyVersion: 1,
      setAside: null,
    })
    const folder = stateFolder(options.stateDir)
    const identity = await readIdentity(folder)
    if (identity === null) throw new Error('not enrolled')
    expect((await stat(folder.keyFile)).mode & 0o777).toBe(0o600)
    expect(createPrivateKey(identity.key).asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
    expect(new X509Certificate(identity.certificate).checkPrivateKey(createPrivateKey(identity.key))).toBe(
      true,
    )
    expect(JSON.stringify(server.requests)).not.toContain('PRIVATE')
    expect((await readdir(folder.journal)).length).toBe(1)
  })

  it('sends not one byte to a console that is not the one the token names', async () => {
    const [ours, theirs] = await Promise.all([makeTestAuthority(), makeTestAuthority()])
    const server = await startEnrolmentServer(theirs)
    await expect(enrol(await optionsFor(server.url, ours.fingerprint))).rejects.toMatchObject({
      code: 'authority-mismatch',
    })
    expect(server.heard()).toBe(0)
  })

  it('refuses a console whose certificate is for another name', async () => {
    const authority = await makeTestAuthority()
    const server = await startEnrolmentServer(authority)
    const url = server.url.replace('localhost', '127.0.0.1')
    await expect(enrol(await optionsFor(url, authority.fingerprint))).rejects.toMatchObject({
      code: 'authority-mismatch',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    expect(server.requests).toEqual([])
  })

  it('passes on why the console refused a token, escaped', async () => {
    const authority = await makeTestAuthority()
    const refuse: Answer = () =>
      Promise.resolve({
        status: 403,
        body: { error: { code: 'token-refused', message: 'Used \u001b[31m.', retryable: false } },
      })
    const server = await startEnrolmentServer(authority, {}, refuse)
    const options = await optionsFor(server.url, authority.fingerprint)
    await expect(enrol(options)).rejects.toMatchObject({
      code: 'token-refused',
      message: expect.stringMatching(/^Used \\u\{001b\}/),
    })
    expect(await readIdentity(stateFolder(options.stateDir))).toBeNull()
  })

  it.each([
    [
      'a certificate for another key',
      async (a: TestAuthority) => ({ certificate: a.certificate }),
      'request-refused',
    ],
    [
      'a policy that another key signed',
      async () => ({ policy: (await makeTestAuthority()).policy('agent-1', 1) }),
      'policy-refused',
    ],
    [
      'a policy for another agent',
      async (a: TestAuthority) => ({ policy: a.policy('agent-2', 1) }),
      'policy-refused',
    ],
    ['an unknown field', async () => ({ surprise: true }) as never, 'malformed-frame'],
  ] as const)('stores nothing where the console answers with %s', async (_, wrong, code) => {
    const authority = await makeTestAuthority()
    const server = await startEnrolmentServer(authority, await wrong(authority))
    const options = await optionsFor(server.url, authority.fingerprint)
    await expect(enrol(options)).rejects.toMatchObject({ code })
    expect(await readdir(options.stateDir)).toEqual(['lock'])
  })

  it('goes over an existing identity only when told to, and sets everything of it aside', async () => {
    const authority = await makeTestAuthority()
    const server = await startEnrolmentServer(authority)
    const options = await optionsFor(server.url, authority.fingerprint)
    await enrol(options)
    const key = await readFile(stateFolder(options.stateDir).keyFile, 'utf8')
    await expect(enrol(options)).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('--force'),
    })
    const { witnessFile } = stateFolder(options.stateDir)
    await writeFile(witnessFile, 'the head of the log of the console before')
    const { setAside } = await enrol({ ...options, force: true })
    expect(await readFile(join(setAside ?? '', 'witness.json'), 'utf8')).toContain('console before')
    expect(await readFileIfThere(witnessFile)).toBeNull()
    expect(await readFile(join(setAside ?? '', 'identity', 'agent.key'), 'utf8')).toBe(key)
    expect(await readFile(stateFolder(options.stateDir).keyFile, 'utf8')).not.toBe(key)
    expect((await readdir(stateFolder(options.stateDir).journal)).length).toBe(1)
  })

  it('does not touch a folder on which an agent runs', async () => {
    const authority = await makeTestAuthority()
    const server = await startEnrolmentServer(authority)
    const options = await optionsFor(server.url, authority.fingerprint)
    const lock = takeStateLock(stateFolder(options.stateDir))
    await expect(enrol(options)).rejects.toMatchObject({ code: 'journal-locked' })
    lock.release()
    await enrol(options)
  })

  it.each(['http://console', 'console:8443', 'https://', 'nonsense'])('refuses %s as an address', (text) => {
    expect(() => parseConsoleUrl(text)).toThrowError(expect.objectContaining({ code: 'config-invalid' }))
  })
})

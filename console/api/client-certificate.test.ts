import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { issueAccountCertificate } from '../pki/account-certificates.ts'
import { createAuthority, issueAgentCertificate } from '../pki/authority.ts'
import { CSRF_HEADER, type ErrorAnswer } from './contract.ts'
import type { NewCertificateAnswer, OwnAccount, SignInForm, SignInRulesAnswer } from './contract-sign-in.ts'
import { renewTls } from './server.ts'
import { codeOf, startTestApi, TEST_PASSWORD, type TestApi } from './test-api.ts'

// Real handshakes with keys that openssl makes, beside whatever else the machine does.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let test: TestApi
let folder: string
let admin: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-usb-key-'))
  test = await startTestApi({ pace: { signInsPerMinute: 1_000 } })
  admin = await test.signIn('sys-admin')
})
afterAll(async () => {
  await test[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

interface UsbKey {
  readonly key: string
  readonly request: string
}

/** A key and its request, made as a USB key's own program makes them. */
async function usbKey(
  name: string,
  algorithm: readonly string[] = ['EC', 'ec_paramgen_curve:P-256'],
): Promise<UsbKey> {
  const [kind = '', option = ''] = algorithm
  const [keyPath, requestPath] = [join(folder, `${name}.key`), join(folder, `${name}.csr`)]
  const run = (...parameters: string[]) => execFileSync('openssl', parameters, { stdio: 'ignore' })
  run('genpkey', '-algorithm', kind, '-pkeyopt', option, '-out', keyPath)
  run('req', '-new', '-key', keyPath, '-subj', '/CN=somebody', '-out', requestPath)
  return { key: await readFile(keyPath, 'utf8'), request: await readFile(requestPath, 'utf8') }
}

const issue = (account: string, made: UsbKey) =>
  test.call('POST', '/api/account-certificates', {
    cookie: admin,
    body: { account, request: made.request, reason: 'new USB key' },
  })

interface Shown {
  readonly certificate: string
  readonly key: string
}

/** A browser of its own, with a USB key or without. */
function browserWith(shown: Shown | null) {
  const agent = new Agent({
    ca: test.keys.authority.certificate,
    ...(shown === null ? {} : { cert: shown.certificate, key: shown.key }),
  })
  const call = (method: string, path: string, { body, cookie }: { body?: object; cookie?: string } = {}) =>
    new Promise<{ status: number; json: unknown; cookie: string }>((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const sent = request(
        {
          host: '127.0.0.1',
          servername: 'localhost',
          port: test.port,
          agent,
          method,
          path,
          headers: {
            [CSRF_HEADER]: '1',
            ...(text === undefined ? {} : { 'content-type': 'application/json' }),
            ...(cookie === undefined ? {} : { cookie }),
          },
        },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              json: JSON.parse(Buffer.concat(parts).toString('utf8')),
              cookie: response.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '',
            }),
          )
        },
      )
      sent.on('error', reject)
      sent.end(text)
    })
  return {
    call,
    signIn: (name: string) => call('POST', '/api/session', { body: { name, password: TEST_PASSWORD } }),
    close: () => agent.destroy(),
  }
}

const refusal = (answer: { status: number; json: unknown }) => [
  answer.status,
  (answer.json as ErrorAnswer).error.code,
]

async function issued(account: string, name: string): Promise<Shown & { serial: string }> {
  const made = await usbKey(name)
  const answer = (await issue(account, made)).json as NewCertificateAnswer
  return { certificate: answer.certificate, key: made.key, serial: answer.item.serial }
}

describe('a certificate on a USB key', () => {
  it('is the second factor of its account: with it the password signs in, without it nothing does', async () => {
    const shown = await issued('li', 'li')
    const bare = browserWith(null)
    expect(refusal(await bare.signIn('li'))).toEqual([401, 'sign-in-refused'])
    const withKey = browserWith(shown)
    expect(((await withKey.call('GET', '/api/sign-in')).json as SignInForm).certificate).toBe(shown.serial)
    const signedIn = await withKey.signIn('li')
    expect(signedIn.json).toMatchObject({ name: 'li', signIn: { secondFactor: 'in-use' } })
    const account = await withKey.call('GET', '/api/account', { cookie: signedIn.cookie })
    expect((account.json as OwnAccount).sessions[0]?.factors).toEqual(['password', 'certificate'])
    // The cookie counts nowhere but where its key is: a copy of it is worth nothing, and ends it.
    expect((await bare.call('GET', '/api/session', { cookie: signedIn.cookie })).status).toBe(401)
    expect((await withKey.call('GET', '/api/session', { cookie: signedIn.cookie })).status).toBe(401)
    // Two refusals at most: the next sign-in makes them none again.
    expect((await withKey.signIn('li')).status).toBe(200)
    bare.close()
    withKey.close()
  })

  it('never replaces the password, and opens no other account', async () => {
    const shown = await issued('zhao', 'zhao')
    const withKey = browserWith(shown)
    const wrong = await withKey.call('POST', '/api/session', { body: { name: 'zhao', password: 'Wrong-1' } })
    expect(refusal(wrong)).toEqual([401, 'sign-in-refused'])
    expect(refusal(await withKey.signIn('wu'))).toEqual([403, 'certificate-foreign'])
    expect(refusal(await withKey.signIn('nobody'))).toEqual([403, 'certificate-foreign'])
    expect((await withKey.signIn('zhao')).status).toBe(200)
    const [newest] = (await test.store.actions({ limit: 10 })).filter(
      ({ action }) => action === 'sign-in-refused',
    )
    expect(newest?.detail).toBe('certificate-foreign: certificate-of-another')
    withKey.close()
  })

  it('is revoked at once: its sessions end, and it is refused by name', async () => {
    const shown = await issued('sun', 'sun')
    const withKey = browserWith(shown)
    const { cookie } = await withKey.signIn('sun')
    expect((await withKey.call('GET', '/api/session', { cookie })).status).toBe(200)
    const revoke = () =>
      test.call('POST', `/api/account-certificates/${shown.serial}/revoke`, {
        cookie: admin,
        body: { reason: 'lost' },
      })
    expect((await revoke()).json).toMatchObject({ revokedBy: 'wang', revokedWhy: 'lost' })
    expect((await withKey.call('GET', '/api/session', { cookie })).status).toBe(401)
    expect(refusal(await withKey.signIn('sun'))).toEqual([403, 'certificate-revoked'])
    expect(codeOf(await revoke())).toBe('not-found')
    // Nothing is left of it: the password alone signs in again.
    const bare = browserWith(null)
    expect((await bare.signIn('sun')).status).toBe(200)
    bare.close()
    withKey.close()
  })

  it('is refused past its end', async () => {
    const made = await usbKey('old')
    const old = await issueAccountCertificate(test.keys.authority, {
      account: 'zhou',
      pem: made.request,
      now: test.clock.now - 366 * 86_400_000,
    })
    await test.store.addCertificate({
      ...old,
      account: 'zhou',
      issuedAt: 0,
      issuedBy: 'wang',
      reason: '',
      revokedAt: null,
      revokedBy: null,
      revokedWhy: null,
    })
    const withKey = browserWith({ certificate: old.certificate, key: made.key })
    expect(refusal(await withKey.signIn('zhou'))).toEqual([403, 'certificate-expired'])
    withKey.close()
  })

  it.each(['an agent’s', 'another authority’s', 'one that is in no register', 'its own signer’s'])(
    'is refused where it is %s',
    async (whose) => {
      const made = await usbKey('foreign')
      const { now } = test.clock
      const asked = { account: 'wu', pem: made.request, now }
      const foreign = await createAuthority('Test unit', now)
      const self = join(folder, 'self.crt')
      const certificate = {
        'an agent’s': async () =>
          issueAgentCertificate(test.keys.authority, { agent: 'wu', pem: asked.pem, now }),
        'another authority’s': async () => issueAccountCertificate(foreign, asked),
        'one that is in no register': async () => issueAccountCertificate(test.keys.authority, asked),
        'its own signer’s': async () => {
          const key = join(folder, 'foreign.key')
          const to = ['-subj', '/CN=wu', '-days', '9', '-out', self]
          execFileSync('openssl', ['req', '-x509', '-key', key, ...to], { stdio: 'ignore' })
          return { certificate: await readFile(self, 'utf8') }
        },
      }[whose]
      const shown = await certificate?.()
      const withKey = browserWith({ certificate: shown?.certificate ?? '', key: made.key })
      expect(refusal(await withKey.signIn('wu'))).toEqual([403, 'certificate-foreign'])
      // It still reads what everybody may: the handshake refuses nobody.
      expect((await withKey.call('GET', '/api/health')).status).toBe(200)
      withKey.close()
    },
  )

  it('is issued for keys of P-256, P-384 and RSA of 2048 bits, and for none that is weaker', async () => {
    const p384 = await usbKey('p384', ['EC', 'ec_paramgen_curve:P-384'])
    const rsa = await usbKey('rsa', ['RSA', 'rsa_keygen_bits:2048'])
    for (const made of [p384, rsa]) {
      const answer = await issue('wu', made)
      expect(answer.status).toBe(200)
      const { certificate, item } = answer.json as NewCertificateAnswer
      const withKey = browserWith({ certificate, key: made.key })
      expect((await withKey.signIn('wu')).status).toBe(200)
      withKey.close()
      await test.call('POST', `/api/account-certificates/${item.serial}/revoke`, {
        cookie: admin,
        body: { reason: 'test' },
      })
    }
    const short = await usbKey('short', ['RSA', 'rsa_keygen_bits:1024'])
    expect(codeOf(await issue('wu', short))).toBe('request-refused')
    expect(codeOf(await issue('wu', { ...short, request: 'nonsense' }))).toBe('request-refused')
    expect(codeOf(await issue('nobody', p384))).toBe('not-found')
  })

  it('is demanded of a role where the rules say so, once each of its accounts has one', async () => {
    const shown = await issued('li', 'demanded')
    const withKey = browserWith(shown)
    const { cookie } = await withKey.signIn('li')
    const { rules } = (await withKey.call('GET', '/api/sign-in-rules', { cookie })).json as SignInRulesAnswer
    const put = (certificateRoles: readonly string[], baseVersion: number) =>
      withKey.call('PUT', '/api/sign-in-rules', {
        cookie,
        body: { baseVersion, rules: { ...rules, certificateRoles }, reason: 'USB keys' },
      })
    expect((await put(['sec-admin', 'viewer'], 0)).status).toBe(400)
    expect((await put(['sec-admin'], 0)).status).toBe(200)
    const bare = browserWith(null)
    expect(refusal(await bare.signIn('li'))).toEqual([401, 'sign-in-refused'])
    expect((await test.store.actions({ limit: 1 }))[0]?.detail).toBe('sign-in-refused: certificate-missing')
    expect((await withKey.signIn('li')).status).toBe(200)
    bare.close()
    withKey.close()
  })
})

describe('the web port', () => {
  it('asks for certificates of this authority alone, also after its own was renewed', async () => {
    const asked = async (): Promise<string> => {
      const client = promisify(execFile)('openssl', ['s_client', '-connect', `127.0.0.1:${test.port}`])
      client.child.stdin?.end()
      // It ends with a fault where it does not know the authority; what it was asked is told all the same.
      const { stdout } = await client.catch((error: { stdout: string }) => error)
      const [, names = ''] = /Acceptable client certificate CA names\n([^]*?)\nRequested/.exec(stdout) ?? []
      return names
    }
    expect(await asked()).toBe('CN = Test unit')
    const { certificate: cert, key } = test.keys.server
    renewTls(test.api, { cert, key }, test.keys.authority.certificate)
    expect(await asked()).toBe('CN = Test unit')
  })
})

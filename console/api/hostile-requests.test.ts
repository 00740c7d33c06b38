import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { gunzipSync, gzipSync } from 'node:zlib'
import { LIMITS, ShoukouError } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { codeOf, startTestApi, type TestApi } from './test-api.ts'
import { addComputer } from './test-data.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
let cookie: string
let webRoot: string
beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'shoukou-pages-'))
  await mkdir(join(webRoot, 'assets'))
  await writeFile(
    join(webRoot, 'index.html'),
    '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><script src="/assets/app-1a2b.js"></script>',
  )
  await writeFile(join(webRoot, 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(join(webRoot, 'assets', 'app-1a2b.js.gz'), gzipSync('export {}'))
  await writeFile(join(webRoot, '.secret'), 'not for the web')
  test = await startTestApi({ webRoot, pace: { signInsPerMinute: 1_000 } })
  cookie = await test.signIn('sec-admin')
})
afterAll(async () => {
  await test[Symbol.asyncDispose]()
  await rm(webRoot, { recursive: true })
})

const signInWith = (bytes: string | Uint8Array, headers: Record<string, string> = {}) =>
  test.call('POST', '/api/session', { bytes, headers })

describe('a body', () => {
  it.each([
    ['that is not JSON', '{"name":'],
    ['that reaches a prototype', '{"name":"li","password":"x","__proto__":{"role":"sys-admin"}}'],
    ['that reaches a constructor', '{"name":"li","password":"x","constructor":{"prototype":{"a":1}}}'],
    ['that is empty', ''],
    ['that is null', 'null'],
    ['that is a list', '[{"name":"li","password":"x"}]'],
    ['with a number for a text', '{"name":1,"password":"x"}'],
    ['with too long a name', `{"name":"${'x'.repeat(65)}","password":"x"}`],
    ['nested deeply', `{"name":${'['.repeat(20_000)}${']'.repeat(20_000)},"password":"x"}`],
  ])('%s is refused in the contract’s words', async (_what, bytes) => {
    const answer = await signInWith(bytes)
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid-request'])
    expect(({} as { role?: string }).role).toBeUndefined()
  })

  it('that is not UTF-8 is refused, not repaired', async () => {
    const answer = await signInWith(
      Buffer.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('","password":"x"}')]),
    )
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid-request'])
  })

  it('with an unknown field is refused with the name of the field, shown harmlessly', async () => {
    const answer = await signInWith('{"name":"li","password":"x","ro\\u202ele":"sys-admin"}')
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('ro\\\\u{202e}le')
    expect(answer.text).not.toContain('\u202e')
  })

  it('at the limit is read, one byte more is refused', async () => {
    const bodyOf = (bytes: number) => `{"name":"li","password":"x"}`.padEnd(bytes, ' ')
    expect(codeOf(await signInWith(bodyOf(LIMITS.apiBodyBytesMax)))).toBe('sign-in-refused')
    const answer = await signInWith(bodyOf(LIMITS.apiBodyBytesMax + 1))
    expect([answer.status, codeOf(answer)]).toEqual([413, 'limit-exceeded'])
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
  ])('of type %s is refused', async (type) => {
    const answer = await signInWith('{"name":"li","password":"x"}', { 'content-type': type })
    expect([answer.status, codeOf(answer)]).toEqual([415, 'invalid-request'])
  })
})

describe('an address', () => {
  it('under another method is told which it answers', async () => {
    const answer = await test.call('PATCH', '/api/session')
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'DELETE, GET, HEAD, POST'])
    expect(codeOf(answer)).toBe('invalid-request')
  })

  it.each([
    '/api',
    '/api/',
    '/api/none',
    '/api/computers/none',
    '/api/records/a/b/1/raw',
    `/api/computers/${'x'.repeat(500)}`,
  ])('%s that does not exist is not found, as JSON', async (path) => {
    const answer = await test.call('GET', path, { cookie })
    expect([answer.status, codeOf(answer)]).toEqual([404, 'not-found'])
  })

  it.each(['/api/computers/%', '/%ff', '/api/computers/%c0%ae'])(
    '%s that is no URL is refused',
    async (path) => {
      const answer = await test.call('GET', path, { cookie })
      expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid-request'])
    },
  )

  it('answers HEAD like GET without a body', async () => {
    const answer = await test.call('HEAD', '/api/health')
    expect([answer.status, answer.bytes.length]).toEqual([200, 0])
  })
})

describe('what fails inside', () => {
  it('is logged, and tells nobody outside what it was', async () => {
    await using broken = await startTestApi({
      enrol: async () => {
        throw new Error('/var/lib/shoukou/pki/authority.key: secret path')
      },
    })
    const baseline = { takenAtMs: 1, usb: [], disks: [], interfaces: [] }
    const body = {
      v: 1,
      secret: 'A'.repeat(43),
      certificateRequest: 'pem',
      agentVersion: '1',
      hostname: 'h',
      baseline,
    }
    const answer = await broken.call('POST', '/api/enroll', { body })
    expect([answer.status, codeOf(answer)]).toEqual([500, 'internal-error'])
    expect(answer.text).not.toContain('secret path')
    expect(broken.logged.join('\n')).toContain('secret path')
  })

  it('is not the store’s own words either', async () => {
    await using broken = await startTestApi({
      enrol: async () => {
        throw new ShoukouError('store-unavailable', 'SQLITE_FULL: insert into computers')
      },
    })
    const baseline = { takenAtMs: 1, usb: [], disks: [], interfaces: [] }
    const body = {
      v: 1,
      secret: 'A'.repeat(43),
      certificateRequest: 'pem',
      agentVersion: '1',
      hostname: 'h',
      baseline,
    }
    const answer = await broken.call('POST', '/api/enroll', { body })
    expect([answer.status, codeOf(answer)]).toEqual([503, 'store-unavailable'])
    expect(answer.text).not.toContain('SQLITE')
  })
})

describe('enrolment', () => {
  it('refuses an unknown secret, without a session and without the page’s header', async () => {
    const baseline = { takenAtMs: 1, usb: [], disks: [], interfaces: [] }
    const body = {
      v: 1,
      secret: 'A'.repeat(43),
      certificateRequest: 'pem',
      agentVersion: '1',
      hostname: 'h',
      baseline,
    }
    const answer = await test.api.inject({ method: 'POST', url: '/api/enroll', payload: body })
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'token-refused'])
    expect((await test.store.actions({ limit: 1 }))[0]).toMatchObject({
      action: 'enrol-refused',
      detail: 'token-refused',
    })
  })
})

describe('the pages', () => {
  it('come packed to whom can unpack them; answers of the API never do', async () => {
    const headers = { 'accept-encoding': 'gzip, br' }
    const script = await test.call('GET', '/assets/app-1a2b.js', { headers })
    expect(script.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': expect.stringContaining('javascript'),
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(gunzipSync(script.bytes).toString()).toBe('export {}')
    const plain = await test.call('GET', '/assets/app-1a2b.js')
    expect([plain.headers['content-encoding'], plain.text]).toEqual([undefined, 'export {}'])
    expect((await test.call('GET', '/api/health', { headers })).headers['content-encoding']).toBeUndefined()
  })

  it('come with a nonce of their own in each answer, and a policy that allows nothing foreign', async () => {
    const [first, second] = [await test.call('GET', '/'), await test.call('GET', '/violations/7')]
    const nonces = [first, second].map(({ text }) => /content="([A-Za-z0-9+/]{24})"/.exec(text)?.[1] ?? '')
    expect(nonces[0]).not.toBe(nonces[1])
    const policy = String(first.headers['content-security-policy'])
    expect(policy).toContain(`style-src 'self' 'nonce-${nonces[0]}'`)
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(first.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('that are not built are said not to be, while the API answers', async () => {
    await using bare = await startTestApi({ webRoot: join(webRoot, 'nowhere') })
    const answer = await bare.call('GET', '/')
    expect([answer.status, codeOf(answer)]).toEqual([404, 'not-found'])
    expect(answer.text).toContain('not built')
    expect((await bare.call('GET', '/assets/x.js')).status).toBe(404)
    expect((await bare.call('GET', '/api/health')).status).toBe(200)
  })

  it('keep hashed files for good, and nothing else', async () => {
    const asset = await test.call('GET', '/assets/app-1a2b.js')
    expect([asset.status, asset.headers['cache-control']]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ])
    expect(asset.headers['content-type']).toMatch(/^(?:text|application)\/javascript/)
    const missing = await test.call('GET', '/assets/gone.js')
    expect([missing.status, missing.headers['cache-control']]).toEqual([404, 'no-store'])
  })

  it.each([
    '/.secret',
    '/../console.db',
    '/..%2fconsole.db',
    '/assets/..%2f.secret',
    '/assets/%2e%2e/.secret',
    '/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  ])('do not give out %s', async (path) => {
    const answer = await test.call('GET', path)
    expect(answer.text).not.toContain('not for the web')
    expect(answer.text).not.toContain('root:')
    if (answer.status === 200) expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
  })
})

describe('the door', () => {
  it('speaks TLS 1.3 and nothing older', async () => {
    const old = connect({
      host: '127.0.0.1',
      port: test.port,
      maxVersion: 'TLSv1.2',
      ca: test.keys.authority.certificate,
      servername: 'localhost',
    })
    const error = await new Promise<Error>((resolve) => old.once('error', resolve))
    expect(String(error)).toMatch(/protocol version|EPROTO|alert/i)
  })

  it('answers bytes that are not HTTP with a refusal in JSON, and closes', async () => {
    const socket = connect({
      host: '127.0.0.1',
      port: test.port,
      ca: test.keys.authority.certificate,
      servername: 'localhost',
    })
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.write('\u0000\u0001 hello\r\n\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    const text = Buffer.concat(parts).toString()
    expect(text).toContain('HTTP/1.1 400 Bad Request')
    expect(text).toContain("content-security-policy: default-src 'none'")
    expect(text).toContain('x-content-type-options: nosniff')
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ error: { code: 'invalid-request' } })
  })

  it('survives what is not even TLS', async () => {
    const socket = connectTcp({ host: '127.0.0.1', port: test.port })
    socket.write('GET / HTTP/1.1\r\n\r\n')
    socket.on('error', () => undefined)
    socket.resume()
    await new Promise((resolve) => socket.once('close', resolve))
    expect((await test.call('GET', '/api/health')).status).toBe(200)
  })
})

describe('health', () => {
  it('tells of the console alone, without sign-in', async () => {
    await addComputer(test, 'JM-SECRET')
    const answer = await test.call('GET', '/api/health')
    expect(answer.json).toMatchObject({ status: 'ok', store: 'journal_mode=wal synchronous=full' })
    expect(Object.keys(answer.json as object).toSorted()).toEqual([
      'isDemonstration',
      'now',
      'startedAt',
      'status',
      'store',
      'version',
    ])
  })
})

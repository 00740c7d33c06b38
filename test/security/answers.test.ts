/** What every answer of the console tells a browser to do and to leave, and what the doors take for a request at all. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type SecureVersion } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Answer, startTestApi, type TestApi } from '../../console/api/test-api.ts'
import { addComputer } from '../../console/api/test-data.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { connectRaw, enrolRaw, RawJournal } from '../support/raw-agent.ts'

let test: TestApi
let cookie: string
let webRoot: string
beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'shoukou-pages-'))
  for (const folder of ['assets', '.git']) await mkdir(join(webRoot, folder))
  await writeFile(
    join(webRoot, 'index.html'),
    '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__">',
  )
  await writeFile(join(webRoot, 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(join(webRoot, '.git', 'config'), 'repositoryformatversion = 0')
  test = await startTestApi({ webRoot, pace: { signInsPerMinute: 1_000 } })
  await addComputer(test)
  cookie = await test.signIn('sec-admin')
})
afterAll(async () => {
  await test[Symbol.asyncDispose]()
  await rm(webRoot, { recursive: true })
})

/** Whatever may come out: pages, data, and each kind of refusal. */
const asked: readonly (readonly [string, number, () => Promise<Answer>])[] = [
  ['a page', 200, () => test.call('GET', '/')],
  ['data', 200, () => test.call('GET', '/api/computers', { cookie })],
  ['the description of the API', 200, () => test.call('GET', '/api/openapi.json')],
  ['a bad body', 400, () => test.call('POST', '/api/session', { bytes: '{' })],
  ['nobody signed in', 401, () => test.call('GET', '/api/computers')],
  ['another role’s', 403, () => test.call('GET', '/api/actions', { cookie })],
  ['nothing there', 404, () => test.call('GET', '/api/computers/none', { cookie })],
  ['another method', 405, () => test.call('PATCH', '/api/session')],
  [
    'another type',
    415,
    () => test.call('POST', '/api/session', { bytes: '<a/>', headers: { 'content-type': 'text/xml' } }),
  ],
]

describe('every answer', () => {
  it.each(asked)(
    'with %s allows no frame, nothing foreign, no guess at its type and no copy',
    async (_what, status, ask) => {
      const answer = await ask()
      expect(answer.status).toBe(status)
      const policy = String(answer.headers['content-security-policy']).split(';')
      expect(policy).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "object-src 'none'",
          "base-uri 'none'",
          "frame-ancestors 'none'",
        ]),
      )
      expect(policy.join()).not.toMatch(/unsafe|\*|https?:/)
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      // JSON is UTF-8 by its own standard (RFC 8259 §8.1); text says it.
      expect(answer.headers['content-type']).toMatch(/^(?:application\/json|text\/[a-z]+; charset=utf-8)/)
      if (String(answer.headers['content-type']).startsWith('application/json'))
        expect(answer.json).toBeTypeOf('object')
    },
  )

  it.each(asked)(
    'with %s is for pages of this console, whichever other one asks',
    async (_what, _status, ask) => {
      const headers = (await ask()).headers
      for (const name of Object.keys(headers)) expect(name).not.toMatch(/^access-control-/)
      const preflight = await test.call('OPTIONS', '/api/session', {
        headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' },
      })
      expect(preflight.status).toBeGreaterThanOrEqual(400)
      for (const name of Object.keys(preflight.headers)) expect(name).not.toMatch(/^access-control-/)
    },
  )

  it('binds a browser to TLS for a year, where the console has a name of its own', async () => {
    const named = (host: string) => test.api.inject({ method: 'GET', url: '/api/health', headers: { host } })
    expect((await named('console.unit.example:8443')).headers['strict-transport-security']).toBe(
      'max-age=31536000; includeSubDomains',
    )
    expect((await named('localhost:8443')).headers['strict-transport-security']).toBeUndefined()
  })
})

describe('a request', () => {
  it('that changes something is never a GET, and what it may do says so', () => {
    // What is looked at before something is written belongs to whoever may write it: none of these writes.
    const looks = [
      '/api/media/template.xlsx',
      '/api/handlers',
      '/api/registers/:kind/next-number',
      '/api/bundles/uploads/:upload',
    ]
    const changing =
      /\.(?:write|handle|bring|create|revoke|issue|rescan|isolate|grant|import|approve|decide|verify|make|restore)$/
    const routes = test.api.registeredRoutes.map(({ method, url, access }) => ({
      method,
      url,
      access: String(access),
    }))
    expect(routes.filter(({ access }) => changing.test(access)).length).toBeGreaterThan(20)
    const read = routes.filter(({ method, access }) => /^(?:GET|HEAD)$/.test(method) && changing.test(access))
    expect(new Set(read.map(({ url }) => url))).toEqual(new Set(looks))
  })

  it('carries nothing secret in its address', async () => {
    const { paths } = (await test.call('GET', '/api/openapi.json')).json as {
      paths: Readonly<
        Record<string, Readonly<Record<string, { parameters?: { in: string; name: string }[] }>>>
      >
    }
    const named = Object.values(paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ parameters = [] }) =>
        parameters.filter((one) => one.in !== 'header').map(({ name }) => name),
      ),
    )
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((name) => /pass|secret|code|token|key$|session/i.test(name))).toEqual([])
  })

  it('that names one thing twice is refused, not read as either', async () => {
    const answer = await test.call('GET', '/api/violations?limit=1&limit=2', { cookie })
    expect(answer.status).toBe(400)
  })

  it('that has two lengths is refused and nothing behind it is read', async () => {
    const answer = await bytesOver(
      'POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })

  it.each(['TRACE', 'CONNECT', 'TRACK'])('of the method %s tells nothing back', async (method) => {
    const answer = await bytesOver(
      `${method} /api/health HTTP/1.1\r\nhost: localhost\r\nx-mark: MARK\r\nconnection: close\r\n\r\n`,
    )
    expect(answer).not.toMatch(/^HTTP\/1\.1 2/)
    expect(answer).not.toContain('MARK')
  })

  it.each([
    '/assets',
    '/assets/',
    '/api/',
    '/.git/config',
    '/console.db',
    '/package.json',
    '/docs',
    '/metrics',
  ])('for %s gets neither a list nor a file', async (path) => {
    const answer = await test.call('GET', path)
    // What is no file is a page's own address: the page itself, and nothing of the folder.
    if (answer.status === 200) expect(answer.text).toMatch(/^<!doctype html><meta name="csp-nonce"/)
    else expect(answer.status).toBe(404)
    expect(answer.text).not.toMatch(/app-1a2b\.js|SQLite|repositoryformatversion/)
  })

  it('without TLS gets no answer, and no word on where to go', async () => {
    const socket = connectTcp({ host: '127.0.0.1', port: test.port })
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    const parts: Buffer[] = []
    for await (const part of socket) parts.push(part as Buffer)
    expect(Buffer.concat(parts).toString('latin1')).not.toMatch(/HTTP|location/i)
  })
})

describe('the port of the agents', () => {
  let console: TestConsole
  beforeAll(async () => {
    console = await startTestConsole()
  })
  afterAll(() => console[Symbol.asyncDispose]())

  const open = (options: object): Promise<string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`wss://localhost:${console.running.agentPort}/agent`, {
        ca: console.authority,
        ...options,
      })
      socket.once('open', () => resolve('open'))
      socket.once('close', () => resolve('closed'))
      socket.on('error', () => socket.terminate())
    })

  it('takes no page for an agent, whatever certificate its browser shows', async () => {
    const identity = await enrolRaw(console, await console.token())
    const pair = { cert: identity.answer.certificate, key: identity.key }
    expect(await open({ ...pair, origin: `https://localhost:${console.running.port}` })).toBe('closed')
    expect(await open({ ...pair, origin: 'https://elsewhere.example' })).toBe('closed')
    await using link = await connectRaw(console, identity)
    const journal = new RawJournal(identity.answer.agent)
    expect((await link.hello(journal)).type).toBe('welcome')
  })

  it.each(['TLSv1.1', 'TLSv1.2'] satisfies SecureVersion[])(
    'refuses %s, and so does the web port',
    async (maxVersion) => {
      for (const port of [console.running.agentPort, console.running.port]) {
        const socket = connectTls({
          host: 'localhost',
          port,
          ca: console.authority,
          minVersion: 'TLSv1',
          maxVersion,
        })
        const end = await new Promise<string>((resolve) => {
          socket.once('secureConnect', () => resolve('connected'))
          socket.once('error', () => resolve('refused'))
        })
        socket.destroy()
        expect(end).toBe('refused')
      }
    },
  )

  it('agrees on ciphers with forward secrecy and authentication alone', async () => {
    const agreed = new Set<string>()
    for (const ciphers of [
      'TLS_AES_128_CCM_8_SHA256',
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
    ]) {
      const socket = connectTls({
        host: 'localhost',
        port: console.running.port,
        ca: console.authority,
        ciphers,
      })
      const name = await new Promise<string | null>((resolve) => {
        socket.once('secureConnect', () => resolve(socket.getCipher().standardName))
        socket.once('error', () => resolve(null))
      })
      socket.destroy()
      if (name !== null) agreed.add(name)
    }
    expect([...agreed].toSorted()).toEqual([
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
    ])
  })
})

/** Bytes as they are, over TLS; resolves to all that came back until the console closed. */
async function bytesOver(text: string): Promise<string> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: test.port,
    ca: test.keys.authority.certificate,
    servername: 'localhost',
  })
  socket.on('error', () => undefined)
  socket.write(text)
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('latin1')
}

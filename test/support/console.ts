/** A real console for a test: own folder, free ports, real certificates, all gone at the end. */
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionAnswer } from '../../console/api/contract.ts'
import { CSRF_HEADER } from '../../console/api/contract.ts'
import { checkConfig } from '../../console/base/config.ts'
import { createLog } from '../../console/base/log.ts'
import { type RunningConsole, startConsole } from '../../console/main.ts'
import { createToken, type TokenRequest } from '../../console/workflows/enrolment.ts'
import { findPortPair } from './ports.ts'

export interface TestConsole extends AsyncDisposable {
  readonly running: RunningConsole
  readonly dataDir: string
  readonly address: string
  readonly authority: string
  token(request?: TokenRequest): Promise<string>
  /** The one-time password of a first account, as printed at the first start. */
  firstPassword(name: string): string
  /** A client signed in under one of the first accounts, whose password it has changed. */
  signIn(name: 'sysadmin' | 'secadmin' | 'auditor'): Promise<ApiClient>
  /** Stops and starts again on the same data and the same ports. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface ApiClient {
  readonly cookie: string
  get<T>(path: string): Promise<T>
  send<T>(method: string, path: string, body?: unknown): Promise<T>
  raw(path: string): Promise<Buffer>
}

export class ApiFailure extends Error {
  readonly status: number
  readonly body: string
  constructor(status: number, body: string) {
    super(`${status} ${body}`)
    this.status = status
    this.body = body
  }
}

/** What a password is changed to at the first sign-in. */
export const testPassword = 'Changed-Once-2026!'

export async function startTestConsole(
  options: { webRoot?: string; port?: number; names?: readonly string[] } = {},
): Promise<TestConsole> {
  const dataDir = await mkdtemp(join(tmpdir(), 'shoukou-console-'))
  const start = (port: number): Promise<RunningConsole> =>
    startConsole({
      config: checkConfig({ dataDir, port, logLevel: 'error', names: options.names ?? [] }),
      log: createLog('error'),
      ...(options.webRoot === undefined ? {} : { webRoot: options.webRoot }),
    })
  let running = await start(options.port ?? (await findPortPair()))
  const { firstAccounts } = running
  const { port } = running
  const address = `https://localhost:${port}`
  const authority = running.keys.authority.certificate
  const changed = new Set<string>()
  let isStopped = false
  const firstPassword = (name: string): string =>
    firstAccounts.find((account) => account.name === name)?.password ?? ''
  const stop = async (): Promise<void> => {
    if (!isStopped) await running.close()
    isStopped = true
  }
  return {
    get running() {
      return running
    },
    dataDir,
    address,
    authority,
    token: async (request = {}) =>
      (await createToken(running.store, running.keys, request, { account: 'test', now: Date.now() })).token,
    firstPassword,
    signIn: async (name) => {
      const first = firstPassword(name)
      const client = await signInAt(address, authority, name, changed.has(name) ? testPassword : first)
      if (!changed.has(name)) {
        await client.send('POST', '/api/session/password', { current: first, next: testPassword })
        changed.add(name)
      }
      return client
    },
    restart: async () => {
      await stop()
      running = await start(port)
      isStopped = false
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Signs in and keeps the cookie. */
export async function signInAt(
  address: string,
  authority: string,
  name: string,
  password: string,
): Promise<ApiClient> {
  let cookie = ''
  const agent = new Agent({ ca: authority, keepAlive: true })
  const call = (method: string, path: string, body?: unknown): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const request = httpsRequest(
        `${address}${path}`,
        {
          method,
          agent,
          headers: {
            ...(cookie === '' ? {} : { cookie }),
            ...(text === undefined ? {} : { 'content-type': 'application/json' }),
            ...(method === 'GET' ? {} : { [CSRF_HEADER]: '1' }),
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const given = response.headers['set-cookie']?.[0]?.split(';')[0]
            if (given !== undefined) cookie = given
            const answer = Buffer.concat(chunks)
            const status = response.statusCode ?? 0
            if (status < 300) resolve(answer)
            else reject(new ApiFailure(status, answer.toString('utf8')))
          })
        },
      )
      request.on('error', reject)
      request.end(text)
    })
  const parse = <T>(answer: Buffer): T =>
    (answer.length === 0 ? undefined : JSON.parse(answer.toString('utf8'))) as T
  parse<SessionAnswer>(await call('POST', '/api/session', { name, password }))
  return {
    get cookie() {
      return cookie
    },
    get: async (path) => parse(await call('GET', path)),
    send: async (method, path, body) => parse(await call(method, path, body)),
    raw: (path) => call('GET', path),
  }
}

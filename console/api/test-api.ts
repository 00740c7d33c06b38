/**
 * For tests: the real API on loopback, over real TLS with a certificate of a real authority, on a real SQLite file.
 * Not part of the product.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Envelope } from '@shoukou/protocol'
import { checkConfig } from '../base/config.ts'
import { createLog } from '../base/log.ts'
import { createFeed } from '../feed/feed.ts'
import type { Feed } from '../feed/ports.ts'
import type { RunningForwarding } from '../forward/forwarding.ts'
import { openIdentityGate } from '../ingest/identity-gate.ts'
import { createIngest } from '../ingest/ingest.ts'
import { openArchives, removeArchivedExecutor } from '../open-archives.ts'
import { openBundles } from '../open-bundles.ts'
import { forwardEvidenceExecutor } from '../open-evidence.ts'
import { openForwarding, openKeeping, restoreExecutor, restorePort } from '../open-keeping.ts'
import { type ConsoleKeys, openKeys } from '../pki/key-store.ts'
import { type LogKey, openLogKey } from '../pki/log-key.ts'
import { protectionKeysWith } from '../pki/protection-keys.ts'
import { receiptsWith } from '../pki/receipts.ts'
import type { SigningCore } from '../signer/signing-core.ts'
import { createTestSigner } from '../signer/test-signer.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import type { EndedCertificate, Role, Store } from '../store/ports.ts'
import { createCheckpoints } from '../trail/checkpoints.ts'
import { createVerification } from '../trail/verification.ts'
import { createWitnesses } from '../trail/witnesses.ts'
import { issueCertificate } from '../workflows/accounts/issue-certificate.ts'
import { LEAKED_FILE, leakedPasswordsAt } from '../workflows/accounts/leaked-passwords.ts'
import { hashPassword } from '../workflows/accounts/password-hash.ts'
import { signInKeysOf } from '../workflows/accounts/sign-in-keys.ts'
import type { Bundles } from '../workflows/bundles/create-bundles.ts'
import { CeilingBook } from '../workflows/ceiling/ceiling-book.ts'
import { createCeilings } from '../workflows/ceiling/create-ceilings.ts'
import { createToken, enrol } from '../workflows/enrolment.ts'
import { createIdentities } from '../workflows/identity/identities.ts'
import { createMedia, type Media } from '../workflows/media/create-media.ts'
import { createIsolation, type Isolation } from '../workflows/network/isolation.ts'
import { changePolicy } from '../workflows/policies.ts'
import { type OpenRegisters, openRegisters } from '../workflows/registers/open-registers.ts'
import { answerRemoval } from '../workflows/removal/answer-removal.ts'
import { type AccessPort, createAccess } from '../workflows/two-person/create-access.ts'
import { CSRF_HEADER } from './contract.ts'
import type { Api } from './fastify.ts'
import type { ApiOptions, Enrol, PolicyPort } from './ports.ts'
import { createApi } from './server.ts'
import { violationItem } from './view/violation-view.ts'

export const TEST_PASSWORD = 'Right-Horse-7-Staple'
export const TEST_ACCOUNTS: Readonly<Record<Role, string>> = {
  'sys-admin': 'wang',
  'sec-admin': 'li',
  auditor: 'zhao',
  custodian: 'sun',
  'station-operator': 'zhou',
  viewer: 'wu',
}

/** Of the custodian. */
export const TEST_DEPARTMENT = 'Finance'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
  readonly json: unknown
}

export interface Call {
  readonly body?: unknown
  /** Instead of `body`: bytes as they are. */
  readonly bytes?: Uint8Array | string
  readonly cookie?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface SentCommand {
  readonly agent: string
  readonly envelope: Envelope
}

export interface TestApi extends AsyncDisposable {
  readonly api: Api
  readonly store: Store
  readonly feed: Feed
  readonly keys: ConsoleKeys
  readonly signer: SigningCore
  readonly logKey: LogKey
  readonly port: number
  /** Of this console's own, as a running one has it. */
  readonly dataDir: string
  /** What the log was told, as one text per line. */
  readonly logged: string[]
  readonly media: Media
  readonly registers: OpenRegisters
  readonly isolation: Isolation
  readonly bundles: Bundles
  readonly access: AccessPort
  /** Agents that commands reach, and what was sent to them. */
  readonly connected: Set<string>
  readonly sent: readonly SentCommand[]
  /** Certificates that were taken out of use. */
  readonly ended: readonly EndedCertificate[]
  readonly agent: Agent
  readonly clock: { now: number }
  call(method: string, path: string, call?: Call): Promise<Answer>
  signIn(role: Role): Promise<string>
  /** Adds an account of another person; returns its cookie. */
  join(name: string, role: Role, department?: string): Promise<string>
}

/** Starts it. The clock stands at the real time until a test moves it. */
export async function startTestApi(options: Partial<ApiOptions> = {}): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-api-'))
  const clock = { now: Date.now() }
  const now = () => clock.now
  const keys = await ownKeys()
  // Of its own: a test may bring a ceiling.
  const signer = createTestSigner({ now })
  // In this thread: one of its own would load the store anew for each test, a second of processor time.
  const store = await openSqliteStoreHere(join(folder, 'console.db'))
  const feed = createFeed()
  const logged: string[] = []
  const line = (fields: object, message: string) => void logged.push(`${message} ${describe(fields)}`)
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__">',
  )
  const log = { info: line, warn: line, error: line }
  const sent: SentCommand[] = []
  const connected = new Set<string>()
  const sendTo = (to: string, envelope: string): boolean => {
    if (!connected.has(to)) return false
    sent.push({ agent: to, envelope: JSON.parse(envelope) as Envelope })
    return true
  }
  const book = await CeilingBook.open(store)
  const ceiling = () => book.now
  const media = createMedia({
    store,
    keys,
    signer,
    ceiling,
    now,
    log,
    send: sendTo,
    made: async () => undefined,
  })
  const ceilings = createCeilings({
    ...{ store, book, signer, now },
    due: () => media.policies.schedule(),
    brought: async () => undefined,
  })
  const isolation = createIsolation({
    store,
    signer,
    now,
    send: sendTo,
    changed: async (to) => {
      const computer = await store.computer(to)
      if (computer !== null) feed.publish({ kind: 'computer', computer })
    },
  })
  const logKey = await openLogKey(join(folder, 'log'), true)
  const archives = openArchives({ store, dataDir: folder, logKey, now })
  let forwarding: RunningForwarding | undefined
  const access = createAccess({
    store,
    now,
    log,
    isolation,
    headlineOf: (violation) => violationItem(violation).headline,
    handled: (violation) => feed.publish({ kind: 'violation-changed', violation }),
    executors: [
      restoreExecutor(folder),
      removeArchivedExecutor(archives),
      forwardEvidenceExecutor(store, async (id) => forwarding?.reload(id)),
    ],
  })
  const ended: EndedCertificate[] = []
  const identities = createIdentities({
    store,
    keys,
    now,
    ended: (certificates) => void ended.push(...certificates),
    refuse: () => undefined,
    disconnect: (to) => connected.delete(to),
    changed: async () => undefined,
  })
  // A backup holds the key that signed it.
  await mkdir(join(folder, 'pki'))
  await writeFile(join(folder, 'pki', 'backup.key'), keys.backupKey.toString('base64'))
  const config = { dataDir: folder, unit: 'Test unit', forwardPrefixes: [] }
  const forwards = await openForwarding({ store, keys, config, log, now, feed })
  forwarding = forwards
  const keeping = openKeeping({ store, keys, config, log, now })
  const ingest = createIngest({
    ...{ store, feed, now },
    log: createLog('silent'),
    monotonicMs: () => performance.now(),
    receipts: receiptsWith(keys.receiptKey),
    protection: protectionKeysWith(keys.protectionKey),
  })
  const verification = createVerification({ path: join(folder, 'console.db'), logKey, now })
  const policies: PolicyPort = {
    change: (agent, change, account) =>
      changePolicy(store, agent, change, { account, signer, now: now(), ceiling: ceiling() }),
    sendRescan: async () => false,
    createToken: async (asked, account) => {
      const made = await createToken(store, keys, asked, { account, now: now() })
      return { ...made, command: `shoukou-agent enroll --token ${made.token}` }
    },
  }
  const registers = openRegisters({
    ...{ store, now },
    changed: (violation) => feed.publish({ kind: 'violation', violation }),
  })
  const enrolOne: Enrol = async (asked) => {
    const known = { agentPort: 8444, now: now(), signer, ceiling: book.now }
    const answer = await enrol(store, keys, asked, known)
    await registers.filing.judge(answer.agent)
    return answer
  }
  const bundles = await openBundles({
    ...{ store, keys, signer, ingest, now, policies, enrol: enrolOne },
    identity: await openIdentityGate({ store, feed, log: createLog('silent'), now }),
    witnesses: createWitnesses({ store, logKey, log, now }),
    config: checkConfig({ dataDir: folder }),
    log: createLog('silent'),
    ceilingsAfter: (version) => book.sentTo(version),
  })
  const api = await createApi({
    store,
    feed,
    tls: { cert: keys.server.certificate, key: keys.server.key },
    names: ['localhost', '127.0.0.1'],
    unit: 'Test unit',
    level: 'secret',
    webRoot: folder,
    enrol: enrolOne,
    signIn: {
      authority: keys.authority.certificate,
      keys: signInKeysOf(keys.signInKey),
      leaked: leakedPasswordsAt(join(folder, LEAKED_FILE)),
      issueCertificate: (asked, account) =>
        issueCertificate(store, keys.authority, asked, { account, now: now() }),
    },
    policies,
    bundles,
    media,
    registers,
    isolation,
    removal: (agent, challenge) => answerRemoval(protectionKeysWith(keys.protectionKey), agent, challenge),
    ceilings,
    identities,
    access,
    forwarding: forwards,
    trail: { checkpoints: createCheckpoints({ store, logKey, log, now }), verification },
    keeping,
    restore: restorePort(folder, now),
    archives,
    log,
    now,
    ...options,
  })
  await api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.address() as AddressInfo
  const agent = new Agent({ ca: keys.authority.certificate, keepAlive: true })
  const call = (method: string, path: string, asked: Call = {}) => send({ port, agent, method, path }, asked)
  await addAccounts(store, clock.now)
  return {
    api,
    store,
    feed,
    keys,
    signer,
    logKey,
    port,
    dataDir: folder,
    logged,
    media,
    registers,
    isolation,
    bundles,
    access,
    connected,
    sent,
    ended,
    agent,
    clock,
    call,
    signIn: async (role) =>
      cookieOf(
        await call('POST', '/api/session', { body: { name: TEST_ACCOUNTS[role], password: TEST_PASSWORD } }),
      ),
    join: async (name, role, department) => {
      await addAccount(store, { name, role, department: department ?? null }, clock.now)
      return cookieOf(await call('POST', '/api/session', { body: { name, password: TEST_PASSWORD } }))
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
      await api.close()
      await bundles.close()
      await Promise.all([forwards.close(), keeping.close()])
      await media.policies.close()
      await store.close()
      await rm(folder, { recursive: true })
      // What a restore staged beside it.
      const staged = join(dirname(folder), `restore-${basename(folder)}`)
      for (const path of [staged, `${staged}.json`]) await rm(path, { recursive: true, force: true })
    },
  }
}

/** Returns what a browser would send back. Throws where no cookie was set. */
export function cookieOf(answer: Answer): string {
  const cookie = answer.headers['set-cookie']?.[0]?.split(';', 1)[0]
  if (cookie === undefined) throw new Error(`No cookie was set: ${answer.status} ${answer.text}`)
  return cookie
}

/** Returns the code of a refusal. */
export function codeOf(answer: Answer): string {
  return (answer.json as { error: { code: string } }).error.code
}

let keysOnce: Promise<ConsoleKeys> | undefined
let hashOnce: Promise<string> | undefined

/** Real ones, made once in a test file: making them is most of the start. */
function ownKeys(): Promise<ConsoleKeys> {
  keysOnce ??= makeKeys()
  return keysOnce
}

async function makeKeys(): Promise<ConsoleKeys> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-pki-'))
  const keys = await openKeys(folder, 'Test unit', ['localhost', '127.0.0.1'], Date.now())
  await rm(folder, { recursive: true })
  return keys
}

async function addAccounts(store: Store, createdAt: number): Promise<void> {
  for (const [role, name] of Object.entries(TEST_ACCOUNTS) as [Role, string][]) {
    const department = role === 'custodian' ? TEST_DEPARTMENT : null
    await addAccount(store, { name, role, department }, createdAt)
  }
}

/** Each of them is somebody: their names are their persons'. */
async function addAccount(
  store: Store,
  account: { readonly name: string; readonly role: Role; readonly department: string | null },
  createdAt: number,
): Promise<void> {
  hashOnce ??= hashPassword(TEST_PASSWORD)
  await store.addAccount({
    ...account,
    person: account.name,
    passwordHash: await hashOnce,
    mustChange: false,
    failures: 0,
    lockedUntil: null,
    createdAt,
  })
}

interface Target {
  readonly port: number
  readonly agent: Agent
  readonly method: string
  readonly path: string
}

function send(
  { port, agent, method, path }: Target,
  { body, bytes, cookie, headers }: Call,
): Promise<Answer> {
  const sent = bytes ?? (body === undefined ? undefined : JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        // The Host header is for the test to choose; the certificate is checked for this name.
        servername: 'localhost',
        port,
        agent,
        method,
        path,
        headers: {
          [CSRF_HEADER]: '1',
          ...(sent === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
          ...(cookie === undefined ? {} : { cookie }),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () =>
          resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(parts))),
        )
      },
    )
    asked.on('error', reject)
    asked.end(sent)
  })
}

function answerOf(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Answer {
  const text = bytes.toString('utf8')
  const isJson = headers['content-type']?.startsWith('application/json') === true && text !== ''
  return { status, headers, bytes, text, json: isJson ? JSON.parse(text) : null }
}

function describe(fields: object): string {
  const { err } = fields as { err?: unknown }
  return `${JSON.stringify(fields)} ${err instanceof Error ? (err.stack ?? err.message) : ''}`
}

import { createHash, createHmac, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer as createHttps } from 'node:https'
import { join } from 'node:path'
import { parsePrefix } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type RunningForwarding, startForwarding } from './forwarding.ts'
import type { TargetDraft, TargetSettings } from './ports.ts'
import {
  listen,
  readFrames,
  type StreamReceiverOptions,
  startStreamReceiver,
  startTestStore,
  type TestStore,
  testPki,
} from './test-receivers.ts'

// Real handshakes and synced writes, beside whatever else the machine does.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })
const waiting = { timeout: 40_000, interval: 20 }

let test: TestStore
let running: RunningForwarding
const logged: string[] = []
const key = randomBytes(32)

async function start(): Promise<RunningForwarding> {
  const line = (fields: object, message: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`)
  return startForwarding({
    store: test.store,
    key,
    console: 'c0ffee',
    hostname: 'console.example',
    prefixes: [],
    dataDir: test.folder,
    headlineOf: (row) => ({ zh: `违规 ${row.id}。`, en: `Violation ${row.id}.` }),
    watchedNow: async () => watched,
    isAgreed: async () => isAgreed,
    log: { info: line, warn: line },
    now: Date.now,
    pace: { pollMs: 20, watchMs: 20, retryDelay: () => 30 },
  })
}
let isAgreed = true
let watched: { agent: string; state: string; reasons: string[] }[] = []

beforeEach(async () => {
  logged.length = 0
  watched = []
  isAgreed = true
  test = await startTestStore()
  running = await start()
})
afterEach(async () => {
  await running.close()
  await test[Symbol.asyncDispose]()
})

function draft(settings: TargetSettings, more: Partial<TargetDraft> = {}): TargetDraft {
  return {
    name: 'Target',
    content: 'headline',
    language: 'zh',
    events: ['violation', 'violation-ended'],
    severities: [],
    types: [],
    settings,
    secrets: {},
    ...more,
  }
}

async function syslogAt(port: number, more: Partial<Extract<TargetSettings, { kind: 'syslog' }>> = {}) {
  const { authority } = await testPki()
  return {
    kind: 'syslog' as const,
    host: 'localhost',
    port,
    protection: 'tls' as const,
    ca: authority.certificate,
    clientCertificate: '',
    ...more,
  }
}

const stateOf = async (id: string) => {
  const state = (await running.targets()).find((one) => one.id === id)
  if (state === undefined) throw new Error('gone')
  return state
}
describe('what the maker of a target may not read', () => {
  it('waits for a second person, again where the receiver changes, and nothing lets it go on before', async () => {
    isAgreed = false
    const settings = await syslogAt(9)
    const plain = await running.add(draft(settings), 'wang')
    expect(plain.state).not.toBe('paused')
    const withLog = await running.add(draft(settings, { events: ['log'] }), 'wang')
    expect(withLog.state).toBe('paused')
    const facts = await running.add(draft(settings, { content: 'facts' }), 'wang')
    expect(facts.state).toBe('paused')
    await expect(running.setPaused(facts.id, false)).rejects.toMatchObject({ code: 'second-person-needed' })
    expect((await running.change(plain.id, 1, draft(settings, { content: 'facts' }))).state).toBe('paused')
    isAgreed = true
    expect((await running.setPaused(facts.id, false)).state).not.toBe('paused')
    isAgreed = false
    const elsewhere = { ...settings, port: 10 }
    const { version } = await stateOf(facts.id)
    expect((await running.change(facts.id, version, draft(elsewhere, { content: 'facts' }))).state).toBe(
      'paused',
    )
  })
})

const idOf = (message: string): number => Number(/violation="(\d+)"/.exec(message)?.[1])

describe('syslog over TLS', () => {
  it('tells what happens, in order, also that it ended; a target is not told of what was before it', async () => {
    const pki = await testPki()
    const receiver = await startStreamReceiver({ pki })
    test.addViolations(2)
    const { id } = await running.add(draft(await syslogAt(receiver.port)), 'wang')
    const [first = 0, second = 0] = test.addViolations(2)
    test.endViolation(first)
    await expect.poll(() => readFrames(receiver.read()).length, waiting).toBe(3)
    const frames = readFrames(receiver.read())
    expect(frames.map(idOf)).toEqual([first, second, first])
    expect(frames[2]).toContain('kind="violation-ended"')
    expect(frames[2]).toContain('已结束')
    await expect.poll(async () => (await stateOf(id)).sent, waiting).toBe(3)
    expect(await stateOf(id)).toMatchObject({ state: 'idle', waiting: 0, failure: null })
    await receiver.kill()
  })

  it('speaks TLS 1.2 to a receiver that has no newer one, and shows a client certificate where one is set', async () => {
    const pki = await testPki()
    const old = await startStreamReceiver({ pki, maxVersion: 'TLSv1.2' })
    const careful = await startStreamReceiver({ pki, clientCa: pki.authority.certificate })
    const plain = await running.add(draft(await syslogAt(old.port)), 'wang')
    expect(await running.test(plain.id)).toMatchObject({ isSent: true })
    const without = await running.add(draft(await syslogAt(careful.port)), 'wang')
    expect(await running.test(without.id)).toMatchObject({ isSent: false })
    const withOne = await running.add(
      draft(await syslogAt(careful.port, { clientCertificate: pki.server.certificate }), {
        secrets: { clientKey: pki.server.key },
      }),
      'wang',
    )
    expect(await running.test(withOne.id)).toMatchObject({ isSent: true })
    await Promise.all([old.kill(), careful.kill()])
  })

  it('names a receiver of another authority, of another name, and one that is not there', async () => {
    const pki = await testPki()
    const receiver = await startStreamReceiver({ pki })
    const test1 = await running.add(draft(await syslogAt(receiver.port, { ca: '' })), 'wang')
    expect((await running.test(test1.id)).failure?.code).toBe('certificate-not-trusted')
    const test2 = await running.add(draft(await syslogAt(receiver.port, { host: '127.0.0.2' })), 'wang')
    expect(['certificate-other-name', 'refused-connection']).toContain(
      (await running.test(test2.id)).failure?.code,
    )
    await receiver.kill()
    const test3 = await running.add(draft(await syslogAt(receiver.port)), 'wang')
    expect((await running.test(test3.id)).failure?.code).toBe('refused-connection')
  })

  it('never sends to the Internet, and says so', async () => {
    const target = await running.add(draft(await syslogAt(6514, { host: '8.8.8.8' })), 'wang')
    expect((await running.test(target.id)).failure).toEqual({
      code: 'address-not-allowed',
      detail: '8.8.8.8',
    })
  })

  it('loses nothing and keeps the order while its receiver is killed again and again, and over a restart', async () => {
    const pki = await testPki()
    const into: Buffer[] = []
    const options: StreamReceiverOptions = { pki, into }
    let receiver = await startStreamReceiver(options)
    const { port } = receiver
    const { id } = await running.add(draft(await syslogAt(port)), 'wang')
    const made: number[] = []
    // What was read of connections that were cut may end within a frame: each life of the receiver is read by itself.
    const lives: Buffer[] = []
    for (let round = 0; round < 4; round += 1) {
      made.push(...test.addViolations(250))
      running.wake()
      await expect.poll(() => into.length, waiting).toBeGreaterThan(0)
      await receiver.kill()
      lives.push(Buffer.concat(into.splice(0)))
      made.push(...test.addViolations(10))
      if (round === 1) {
        await running.close()
        running = await start()
      }
      await expect.poll(async () => (await stateOf(id)).state, waiting).toMatch(/failing|idle/)
      receiver = await startStreamReceiver({ ...options, port })
    }
    await expect.poll(async () => (await stateOf(id)).waiting, waiting).toBe(0)
    lives.push(receiver.read())
    const seen = lives.flatMap((life) => wholeFrames(life)).map(idOf)
    expect(made.filter((one) => !seen.includes(one))).toEqual([])
    // First sight of each is in order: what comes twice comes after what it was before.
    expect([...new Set(seen)]).toEqual(made)
    await receiver.kill()
  })
})

/** What can be read of a stream that was cut. */
function wholeFrames(stream: Buffer): string[] {
  const starts = [...stream.toString('latin1').matchAll(/\d+ <1\d\d>1 /g)].map((match) => match.index)
  return starts.flatMap((begin) => {
    const space = stream.indexOf(0x20, begin)
    const length = Number(stream.subarray(begin, space).toString('latin1'))
    const message = stream.subarray(space + 1, space + 1 + length)
    return message.length === length ? [message.toString('utf8')] : []
  })
}

describe('many waiting', () => {
  it('takes ten thousand to a receiver one bounded batch at a time, while a deaf one waits beside it', async () => {
    const deaf = await startStreamReceiver({ isDeaf: true })
    const receiver = await startStreamReceiver()
    const stuck = await running.add(draft(await syslogAt(deaf.port, { protection: 'tcp', ca: '' })), 'wang')
    const { id } = await running.add(
      draft(await syslogAt(receiver.port, { protection: 'tcp', ca: '' })),
      'wang',
    )
    await running.setPaused(id, true)
    const made = test.addViolations(10_000)
    expect(await stateOf(id)).toMatchObject({ state: 'paused', waiting: 10_000 })
    const before = process.memoryUsage().heapUsed
    await running.setPaused(id, false)
    let most = 0
    await expect
      .poll(async () => {
        most = Math.max(most, process.memoryUsage().heapUsed - before)
        return (await stateOf(id)).waiting
      }, waiting)
      .toBe(0)
    expect(readFrames(receiver.read()).map(idOf)).toEqual(made)
    expect(most).toBeLessThan(150_000_000)
    expect(await stateOf(stuck.id)).toMatchObject({ waiting: 10_000, sent: 0 })
    await Promise.all([receiver.kill(), deaf.kill()])
  })
})

describe('filters', () => {
  it('leave out other severities and types, and tell of watching and of the log where that was chosen', async () => {
    const receiver = await startStreamReceiver()
    const settings = await syslogAt(receiver.port, { protection: 'tcp', ca: '' })
    const none = await running.add(draft(settings, { severities: ['critical'] }), 'wang')
    const { id } = await running.add(draft(settings, { events: ['watch', 'log'] }), 'wang')
    watched = [{ agent: 'a-1', state: 'proven', reasons: [] }]
    await expect.poll(async () => test.store.noteWatchState('a-1', 'proven', [], 1), waiting).toBe(false)
    test.addViolations(3)
    watched = [{ agent: 'a-1', state: 'broken', reasons: ['silent'] }]
    await expect.poll(async () => (await stateOf(id)).sent, waiting).toBe(1)
    await test.store.addAction({
      at: 1,
      account: 'wang',
      action: 'sign-in',
      object: 'x',
      detail: '',
      address: '127.0.0.1',
    })
    await expect.poll(async () => (await stateOf(id)).sent, waiting).toBe(2)
    const frames = readFrames(receiver.read())
    expect(frames[0]).toContain('监控状态由“已证实”变为“中断”')
    expect(frames[1]).toContain('管理日志：wang · sign-in · x')
    expect(await stateOf(none.id)).toMatchObject({ waiting: 0, sent: 0 })
    // Handling is told by what was done.
    const handled = await running.add(draft(settings, { events: ['violation-handled'] }), 'wang')
    await test.store.addHandling(
      { violation: 1, at: 1, account: 'li', kind: 'acknowledge', reason: 'seen', proposal: null },
      null,
      { state: 'acknowledged', disposition: null, isIncident: false, assignee: null },
    )
    await expect.poll(async () => (await stateOf(handled.id)).sent, waiting).toBe(1)
    expect(readFrames(receiver.read()).at(-1)).toContain('已知悉：违规 1')
    await receiver.kill()
  })
})

describe('a webhook', () => {
  it('posts signed batches, takes no redirection, and shows what the receiver answers', async () => {
    const pki = await testPki()
    const got: { body: string; signature: string }[] = []
    let answer = 200
    const server = createHttps({ key: pki.server.key, cert: pki.server.certificate }, (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const body = Buffer.concat(parts).toString('utf8')
        if (answer === 200) got.push({ body, signature: String(request.headers['x-shoukou-signature']) })
        response.writeHead(answer, { location: 'https://127.0.0.1:1/' })
        response.end('said \u001b[31mby it')
      })
    })
    const port = await listen(server, 0)
    const settings = {
      kind: 'webhook' as const,
      url: `https://localhost:${port}/hook?x=1`,
      ca: pki.authority.certificate,
      clientCertificate: '',
    }
    await expect(running.add(draft(settings), 'wang')).rejects.toMatchObject({ code: 'invalid-request' })
    const { id } = await running.add(
      draft(settings, { secrets: { hmacKey: 'sixteen-or-more-characters' } }),
      'wang',
    )
    const [violation = 0] = test.addViolations(1)
    await expect.poll(() => got.length, waiting).toBe(1)
    const [{ body, signature } = { body: '', signature: '' }] = got
    const seconds = /^t=(\d+),/.exec(signature)?.[1] ?? ''
    const mac = createHmac('sha256', 'sixteen-or-more-characters').update(`${seconds}.${body}`).digest('hex')
    expect(signature).toBe(`t=${seconds},v1=${mac}`)
    expect(JSON.parse(body)).toMatchObject({
      messages: [{ violation, id: expect.stringMatching(/^c0ffee-\d+$/) }],
    })
    expect((await running.test(id)).answer).toBe('200 said \\u{001b}[31mby it')
    answer = 302
    expect((await running.test(id)).failure).toEqual({
      code: 'redirected',
      detail: '302 https://127.0.0.1:1/',
    })
    answer = 500
    expect((await running.test(id)).failure).toMatchObject({ code: 'refused-by-receiver' })
    server.closeAllConnections()
    server.close()
  })
})

describe('files', () => {
  const folder = (): string => join(test.folder, '..', `${test.folder.split('/').at(-1)}-out`)
  beforeEach(() => mkdir(folder()))
  afterEach(() => rm(folder(), { recursive: true, force: true }))

  it('are numbered without a gap for a one-way link, chained by their manifests, with a heartbeat', async () => {
    const settings = { kind: 'folder' as const, folder: folder(), heartbeatSeconds: 5 }
    const { id } = await running.add(draft(settings), 'wang')
    const heartbeat = async () =>
      JSON.parse(await readFile(join(folder(), 'shoukou-heartbeat.json'), 'utf8')) as { newest: number }
    await expect.poll(() => heartbeat().catch(() => null), waiting).toMatchObject({ newest: 0 })
    const made = test.addViolations(250)
    await expect.poll(async () => (await stateOf(id)).waiting, waiting).toBe(0)
    // A console that died after the file and before its place moved: the number comes again, with the same file.
    await running.close()
    const progress = await test.store.forwardProgress(id)
    if (progress === null) throw new Error('no progress')
    const names = (await readdir(folder())).filter((name) => name.endsWith('.manifest')).toSorted()
    const last = await readFile(join(folder(), names.at(-1) ?? ''), 'utf8')
    running = await start()
    made.push(...test.addViolations(1))
    await expect.poll(async () => (await stateOf(id)).waiting, waiting).toBe(0)
    expect(await readFile(join(folder(), names.at(-1) ?? ''), 'utf8')).toBe(last)
    const manifests = (await readdir(folder())).filter((name) => name.endsWith('.manifest')).toSorted()
    const seen: number[] = []
    let previous: string | null = null
    for (const [at, name] of manifests.entries()) {
      expect(name).toBe(`shoukou-${String(at + 1).padStart(12, '0')}.manifest`)
      const text = await readFile(join(folder(), name))
      const manifest = JSON.parse(text.toString()) as {
        sha256: string
        file: string
        previousManifest: string | null
      }
      expect(manifest.previousManifest).toBe(previous)
      const content = await readFile(join(folder(), manifest.file))
      expect(hashOf(content)).toBe(manifest.sha256)
      previous = hashOf(text)
      seen.push(
        ...content
          .toString()
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { violation: number }).violation),
      )
    }
    expect(seen).toEqual(made)
    expect(await heartbeat()).toMatchObject({ newest: manifests.length })
    expect((await readdir(folder())).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('grow to their size and begin anew, and a line that was cut is not continued', async () => {
    const settings = { kind: 'json-file' as const, folder: folder(), fileMegabytesMax: 1, filesMax: 3 }
    const { id } = await running.add(draft(settings), 'wang')
    test.addViolations(1)
    await expect.poll(async () => (await stateOf(id)).sent, waiting).toBe(1)
    const path = join(folder(), 'shoukou.jsonl')
    await truncate(path, 20)
    test.addViolations(1)
    await expect.poll(async () => (await stateOf(id)).sent, waiting).toBe(2)
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3)
    await writeFile(path, 'x'.repeat(1_048_576))
    test.addViolations(1)
    await expect.poll(async () => (await stateOf(id)).sent, waiting).toBe(3)
    expect((await readdir(folder())).toSorted()).toEqual(['shoukou.jsonl', 'shoukou.jsonl.1'])
  })

  it('are written into no folder of the console itself, by whatever link', async () => {
    await symlink(test.folder, join(folder(), 'link'))
    for (const path of [test.folder, join(folder(), 'link')]) {
      const target = await running.add(draft({ kind: 'folder', folder: path, heartbeatSeconds: 5 }), 'wang')
      expect((await running.test(target.id)).failure?.code, path).toBe('folder-not-allowed')
    }
    const gone = await running.add(
      draft({ kind: 'folder', folder: '/nowhere/at/all', heartbeatSeconds: 5 }),
      'wang',
    )
    expect((await running.test(gone.id)).failure?.code).toBe('folder-missing')
  })
})

describe('secrets', () => {
  it('are sealed at rest, never told, never logged, and do not go to another receiver', async () => {
    const secret = 'the-very-secret-key-of-it'
    const settings = { kind: 'webhook' as const, url: 'https://127.0.0.1:1/', ca: '', clientCertificate: '' }
    const made = await running.add(draft(settings, { secrets: { hmacKey: secret } }), 'wang')
    test.addViolations(1)
    await expect.poll(async () => (await stateOf(made.id)).failure?.code, waiting).toBe('refused-connection')
    expect(JSON.stringify([await running.targets(), logged])).not.toContain(secret)
    for (const name of await readdir(test.folder))
      expect((await readFile(join(test.folder, name))).includes(secret), name).toBe(false)
    // The same receiver keeps it; another one needs it typed anew.
    const renamed = await running.change(made.id, made.version, { ...draft(settings), name: 'Renamed' })
    expect(renamed.hasSecrets).toEqual(['hmacKey'])
    await expect(
      running.change(made.id, renamed.version, draft({ ...settings, url: 'https://127.0.0.1:2/' })),
    ).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(running.change(made.id, 1, draft(settings))).rejects.toMatchObject({ code: 'edit-conflict' })
  })
})

it('counts as its own what is private or named by the unit, and nothing else', async () => {
  const { isAllowedAddress } = await import('./allowed-address.ts')
  const named = [parsePrefix('203.0.113.0/24')].flatMap((prefix) => (prefix === null ? [] : [prefix]))
  for (const own of ['10.1.2.3', '192.168.0.1', '172.16.0.1', '127.0.0.1', 'fd00::1', '::1', 'fe80::1'])
    expect(isAllowedAddress(own, []), own).toBe(true)
  for (const foreign of [
    '8.8.8.8',
    '203.0.113.5',
    '2001:4860::1',
    '::ffff:8.8.8.8',
    '0.0.0.0',
    '224.0.0.1',
    'x',
  ])
    expect(isAllowedAddress(foreign, []), foreign).toBe(false)
  expect(isAllowedAddress('203.0.113.5', named)).toBe(true)
})

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

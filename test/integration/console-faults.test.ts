/** The console against what goes wrong around it: its own end at a bad moment, lost files, strangers at its ports. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { connect as connectTcp, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import type { Fact } from '@shoukou/protocol'
import { encodeFrame, PROTOCOL_VERSION } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Computer, ViolationsAnswer } from '../../console/api/contract.ts'
import type { ActionsAnswer } from '../../console/api/contract-trail.ts'
import { checkConfig } from '../../console/base/config.ts'
import { createLog } from '../../console/base/log.ts'
import { startConsole } from '../../console/main.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { findPortPair } from '../support/ports.ts'
import { connectRaw, enrolRaw, type RawIdentity, RawJournal } from '../support/raw-agent.ts'

const opened: Fact = { kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null }
const plugged = (serial: string): Fact => ({
  kind: 'usb.attached',
  origin: 'appeared',
  sighting: 'snapshot',
  device: usbStick({ serial }),
})

describe('a running console', () => {
  let console: TestConsole
  let admin: ApiClient
  let identity: RawIdentity
  let journal: RawJournal
  beforeEach(async () => {
    console = await startTestConsole()
    admin = await console.signIn('secadmin')
    identity = await enrolRaw(console, await console.token())
    journal = new RawJournal(identity.answer.agent)
    journal.append(opened)
  })
  afterEach(() => console[Symbol.asyncDispose]())

  const computer = (): Promise<Computer> => admin.get(`/api/computers/${identity.answer.agent}`)
  const accusations = async (): Promise<ViolationsAnswer['violations']> =>
    (await admin.get<ViolationsAnswer>('/api/violations?type=log-gap-or-clock-tamper&limit=200')).violations

  it('keeps an agent online whose newer connection took the place of an older one', async () => {
    await using first = await connectRaw(console, identity)
    await first.hello(journal)
    for (let round = 0; round < 5; round += 1) {
      await using next = await connectRaw(console, identity)
      await next.hello(journal)
      await first.closed
      expect((await computer()).status).toBe('online')
    }
    await expect.poll(async () => (await computer()).status).toBe('offline')
  })

  it('keeps who read evidence, with the address, though the page was closed before the answer', async () => {
    journal.append(plugged('READ-AND-GONE'))
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    await link.records(journal.frame(1, 2))
    const { violations } = await admin.get<ViolationsAnswer>('/api/violations')
    const path = `/api/violations/${violations[0]?.id}`
    const auditor = await console.signIn('auditor')
    const reads = async (): Promise<readonly string[]> => {
      const { actions } = await auditor.get<ActionsAnswer>('/api/actions')
      return actions.flatMap(({ action, address }) => (action === 'violation-read' ? [address] : []))
    }
    for (let visit = 0; visit < 20; visit += 1) {
      const socket = connectTls({ host: 'localhost', port: console.running.port, ca: console.authority })
      await once(socket, 'secureConnect')
      socket.end(
        `GET ${path} HTTP/1.1\r\nHost: localhost:${console.running.port}\r\nCookie: ${admin.cookie}\r\n\r\n`,
      )
      setTimeout(() => socket.destroy(), visit)
      await once(socket, 'close')
    }
    await expect.poll(async () => (await reads()).length).toBeGreaterThan(0)
    await admin.get(path)
    expect((await reads()).filter((address) => !address.endsWith('127.0.0.1'))).toEqual([])
  })

  it('tells a newer connection of what the older one was still storing', async () => {
    for (let n = 0; n < 900; n += 1) journal.append(plugged(`S-${n}`))
    await using first = await connectRaw(console, identity)
    await first.hello(journal)
    first.send(journal.frame(1, 900))
    await using second = await connectRaw(console, identity)
    const { stored } = await second.hello(journal)
    const seq = stored?.seq ?? 0
    expect([0, 900]).toContain(seq)
    expect((await second.records(journal.frame(seq + 1, 901))).stored).toEqual(journal.position())
  })

  it('accuses of each gap, also where one record settles several and is a violation of that type itself', async () => {
    for (let n = 0; n < 8; n += 1) journal.append(plugged(`S-${n}`))
    journal.append({
      kind: 'journal.gap',
      reason: 'segment-missing',
      firstSeq: 3,
      lastSeq: 3,
      setAside: null,
    })
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    await link.records(journal.frame(1, 1))
    await link.records(journal.frame(4, 4, { gap: { firstSeq: 2, lastSeq: 3 } }))
    await link.records(journal.frame(7, 7, { gap: { firstSeq: 5, lastSeq: 6 } }))
    await link.records(journal.frame(8, 10))
    // Two undeclared gaps (2, and 5-6), and the segment that the journal itself calls missing.
    expect(await accusations()).toHaveLength(3)
  })

  it('stores a burst of small frames once each, and of a burst with a wrong one what came before it', async () => {
    for (let n = 0; n < 400; n += 1) journal.append(plugged(`S-${n}`))
    const { agent } = identity.answer
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    for (let seq = 1; seq <= 300; seq += 1) link.send(journal.frame(seq, seq))
    await expect.poll(async () => (await computer()).storedSeq, { timeout: 10_000 }).toBe(300)
    const stored = await console.running.store.recordRange(agent, journal.epoch, 1, 400)
    expect(stored.map((one) => Buffer.from(one.raw))).toEqual(journal.raws.slice(0, 300))
    for (let seq = 301; seq <= 350; seq += 1) link.send(journal.frame(seq, seq))
    link.send(journal.frame(351, 351, { headAfter: journal.position(7).head }))
    for (let seq = 352; seq <= 360; seq += 1) link.send(journal.frame(seq, seq))
    expect((await link.closed).reason).toBe('malformed-frame')
    expect(await computer()).toMatchObject({ storedSeq: 350, storedHead: journal.position(350).head })
    expect(await accusations()).toEqual([])
  })

  it('does not take the stop of an earlier run for one of this run', async () => {
    journal.append({ kind: 'agent.stopping', reason: 'signal' })
    journal.append(plugged('AFTER'))
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    await link.records(journal.frame(1, 2))
    expect((await computer()).status).toBe('online')
    journal.append({ kind: 'agent.stopping', reason: 'signal' })
    await link.records(journal.frame(3, 4))
    expect((await computer()).status).toBe('stopped')
  })

  it('shows nobody online after it ended without a word, until it hears them', async () => {
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    const { agent } = identity.answer
    expect((await computer()).status).toBe('online')
    await console.stop()
    await link.closed
    const { openSqliteStoreHere } = await import('../../console/store/open-store.ts')
    const store = await openSqliteStoreHere(join(console.dataDir, 'console.db'))
    await store.setStatus(agent, 'online')
    await store.close()
    await console.restart()
    admin = await console.signIn('secadmin')
    expect(await computer()).toMatchObject({ status: 'offline', watch: { state: 'unproven' } })
  })

  it('closes an agent that floods it with heartbeats', async () => {
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    const heartbeat = encodeFrame({
      v: PROTOCOL_VERSION,
      type: 'heartbeat',
      wallMs: Date.now(),
      journal: journal.position(),
      coverage: [],
      policyVersion: 1,
    })
    for (let n = 0; n < 2_000; n += 1) link.send(heartbeat)
    expect((await link.closed).reason).toBe('limit-exceeded')
    expect((await admin.get<{ computers: Computer[] }>('/api/computers')).computers).toHaveLength(1)
  })

  it('stops within seconds while strangers hold its ports open', async () => {
    const { port, agentPort } = console.running
    const strangers = [port, agentPort].map((one) => connectTcp(one, '127.0.0.1'))
    const half = connectTls({ port, host: '127.0.0.1', ca: console.authority, servername: 'localhost' })
    await once(half, 'secureConnect')
    half.write('GET /api/health HTTP/1.1\r\nhost: localhost\r\n')
    await using silent = await connectRaw(console, identity)
    for (const one of [...strangers, half]) one.on('error', () => undefined)
    const began = performance.now()
    await console.stop()
    expect(performance.now() - began).toBeLessThan(6_000)
    await silent.closed
    for (const one of [...strangers, half]) one.destroy()
  })

  it('ends a connection that sends its request byte by byte', async () => {
    const half = connectTls({
      port: console.running.agentPort,
      host: '127.0.0.1',
      ca: console.authority,
      cert: identity.answer.certificate,
      key: identity.key,
      servername: 'localhost',
    })
    await once(half, 'secureConnect')
    const drip = setInterval(() => half.write('x'), 500)
    half.write('GET /agent HTTP/1.1\r\nhost: localhost\r\nx-slow: ')
    half.on('error', () => undefined)
    half.resume()
    await once(half, 'close')
    clearInterval(drip)
  }, 20_000)
})

describe('a console that starts', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoukou-faults-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const start = (port: number) =>
    startConsole({
      config: checkConfig({ dataDir: folder, port, logLevel: 'error' }),
      log: createLog('error'),
    })

  it('names the port of the agents where that one is taken, and shows the first passwords at the next start', async () => {
    const port = await findPortPair()
    const other = createServer().listen(port + 1, '127.0.0.1')
    await once(other, 'listening')
    await expect(start(port)).rejects.toThrow(`Port ${port + 1} is in use; choose another one.`)
    other.close()
    await once(other, 'close')
    const running = await start(port)
    expect(running.firstAccounts.map((one) => one.role)).toEqual(['sys-admin', 'sec-admin', 'auditor'])
    await running.close()
  })

  it('refuses a folder on which another one runs, and disturbs neither', async () => {
    const running = await start(0)
    await expect(start(0)).rejects.toThrow(
      /Another console already runs on the data folder .*; stop it first/,
    )
    expect(await running.store.accounts()).toHaveLength(3)
    await running.close()
    await (await start(0)).close()
  })

  it('makes neither database nor keys anew where only the other half is there', async () => {
    const first = await start(0)
    const token = { id: 't', number: 'JM-1', createdAt: 0, createdBy: 'x', expiresAt: 9e12 }
    await first.close()
    const database = join(folder, 'console.db')
    await truncate(database, 0)
    await expect(start(0)).rejects.toThrow(
      /console.db is missing or empty, but the keys .* restore it from the backup/,
    )
    expect((await stat(database)).size).toBe(0)
    await rm(database)
    await rm(join(folder, 'pki'), { recursive: true })
    const second = await start(0)
    const { DEFAULT_POLICY_SETTINGS: settings } = await import('@shoukou/protocol')
    await second.store.addToken({ ...token, settings, usedAt: null, usedBy: null })
    const names = { agent: 'a', number: 'JM-1', hostname: 'h', certificateSerial: 's', certificate: 'c' }
    const policy = {
      agent: 'a',
      version: 1,
      createdAt: 0,
      createdBy: 'x',
      reason: 'r',
      envelope: '{}',
      settings,
    }
    await second.store.addComputer({ ...names, enrolledAt: 0 }, policy, 't')
    await second.close()
    await rm(join(folder, 'pki'), { recursive: true })
    await expect(start(0)).rejects.toThrow(/keys in .*pki are missing, but 1 computers trust them/)
  })

  it('names a damaged database, and leaves it as it is', async () => {
    await (await start(0)).close()
    await writeFile(join(folder, 'console.db'), Buffer.alloc(40_960, 7))
    await rm(join(folder, 'console.db-wal'), { force: true })
    await expect(start(0)).rejects.toThrow(
      /The database .*console.db is damaged or is no database; it was left/,
    )
  })

  it('makes nothing for a command that mistypes its folder', async () => {
    const program = fileURLToPath(new URL('../../console/cli/shoukou-console.ts', import.meta.url))
    const child = spawn(process.execPath, [program, 'token', '--data', join(folder, 'mistyped')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const [code] = await once(child, 'exit')
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/^shoukou-console: No console has kept its data in .*mistyped/),
    ])
  })
})

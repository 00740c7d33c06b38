/** Who an agent is, over real TLS at both ends: renewal, revocation, copies, and one agent that claims to be another. */
import { randomBytes, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import {
  type Fact,
  type HardwareFact,
  type HelloIdentity,
  hardwareFact,
  type RenewalRequest,
  signRenewal,
  signStanding,
} from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AgentStatus } from '../../agent/base/status-file.ts'
import { askConsole } from '../../agent/link/ask-console.ts'
import { makeKeyAndRequest } from '../../agent/link/certificate-request.ts'
import type { RecordsAnswer, ViolationsAnswer } from '../../console/api/contract.ts'
import type { IdentityAnswer, RevocationAnswer } from '../../console/api/contract-identity.ts'
import { issueAgentCertificate, keyHashOf, notAfterOf } from '../../console/pki/authority.ts'
import { enrolAgent } from '../support/agent-process.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { connectRaw, enrolRaw, type RawIdentity, RawJournal, type RawLink } from '../support/raw-agent.ts'
import { waitFor } from '../support/wait-for.ts'

let console: TestConsole
let admin: ApiClient
const day = 86_400_000
const opened: Fact = { kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null }
const plugged: Fact = {
  kind: 'usb.attached',
  origin: 'appeared',
  sighting: 'snapshot',
  device: usbStick({ serial: 'SN-IDENTITY-1' }),
}

interface Agent {
  readonly identity: RawIdentity
  readonly journal: RawJournal
  readonly agent: string
}

async function newAgent(): Promise<Agent> {
  const identity = await enrolRaw(console, await console.token())
  const { agent } = identity.answer
  const journal = new RawJournal(agent)
  journal.append(opened)
  return { identity, journal, agent }
}

let machines = 0
function machine(): HardwareFact[] {
  machines += 1
  return [
    hardwareFact('product-uuid', `4c4c4544-0042-3510-8056-${machines.toString(16).padStart(12, 'b')}`),
    hardwareFact('board-serial', `CN70163421${machines}`),
    hardwareFact('disk', `S4EWNX0M8123${machines}`),
  ]
}
const runOf = (hardware: HardwareFact[] | null): HelloIdentity => ({
  runId: randomBytes(16).toString('hex'),
  bootMs: 1_000,
  hardware,
})

function ask(path: string, body: object): Promise<unknown> {
  const address = { host: 'localhost', port: console.running.port }
  return askConsole({ address, authority: console.authority, path, body })
}
const renew = async (request: RenewalRequest) =>
  (await ask('/api/agent-certificates', request)) as { certificate: string }
const pairOf = ({ key, answer }: RawIdentity) => ({ key, certificate: answer.certificate })
const withPair = (identity: RawIdentity, key: string, certificate: string): RawIdentity => ({
  key,
  answer: { ...identity.answer, certificate },
})
const violationsOf = async (agent: string, type = 'agent-tamper') =>
  (await admin.get<ViolationsAnswer>(`/api/violations?agent=${agent}&type=${type}&limit=50`)).violations
const identityOf = (agent: string) => admin.get<IdentityAnswer>(`/api/computers/${agent}/identity`)
const codeOfClose = async (link: RawLink) => (await link.closed).reason

/** Whether the handshake, or what follows at once, is refused: nothing of the application is answered. */
async function isRefused(identity: RawIdentity, session?: Buffer): Promise<boolean> {
  const socket = connectTls({
    host: 'localhost',
    port: console.running.agentPort,
    servername: 'localhost',
    ca: console.authority,
    ...pairOf(identity),
    cert: identity.answer.certificate,
    ...(session === undefined ? {} : { session }),
  })
  const text =
    'GET /agent HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  const answer = await new Promise<string>((resolve) => {
    let got = ''
    socket.on('secureConnect', () => socket.write(text))
    socket.on('data', (data: Buffer) => {
      got += data.toString('latin1')
      resolve(got)
    })
    socket.on('error', () => resolve(got))
    socket.on('close', () => resolve(got))
  })
  socket.destroy()
  return answer === ''
}

/** A certificate of this console as it would be after `agoDays`, known to it. */
async function agedBy({ identity, agent }: Agent, agoDays: number, days: number): Promise<RawIdentity> {
  const { key, certificate } = await agedPair(agent, agoDays, days)
  return withPair(identity, key, certificate)
}

async function agedPair(agent: string, agoDays: number, days: number) {
  const { key, request } = await makeKeyAndRequest()
  const now = Date.now() - agoDays * day
  const issued = await issueAgentCertificate(console.running.keys.authority, {
    ...{ agent, pem: request, now, days },
  })
  await console.running.store.addAgentCertificate(
    {
      ...{ serial: issued.serial, agent, certificate: issued.certificate, issuedAt: now },
      keyHash: keyHashOf(issued.certificate),
      notAfter: notAfterOf(issued.certificate),
      origin: 'renewal',
    },
    4,
  )
  return { key, certificate: issued.certificate }
}

beforeAll(async () => {
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
})
afterAll(async () => {
  await console[Symbol.asyncDispose]()
})

describe('renewal', () => {
  it('gives a new key a certificate, and the old one goes on until the new one was used', async () => {
    const one = await newAgent()
    const days =
      (new X509Certificate(one.identity.answer.certificate).validToDate.getTime() - Date.now()) / day
    expect(days).toBeCloseTo(90, 0)
    const { key, request } = await makeKeyAndRequest()
    const asked = signRenewal(pairOf(one.identity), request, Date.now())
    const { certificate } = await renew(asked)
    // The answer was lost: asked again, it is the same.
    expect((await renew(asked)).certificate).toBe(certificate)
    const renewed = withPair(one.identity, key, certificate)
    {
      await using old = await connectRaw(console, one.identity)
      await old.hello(one.journal)
    }
    {
      await using fresh = await connectRaw(console, renewed)
      await fresh.hello(one.journal)
      await fresh.records(one.journal.frame(1, 1))
    }
    // Used once: the old one is over, in the handshake and for another renewal.
    expect(await isRefused(one.identity)).toBe(true)
    await expect(renew(asked)).rejects.toMatchObject({ code: 'renewal-refused' })
    const { certificates } = await identityOf(one.agent)
    expect(certificates.map(({ state, origin }) => [state, origin])).toEqual([
      ['current', 'renewal'],
      ['superseded', 'enrolment'],
    ])
    // Who shows the old one now has a copy of it.
    const [found] = await waitFor(
      async () => {
        const seen = await violationsOf(one.agent)
        return seen.length > 0 ? seen : null
      },
      { what: 'the violation', timeoutMs: 10_000 },
    )
    expect(found?.headline.en).toContain('used again')
  })

  it('works for a year after the certificate ran out, although no handshake does, and not for longer', async () => {
    const one = await newAgent()
    const expired = await agedBy(one, 300, 90)
    expect(await isRefused(expired)).toBe(true)
    expect(await ask('/api/agent-certificates/standing', signStanding(pairOf(expired), Date.now()))).toEqual({
      ...{ v: 1, standing: 'expired' },
    })
    const { key, request } = await makeKeyAndRequest()
    const { certificate } = await renew(signRenewal(pairOf(expired), request, Date.now()))
    await using link = await connectRaw(console, withPair(one.identity, key, certificate))
    await link.hello(one.journal)
    const tooOld = await agedBy(await newAgent(), 460, 90)
    await expect(renew(signRenewal(pairOf(tooOld), request, Date.now()))).rejects.toMatchObject({
      code: 'renewal-refused',
    })
  })
})

describe('revocation', () => {
  it('ends the live connection, refuses the next handshake, and only another enrolment brings the computer back', async () => {
    const one = await newAgent()
    const link = await connectRaw(console, one.identity)
    await link.hello(one.journal)
    await link.records(one.journal.frame(1, 1))
    const startedAt = performance.now()
    const answer = await admin.send<RevocationAnswer>('POST', `/api/computers/${one.agent}/revocation`, {
      reason: 'stolen',
    })
    expect(answer).toEqual({ wasConnected: true })
    expect(await codeOfClose(link)).toBe('certificate-revoked')
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(await isRefused(one.identity)).toBe(true)
    const { request } = await makeKeyAndRequest()
    const proof = signRenewal(pairOf(one.identity), request, Date.now())
    await expect(renew(proof)).rejects.toMatchObject({ code: 'certificate-revoked' })
    expect(
      await ask('/api/agent-certificates/standing', signStanding(pairOf(one.identity), Date.now())),
    ).toEqual({ v: 1, standing: 'revoked' })
    // Others are as they were, and so it stays over a restart.
    const other = await newAgent()
    await using alive = await connectRaw(console, other.identity)
    await alive.hello(other.journal)
    const { command, token } = await admin.send<{ command: string; token: string }>(
      'POST',
      `/api/computers/${one.agent}/enrolment`,
      { reason: 'found again' },
    )
    expect(command).toMatch(/--force$/)
    const again = await enrolRaw(console, token)
    expect(again.answer.computer).toBe(one.identity.answer.computer)
    expect(again.answer.agent).not.toBe(one.agent)
    const { enrolments, revocation } = await identityOf(one.agent)
    expect(enrolments.map(({ agent }) => agent)).toEqual([again.answer.agent, one.agent])
    expect(revocation).toMatchObject({ account: 'secadmin', reason: 'stolen' })
    // The history of the first stays in reach.
    expect(
      (await admin.get<{ records: unknown[] }>(`/api/computers/${one.agent}/records?limit=10`)).records,
    ).toHaveLength(1)
    await console.restart()
    admin = await console.signIn('secadmin')
    expect(await isRefused(one.identity)).toBe(true)
  })

  it('holds against a session that was made before it', async () => {
    const one = await newAgent()
    const socket = connectTls({
      ...{ host: 'localhost', port: console.running.agentPort, servername: 'localhost' },
      ...{ ca: console.authority, key: one.identity.key, cert: one.identity.answer.certificate },
    })
    const session = await new Promise<Buffer>((resolve, reject) => {
      socket.once('session', resolve)
      socket.once('error', reject)
    })
    socket.destroy()
    await admin.send('POST', `/api/computers/${one.agent}/revocation`, { reason: 'test' })
    expect(await isRefused(one.identity, session)).toBe(true)
  })
})

describe('a copy', () => {
  it('on another machine is refused while the known one keeps its place, and nothing of it is stored', async () => {
    const one = await newAgent()
    const own = runOf(machine())
    await using link = await connectRaw(console, one.identity)
    await link.hello(one.journal, { identity: own })
    await using copy = await connectRaw(console, one.identity)
    await expect(copy.hello(one.journal, { identity: runOf(machine()) })).rejects.toThrow('identity-conflict')
    one.journal.append(plugged)
    expect((await link.records(one.journal.frame(1, 2))).stored.seq).toBe(2)
    const [found] = await violationsOf(one.agent)
    expect(found?.headline.en).toContain('other hardware')
    // It tries again and again: one finding.
    await using again = await connectRaw(console, one.identity)
    await expect(again.hello(one.journal, { identity: runOf(machine()) })).rejects.toThrow(
      'identity-conflict',
    )
    // A disk was exchanged: that is shown, and no more.
    await using changed = await connectRaw(console, one.identity)
    const facts = [...(own.hardware ?? []).slice(0, 2), hardwareFact('disk', 'S5GXNX0T000777')]
    await changed.hello(one.journal, { identity: { ...own, hardware: facts } })
    const { machine: shown } = await identityOf(one.agent)
    expect(shown?.facts.map(({ standing }) => standing).toSorted()).toEqual([
      ...['added', 'matched', 'matched', 'missing'],
    ])
  })

  it('with the same hardware, or none, is found by the two being alive, and by one that comes back', async () => {
    const one = await newAgent()
    const [first, second] = [runOf(null), runOf(null)]
    const link = await connectRaw(console, one.identity)
    await link.hello(one.journal, { identity: first })
    const copy = await connectRaw(console, one.identity)
    await expect(copy.hello(one.journal, { identity: second })).rejects.toThrow('identity-conflict')
    await link.records(one.journal.frame(1, 1))
    // While the first is away the copy comes in; when the first is back, both are known to live.
    await link[Symbol.asyncDispose]()
    const late = await connectRaw(console, one.identity)
    await late.hello(one.journal, { identity: second })
    await late[Symbol.asyncDispose]()
    await using back = await connectRaw(console, one.identity)
    await back.hello(one.journal, { identity: first })
    const said = (await violationsOf(one.agent)).map(({ headline }) => headline.en).join('; ')
    expect(said).toContain('in two places at once')
    expect(said).toContain('by two in turn')
  })

  it('is not seen in an agent that starts anew or reconnects', async () => {
    const one = await newAgent()
    const hardware = machine()
    const run = runOf(hardware)
    for (const identity of [run, run, runOf(hardware), runOf(hardware)]) {
      await using link = await connectRaw(console, one.identity)
      await link.hello(one.journal, { identity })
    }
    await using old = await connectRaw(console, one.identity)
    await old.hello(one.journal)
    expect(await violationsOf(one.agent)).toEqual([])
  })

  it('of a machine under a second identity is refused at its hello, and the first stays', async () => {
    const [one, two] = [await newAgent(), await newAgent()]
    const hardware = machine()
    await using link = await connectRaw(console, one.identity)
    await link.hello(one.journal, { identity: runOf(hardware) })
    await using second = await connectRaw(console, two.identity)
    await expect(second.hello(two.journal, { identity: runOf(hardware) })).rejects.toThrow(
      'identity-conflict',
    )
    expect((await violationsOf(one.agent)).map(({ headline }) => headline.en)).toEqual([
      expect.stringContaining(two.identity.answer.computer),
    ])
    expect((await link.records(one.journal.frame(1, 1))).stored.seq).toBe(1)
  })
})

/** A few at a time: a thousand one after another take their time on a busy machine. */
async function inBatches(count: number, work: (n: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += batch)
    await Promise.all(Array.from({ length: Math.min(batch, count - from) }, (_, at) => work(from + at)))
}
const batch = 10

describe('an agent that claims to be another', () => {
  it('has none of a thousand claims accepted, and each is on record', async () => {
    const [one, other] = [await newAgent(), await newAgent()]
    const { store } = console.running
    const notesBefore = (await store.actions({ limit: 1 }))[0]?.id ?? 0
    // Renewals in the other's name, signed by its own key.
    const { request } = await makeKeyAndRequest()
    const own = signRenewal(pairOf(one.identity), request, Date.now())
    const { serialNumber } = new X509Certificate(other.identity.answer.certificate)
    const renewals = 550
    await inBatches(renewals, async (n) => {
      await expect(renew({ ...own, serial: serialNumber, atMs: n })).rejects.toMatchObject({
        code: 'renewal-refused',
      })
    })
    // Questions how the other's certificate stands.
    const questions = 400
    const question = signStanding(pairOf(one.identity), Date.now())
    await inBatches(questions, async (n) => {
      const asked = { ...question, serial: serialNumber, atMs: n }
      await expect(ask('/api/agent-certificates/standing', asked)).rejects.toMatchObject({
        code: 'renewal-refused',
      })
    })
    // Records that name the other, in frames of its own journal and of one that it calls as the other's.
    const forged = new RawJournal(one.agent)
    forged.append(opened, { agent: other.agent })
    const named = new RawJournal(one.agent, other.journal.epoch)
    named.append(opened, { agent: other.agent })
    const claims = 100
    for (let n = 0; n < claims; n += 1) {
      const journal = n % 2 === 0 ? forged : named
      await using link = await connectRaw(console, one.identity)
      await link.hello(journal)
      await expect(link.records(journal.frame(1, 1))).rejects.toThrow('foreign-record')
    }
    const notes = async (wanted: string) => {
      const all = await store.actions({ limit: renewals + questions + claims + 10 })
      return all.filter(({ id = 0, action }) => id > notesBefore && action === wanted).length
    }
    expect(await notes('identity-renew-refused')).toBe(renewals + questions)
    await expect.poll(() => notes('agent-claim-refused')).toBe(claims)
    for (const { agent } of [one, other]) {
      expect(await store.epochs(agent)).toEqual([])
      expect((await store.agentCertificates(agent)).length).toBe(1)
    }
  }, 60_000)
})

describe('the product’s agent', () => {
  it('renews by itself, says so in its journal, and says in its status when it was revoked', async () => {
    await using own = await enrolAgent(console)
    const { agent } = JSON.parse(await readFile(join(own.stateDir, 'identity', 'identity.json'), 'utf8')) as {
      agent: string
    }
    const status = async () =>
      JSON.parse(await readFile(join(own.stateDir, 'status.json'), 'utf8')) as AgentStatus
    // Its certificate ran out while it was switched off.
    const { key, certificate } = await agedPair(agent, 120, 90)
    await writeFile(join(own.stateDir, 'identity', 'agent.pem'), `${key}${certificate}`, { mode: 0o600 })
    await own.start()
    const explain = () => own.log()
    const renewed = await waitFor(
      async () => {
        const { records } = await admin.get<RecordsAnswer>(
          `/api/computers/${agent}/records?kinds=identity.renewed&limit=50`,
        )
        const { certificates } = await identityOf(agent)
        const [newest] = certificates
        return newest?.state === 'current' && records.length > 0 ? newest : null
      },
      { what: 'the renewed certificate in use', timeoutMs: 30_000, everyMs: 200, explain },
    )
    expect(((renewed.notAfter ?? 0) - Date.now()) / day).toBeGreaterThan(89)
    const before = (await status()).journal.seq
    await admin.send('POST', `/api/computers/${agent}/revocation`, { reason: 'test' })
    await waitFor(async () => (await status()).link.trouble?.code === 'certificate-revoked', {
      ...{ what: 'the status to say it', timeoutMs: 20_000, explain },
    })
    // Started anew it is refused in the handshake, learns why, and goes on recording.
    await own.stop()
    await own.start()
    await waitFor(
      async () => {
        const { link, journal, isStopped } = await status()
        return !isStopped && link.trouble?.code === 'certificate-revoked' && journal.seq > before
      },
      { what: 'the status to say it after a start', timeoutMs: 40_000, everyMs: 200, explain },
    )
  }, 90_000)
})

/**
 * An agent is who its certificate says: ten thousand times one claims to be another, in each way that the wire has, and is
 * believed in none; each of them is on record. (CVE-2022-35629 was such a claim that was believed.)
 */
import { X509Certificate } from 'node:crypto'
import { Agent, request as httpsRequest } from 'node:https'
import { type Fact, signRenewal, signStanding } from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeKeyAndRequest } from '../../agent/link/certificate-request.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { connectRaw, enrolRaw, type RawIdentity, RawJournal } from '../support/raw-agent.ts'

const opened: Fact = { kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null }
const pairOf = ({ key, answer }: RawIdentity) => ({ key, certificate: answer.certificate })

let console: TestConsole
let one: RawIdentity
let other: RawIdentity
beforeAll(async () => {
  console = await startTestConsole()
  one = await enrolRaw(console, await console.token())
  other = await enrolRaw(console, await console.token())
})
afterAll(() => console[Symbol.asyncDispose]())

/** From an address of this machine's own: each may ask only so often in a minute. */
function post(agent: Agent, path: string, body: object): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpsRequest(
      {
        ...{
          host: '127.0.0.1',
          servername: 'localhost',
          port: console.running.port,
          agent,
          path,
          method: 'POST',
        },
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(JSON.stringify(body))
  })
}

it('has none of ten thousand claims by certificate accepted, and each is on record', async () => {
  const { store } = console.running
  const { serialNumber } = new X509Certificate(other.answer.certificate)
  const { request } = await makeKeyAndRequest()
  const renewal = signRenewal(pairOf(one), request, Date.now())
  const question = signStanding(pairOf(one), Date.now())
  const before = (await store.actions({ limit: 1 }))[0]?.id ?? 0
  const refusals = new Map<string, number>()
  const claimFrom = async (place: number): Promise<void> => {
    const agent = new Agent({
      ...{ ca: console.authority, keepAlive: true, maxSockets: 2, localAddress: `127.0.1.${place + 1}` },
    })
    await Promise.all(
      Array.from({ length: claimsEach }, async (_, at) => {
        const n = place * claimsEach + at
        const answer = await (n % 10 === 0
          ? post(agent, '/api/agent-certificates', { ...renewal, serial: serialNumber, atMs: n })
          : post(agent, '/api/agent-certificates/standing', { ...question, serial: serialNumber, atMs: n }))
        const what = `${answer.status} ${/"code":"([a-z-]+)"/.exec(answer.text)?.[1]}`
        refusals.set(what, (refusals.get(what) ?? 0) + 1)
      }),
    )
    agent.destroy()
  }
  await Promise.all(Array.from({ length: places }, (_, place) => claimFrom(place)))
  expect(Object.fromEntries(refusals)).toEqual({ '403 renewal-refused': places * claimsEach })
  let noted = 0
  for (let beforeId = Number.MAX_SAFE_INTEGER; beforeId > before; ) {
    const page = await store.actions({ limit: 500, beforeId })
    const own = page.filter(({ id = 0, action }) => id > before && action === 'identity-renew-refused')
    noted += own.length
    beforeId = page.at(-1)?.id ?? 0
  }
  expect(noted).toBe(places * claimsEach)
  for (const { answer } of [one, other]) expect((await store.agentCertificates(answer.agent)).length).toBe(1)
}, 240_000)

const places = 20
const claimsEach = 500

it('has no record stored that names another, whichever journal it says to be of', async () => {
  const { store } = console.running
  const own = new RawJournal(other.answer.agent)
  own.append(opened)
  {
    await using link = await connectRaw(console, other)
    await link.hello(own)
    await link.records(own.frame(1, 1))
  }
  const stored = await store.epochs(other.answer.agent)
  expect(stored).toHaveLength(1)
  // In a journal of its own, in one that it calls as the other's, and in the very chain of the other.
  const claims = (): readonly RawJournal[] => [
    new RawJournal(one.answer.agent),
    new RawJournal(one.answer.agent, own.epoch),
    new RawJournal(other.answer.agent, own.epoch),
  ]
  const before = (await store.actions({ limit: 1 }))[0]?.id ?? 0
  for (let n = 0; n < 45; n += 1) {
    const journal = claims()[n % 3] ?? own
    journal.append(opened, { agent: other.answer.agent })
    await using link = await connectRaw(console, one)
    await link.hello(journal)
    await expect(link.records(journal.frame(1, 1))).rejects.toThrow(/foreign-record|chain-/)
  }
  // Each of them under the name of who made it, in the log that no operator can take it from.
  const noted = async () =>
    (await store.actions({ limit: 200 })).filter(
      ({ id = 0, action, object }) =>
        id > before && action === 'agent-claim-refused' && object === one.answer.agent,
    ).length
  await expect.poll(noted).toBe(45)
  expect(await store.epochs(one.answer.agent)).toEqual([])
  expect(await store.epochs(other.answer.agent)).toEqual(stored)
}, 60_000)

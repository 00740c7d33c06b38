import 'reflect-metadata'
import { generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { hardwareFact, parseRenewalAnswer, signRenewal, signStanding } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../../api/test-api.ts'
import { addComputer } from '../../api/test-data.ts'
import { issueAgentCertificate, keyHashOf, notAfterOf } from '../../pki/authority.ts'
import type { ViolationRow } from '../../store/ports.ts'
import { assertNotEnrolled } from './known-machine.ts'
import { answerRenewal, answerStanding, renew } from './renewal.ts'

const day = 86_400_000
let test: TestApi
let count = 0
beforeAll(async () => {
  test = await startTestApi()
})
afterAll(() => test[Symbol.asyncDispose]())

/** A key and a request for it, PEM, as an agent makes them. */
async function makeKeyAndRequest(): Promise<{ key: string; request: string }> {
  x509.cryptoProvider.set(webcrypto)
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    ...{ name: 'CN=agent', keys, signingAlgorithm },
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), request: request.toString('pem') }
}

/** An agent with a certificate in use. */
async function enrolled(days = 90) {
  count += 1
  const agent = await addComputer(test, `JM-9${count.toString().padStart(3, '0')}`, `agent-renews-${count}`)
  const { key, request } = await makeKeyAndRequest()
  const { now } = test.clock
  const issued = await issueAgentCertificate(test.keys.authority, { agent, pem: request, now, days })
  await test.store.addAgentCertificate(
    {
      ...{ agent, serial: issued.serial, certificate: issued.certificate, issuedAt: now, origin: 'renewal' },
      keyHash: keyHashOf(issued.certificate),
      notAfter: notAfterOf(issued.certificate),
    },
    4,
  )
  await test.store.useAgentCertificate(issued.serial, now)
  return { agent, key, certificate: issued.certificate, serial: issued.serial }
}
const parts = (now = test.clock.now) => ({ store: test.store, keys: test.keys, now })

describe('a renewal', () => {
  it('goes by bytes as a bundle carries it, and is answered the same until the new one was used', async () => {
    const pair = await enrolled()
    const { request } = await makeKeyAndRequest()
    const bytes = Buffer.from(JSON.stringify(signRenewal(pair, request, 5)))
    const first = await answerRenewal(parts(), bytes)
    expect((await answerRenewal(parts(), bytes)).bytes).toEqual(first.bytes)
    const { certificate } = parseRenewalAnswer(first.bytes)
    expect(new X509Certificate(certificate).subject).toBe(`CN=${pair.agent}`)
    await test.store.useAgentCertificate(first.serial, test.clock.now)
    await expect(answerRenewal(parts(), bytes)).rejects.toMatchObject({ code: 'renewal-refused' })
  })

  it.each([
    [
      'another key signed',
      (one: Awaited<ReturnType<typeof enrolled>>, request: string) =>
        signRenewal(
          {
            ...one,
            key: generateKeyPairSync('ec', { namedCurve: 'P-256' })
              .privateKey.export({ type: 'pkcs8', format: 'pem' })
              .toString(),
          },
          request,
          5,
        ),
    ],
    [
      'names another time than was signed',
      (one: Awaited<ReturnType<typeof enrolled>>, request: string) => ({
        ...signRenewal(one, request, 5),
        atMs: 6,
      }),
    ],
    [
      'names a serial that is not known',
      (one: Awaited<ReturnType<typeof enrolled>>, request: string) => ({
        ...signRenewal(one, request, 5),
        serial: 'AB12',
      }),
    ],
  ])('that %s is refused', async (_what, make) => {
    const pair = await enrolled()
    const { request } = await makeKeyAndRequest()
    await expect(renew(parts(), make(pair, request))).rejects.toMatchObject({ code: 'renewal-refused' })
    expect(await test.store.agentCertificates(pair.agent)).toHaveLength(2)
  })

  it('with the key in use is none', async () => {
    const { agent, ...pair } = await enrolled()
    const { key, request } = await makeKeyAndRequest()
    const first = await renew(parts(), signRenewal(pair, request, 5))
    await test.store.useAgentCertificate(first.serial, test.clock.now)
    const again = signRenewal({ key, certificate: first.answer.certificate }, request, 6)
    await expect(renew(parts(), again)).rejects.toMatchObject({ code: 'renewal-refused' })
    expect(agent).toBe(first.agent)
  })

  it('holds until a year after the end, and not a moment longer', async () => {
    const pair = await enrolled()
    const end = notAfterOf(pair.certificate)
    const { request } = await makeKeyAndRequest()
    const asked = signRenewal(pair, request, 5)
    await expect(renew(parts(end + 365 * day + 1), asked)).rejects.toMatchObject({ code: 'renewal-refused' })
    expect((await renew(parts(end + 365 * day), asked)).agent).toBe(pair.agent)
    expect(await answerStanding(parts(end + 1), signStanding(pair, 5))).toEqual({ v: 1, standing: 'expired' })
    expect(await answerStanding(parts(end), signStanding(pair, 5))).toEqual({ v: 1, standing: 'good' })
  })

  it('leaves no more than four unused ones, the newest', async () => {
    const pair = await enrolled()
    const serials: string[] = []
    for (let n = 0; n < 6; n += 1) {
      const { request } = await makeKeyAndRequest()
      serials.push((await renew(parts(), signRenewal(pair, request, n))).serial)
    }
    const issued = (await test.store.agentCertificates(pair.agent)).filter(({ state }) => state === 'issued')
    expect(issued.map(({ serial }) => serial)).toEqual(serials.slice(-4).toReversed())
    // Using one ends what came before it, and not what came after.
    await test.store.useAgentCertificate(serials[4] ?? '', test.clock.now)
    const states = (await test.store.agentCertificates(pair.agent)).map(({ state }) => state)
    expect(states.slice(0, 3)).toEqual(['issued', 'current', 'superseded'])
    expect(states.filter((state) => state === 'current')).toHaveLength(1)
  })
})

describe('a machine that is enrolled', () => {
  it('is not enrolled a second time, except in its own place', async () => {
    const { agent } = await enrolled()
    const { number } = (await test.store.computer(agent)) ?? { number: '' }
    const facts = [hardwareFact('board-serial', 'CN70163421-77'), hardwareFact('disk', 'S4EWNX0M8-77')]
    await test.store.noteHardware(agent, { facts, at: 5, from: 'enrolment' })
    const raised: ViolationRow[] = []
    const told = {
      store: test.store,
      now: test.clock.now,
      address: '10.1.2.3',
      raised: (one: ViolationRow) => void raised.push(one),
    }
    await expect(assertNotEnrolled(told, facts, { number: 'JM-NEW', replaces: null })).rejects.toMatchObject({
      code: 'identity-conflict',
      message: expect.stringContaining(number),
    })
    expect(raised.map((one) => [one.agent, one.type])).toEqual([[agent, 'agent-tamper']])
    await assertNotEnrolled(told, facts, { number, replaces: agent })
    await assertNotEnrolled(told, facts.slice(0, 1), { number: 'JM-NEW', replaces: null })
    // Revoked, it is free.
    await test.store.revoke({ agent, at: 6, account: 'li', reason: 'test' })
    await assertNotEnrolled(told, facts, { number: 'JM-NEW', replaces: null })
  })
})

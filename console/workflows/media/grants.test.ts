import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import {
  type Command,
  DEFAULT_POLICY_SETTINGS,
  openEnvelope,
  type PolicySettings,
  parseEnrolmentToken,
} from '@shoukou/protocol'
import { checkCode, makeChallenge } from '@shoukou/protocol/media/spoken-code.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MediumRow } from '../../store/media-ports.ts'
import { createToken, enrol } from '../enrolment.ts'
import { changePolicy } from '../policies.ts'
import { details, openTestMedia, passport, type TestMedia } from './test-media.ts'

let test: TestMedia
beforeEach(async () => {
  test = await openTestMedia()
})
afterEach(() => test[Symbol.asyncDispose]())

function lastCommand(): Command {
  const { envelope } = test.sent.at(-1) ?? { envelope: null }
  if (envelope === null) throw new Error('nothing was sent')
  const payload = openEnvelope('command', envelope, test.signer.publicKey)
  return JSON.parse(payload?.toString('utf8') ?? 'null') as Command
}

describe('a temporary right', () => {
  it('is ordered by a command that the agent can check, for one stay of one medium', async () => {
    const asked = { instance: 'usb:1-1#1.4', right: 'read-only', minutes: 30 } as const
    const sent = await test.media.commands.grant('agent-1', asked)
    expect(sent.isSent).toBe(true)
    expect(lastCommand()).toEqual({
      v: 1,
      id: sent.id,
      agent: 'agent-1',
      issuedAtMs: test.clock.now,
      name: 'grant-medium',
      ...asked,
    })
    const ended = await test.media.commands.endGrant('agent-1', asked.instance)
    expect(lastCommand()).toMatchObject({ name: 'end-grant', id: ended.id, instance: asked.instance })
  })
})

describe('the order to write a seal', () => {
  async function registered(): Promise<MediumRow> {
    const from = await test.examine(passport('A1'))
    return test.media.register.register({ ...details(), reason: 'new', from }, 'li')
  }
  async function setRoles(roles: NonNullable<PolicySettings['roles']>): Promise<void> {
    const { signer } = test
    const { version: baseVersion } = await test.policy('agent-1')
    const change = { baseVersion, settings: { ...DEFAULT_POLICY_SETTINGS, roles }, reason: 'role' }
    await changePolicy(test.store, 'agent-1', change, { account: 'li', signer, now: test.clock.now })
  }
  const order = (number: string, agent = 'agent-1') =>
    test.media.commands.writeSeal(number, { agent, instance: 'usb:1-1#1.4' })

  it('goes to a station alone, with the seal in force', async () => {
    const row = await registered()
    await expect(order(row.number)).rejects.toThrow(/JM-0231 is no registration station/)
    await setRoles(['station'])
    expect((await order(row.number)).isSent).toBe(true)
    expect(lastCommand()).toMatchObject({ name: 'write-seal', seal: row.seal?.signed })
    await expect(order(row.number, 'nobody')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is refused for a medium that may not be used, or that nothing is known of', async () => {
    await setRoles(['station'])
    const plain = await test.media.register.register({ ...details(), reason: 'new', from: null }, 'li')
    await expect(order(plain.number)).rejects.toThrow(/has no seal yet/)
    const row = await registered()
    await test.media.register.setState(
      row.number,
      { baseVersion: row.version, state: 'suspended', reason: 'lost its label' },
      'li',
    )
    await expect(order(row.number)).rejects.toThrow(/is suspended/)
    await expect(order('YM-9999')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('a code that is read out', () => {
  it('holds for the computer that got its key at its enrolment, and for no other', async () => {
    const [one, other] = [await enrolled('one'), await enrolled('other')]
    const challenge = makeChallenge({ digest: 'ab'.repeat(32), counter: 7, nonce: 1234 })
    const asked = { challenge: challenge.replaceAll(' ', '-'), right: 'read-only', minutes: 15 } as const
    const { code, counter } = await test.media.answerChallenge({ agent: one.agent, ...asked })
    expect([code, counter]).toEqual([expect.stringMatching(/^(\d{4} ){3}\d{4}$/), 7])
    const check = (spokenKey: string | undefined) =>
      checkCode({ spokenKey: Buffer.from(spokenKey ?? '', 'base64url'), challenge, code })
    expect(check(one.spokenKey)).toEqual({ ok: true, right: 'read-only', minutes: 15 })
    expect(check(other.spokenKey)).toEqual({ ok: false, reason: 'wrong' })
  })

  it('is not made for a challenge that was misread', async () => {
    const challenge = makeChallenge({ digest: 'ab'.repeat(32), counter: 7, nonce: 1234 })
    const slipped = `${(Number(challenge[0]) + 1) % 10}${challenge.slice(1)}`
    const ask = (text: string) =>
      test.media.answerChallenge({ agent: 'a', challenge: text, right: 'read-only', minutes: 15 })
    for (const wrong of [slipped, challenge.slice(1), '一二三四'])
      await expect(ask(wrong)).rejects.toThrow(/misread/)
  })
})

async function enrolled(hostname: string) {
  const made = await createToken(test.store, test.keys, {}, { account: 'li', now: test.clock.now })
  x509.cryptoProvider.set(webcrypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=agent',
    keys,
    signingAlgorithm: algorithm,
  })
  return enrol(
    test.store,
    test.keys,
    {
      v: 1,
      secret: parseEnrolmentToken(made.token).secret,
      certificateRequest: request.toString('pem'),
      agentVersion: '0.1.0',
      hostname,
      baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [] },
    },
    { agentPort: 8444, now: test.clock.now, signer: test.signer },
  )
}

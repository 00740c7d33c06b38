import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KeepingAnswer } from './contract-keeping.ts'
import { codeOf, startTestApi, type TestApi } from './test-api.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let test: TestApi
let folder: string
let admin: string
beforeEach(async () => {
  test = await startTestApi()
  folder = await mkdtemp(join(tmpdir(), 'shoukou-backups-'))
  admin = await test.signIn('sys-admin')
})
afterEach(async () => {
  await test[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

describe('forwarding', () => {
  it('takes secrets and gives none back: in no answer, in no entry of the log; each change stands there with its reason', async () => {
    const secret = 'a-signing-key-of-length'
    const target = {
      name: 'Hook',
      content: 'headline',
      language: 'zh',
      events: ['violation'],
      severities: [],
      types: [],
      settings: { kind: 'webhook', url: 'https://127.0.0.1:1/', ca: '', clientCertificate: '' },
      secrets: { hmacKey: secret },
      reason: 'put into service',
    }
    const added = await test.call('POST', '/api/forwarding', { cookie: admin, body: target })
    expect([added.status, added.json]).toMatchObject([200, { hasSecrets: ['hmacKey'], state: 'idle' }])
    const { id } = added.json as { id: string }
    const tested = await test.call('POST', `/api/forwarding/${id}/test`, { cookie: admin })
    expect(tested.json).toMatchObject({ isSent: false, failure: { code: 'refused-connection' } })
    const listed = await test.call('GET', '/api/forwarding', { cookie: await test.signIn('auditor') })
    const rows = await test.store.trailRows({ limit: 50 })
    expect(added.text + listed.text + test.logged.join('')).not.toContain(secret)
    const log = rows.map(({ raw }) => Buffer.from(raw).toString('utf8')).join('\n')
    expect(log).not.toContain(secret)
    expect(log).toContain('put into service')
    expect(log).toContain('forwarding-test')
    const wrong = { ...target, settings: { ...target.settings, url: 'http://127.0.0.1/' } }
    expect((await test.call('POST', '/api/forwarding', { cookie: admin, body: wrong })).status).toBe(400)
  })

  it('sends evidence only once a security administrator agreed, and asks anew where the receiver changes', async () => {
    const target = {
      name: 'Hook',
      content: 'facts',
      language: 'zh',
      events: ['violation'],
      severities: [],
      types: [],
      settings: { kind: 'json-file', folder, fileMegabytesMax: 1, filesMax: 2 },
      secrets: {},
      reason: 'the situation room',
    }
    const added = await test.call('POST', '/api/forwarding', { cookie: admin, body: target })
    expect([added.status, added.json]).toMatchObject([200, { state: 'paused' }])
    const { id } = added.json as { id: string }
    const pause = (isPaused: boolean) =>
      test.call('POST', `/api/forwarding/${id}/pause`, { cookie: admin, body: { isPaused, reason: 'r' } })
    const waiting = {
      agreement: { proposal: expect.any(Number) as number, askedBy: 'wang', mayAgree: ['li'] },
    }
    expect(added.json).toMatchObject(waiting)
    // It is asked for already, and letting it go on is no way around.
    expect(codeOf(await pause(false))).toBe('edit-conflict')
    const second = await test.signIn('sec-admin')
    const open = async () => {
      const answer = await test.call('GET', '/api/acts?state=open', { cookie: second })
      return (answer.json as { acts: { id: number; hash: string; words: { en: string } }[] }).acts[0]
    }
    const decide = async (cookie: string) => {
      const act = await open()
      const body = { hash: act?.hash, reason: 'seen' }
      return test.call('POST', `/api/acts/${act?.id}/agree`, { cookie, body })
    }
    expect((await open())?.words.en).toContain(folder)
    expect((await decide(admin)).status).toBe(403)
    const agreed = await decide(second)
    expect(agreed.json).toMatchObject({ outcome: { result: 'done' } })
    const state = async () => {
      const answer = await test.call('GET', '/api/forwarding', { cookie: admin })
      return (answer.json as { targets: { state: string; version: number }[] }).targets[0]
    }
    expect(await state()).toMatchObject({ state: 'idle', agreement: null })
    await pause(true)
    expect((await pause(false)).json).toMatchObject({ state: 'idle' })
    const settings = { ...target.settings, filesMax: 3 }
    const version = (await state())?.version
    const changed = await test.call('PUT', `/api/forwarding/${id}`, {
      cookie: admin,
      body: { ...target, settings, version },
    })
    expect(changed.json).toMatchObject({ state: 'paused' })
    expect((await open())?.words.en).toContain('evidence')
  })
})

describe('a restore over the running data', () => {
  it('is verified, staged and asked for by one person, and waits for the next start once another has agreed', async () => {
    const halves = { first: 'several words of one', second: 'several words of another' }
    const state = async () =>
      (await test.call('GET', '/api/backups', { cookie: admin })).json as KeepingAnswer
    const post = (path: string, body: object, method = 'POST') =>
      test.call(method, path, { cookie: admin, body })
    const settings = { version: 0, daily: null, folder, ageHoursMax: 24, retentionYears: 5, reason: 'r' }
    expect((await post('/api/backups/settings', settings, 'PUT')).status).toBe(200)
    expect((await post('/api/backups/passphrase', { version: 1, halves, reason: 'r' })).status).toBe(200)
    expect((await post('/api/backups', { reason: 'r' })).status).toBe(200)
    await expect.poll(async () => (await state()).backups[0]?.failure, { timeout: 60_000 }).toBeNull()
    const place = (await state()).backups[0]?.place ?? ''
    const swapped = { first: halves.second, second: halves.first }
    const wrong = await post('/api/backups/restore', { place, halves: swapped, reason: 'r' })
    expect([wrong.status, codeOf(wrong)]).toEqual([422, 'backup-refused'])
    const asked = await post('/api/backups/restore', { place, halves, reason: 'the disk failed' })
    expect(asked.status, asked.text).toBe(200)
    const { proposal } = asked.json as { proposal: number }
    expect((await state()).staged).toBeNull()
    const second = await test.signIn('sec-admin')
    const seen = (await test.call('GET', `/api/acts/${proposal}`, { cookie: second })).json as {
      hash: string
    }
    const agree = (cookie: string) =>
      test.call('POST', `/api/acts/${proposal}/agree`, { cookie, body: { hash: seen.hash, reason: 'seen' } })
    const own = await agree(admin)
    expect([own.status, codeOf(own)]).toEqual([403, 'second-person-needed'])
    const agreed = await agree(second)
    expect(agreed.status, agreed.text).toBe(200)
    expect((await state()).staged).toMatchObject({ place, agreedBy: 'li' })
  })
})

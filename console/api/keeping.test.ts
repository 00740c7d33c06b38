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
})

describe('a restore over the running data', () => {
  it('is verified, staged and asked for by one person, and waits for the next start once another has agreed', async () => {
    const passphrase = 'several words of it'
    const state = async () =>
      (await test.call('GET', '/api/backups', { cookie: admin })).json as KeepingAnswer
    const post = (path: string, body: object, method = 'POST') =>
      test.call(method, path, { cookie: admin, body })
    const settings = { version: 0, daily: null, folder, ageHoursMax: 24, retentionYears: 5, reason: 'r' }
    expect((await post('/api/backups/settings', settings, 'PUT')).status).toBe(200)
    expect((await post('/api/backups/passphrase', { version: 1, passphrase, reason: 'r' })).status).toBe(200)
    expect((await post('/api/backups', { reason: 'r' })).status).toBe(200)
    await expect.poll(async () => (await state()).backups[0]?.failure, { timeout: 60_000 }).toBeNull()
    const place = (await state()).backups[0]?.place ?? ''
    const wrong = await post('/api/backups/restore', { place, passphrase: 'another of them', reason: 'r' })
    expect([wrong.status, codeOf(wrong)]).toEqual([422, 'backup-refused'])
    const asked = await post('/api/backups/restore', { place, passphrase, reason: 'the disk failed' })
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

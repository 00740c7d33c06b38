import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ArchivesAnswer } from './contract-archives.ts'
import { codeOf, startTestApi, type TestApi } from './test-api.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let test: TestApi
beforeEach(async () => {
  test = await startTestApi()
})
afterEach(() => test[Symbol.asyncDispose]())

describe('archives', () => {
  it('say why nothing may go yet, to whoever sees backups; only the system administrator asks, and is refused in words', async () => {
    for (const role of ['sys-admin', 'sec-admin', 'auditor'] as const) {
      const seen = await test.call('GET', '/api/archives', { cookie: await test.signIn(role) })
      expect([role, seen.status]).toEqual([role, 200])
      const { preview, archives } = seen.json as ArchivesAnswer
      expect([preview.nothing, preview.records, archives]).toEqual(['all-within-period', 0, []])
    }
    const ask = async (role: 'sys-admin' | 'sec-admin' | 'auditor', path = '/api/archives', more = {}) =>
      test.call('POST', path, { cookie: await test.signIn(role), body: { reason: 'over', ...more } })
    for (const role of ['sec-admin', 'auditor'] as const) expect((await ask(role)).status).toBe(403)
    const early = await ask('sys-admin')
    expect([early.status, codeOf(early)]).toEqual([400, 'invalid-request'])
    const name = 'shoukou-archive-20320101T000000000Z.db'
    const unknown = await ask('sys-admin', '/api/archives/removal', { name })
    expect([unknown.status, codeOf(unknown)]).toEqual([404, 'not-found'])
    const outside = await ask('sys-admin', '/api/archives/removal', { name: '../../etc/passwd' })
    expect(outside.status).toBe(400)
    const [row] = await test.store.trailRows({ acts: ['archive-ask'], limit: 1 })
    expect(Buffer.from(row?.raw ?? []).toString()).toContain('refused')
  })
})

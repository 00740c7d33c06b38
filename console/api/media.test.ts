import type { Passport } from '@shoukou/protocol'
import { identityKeys } from '@shoukou/protocol/media/compare-passports.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StayRow } from '../store/sighting-ports.ts'
import { examination, passport } from '../workflows/media/test-media.ts'
import type { PolicyAnswer, PolicyHistory } from './contract.ts'
import type {
  MediaAnswer,
  MediumAnswer,
  MediumDetails,
  NewMedium,
  SeenMediaAnswer,
  SpokenCodeAnswer,
} from './contract-media.ts'
import type { ImportPreview } from './contract-sheets.ts'
import { type Answer, codeOf, startTestApi, type TestApi } from './test-api.ts'
import { AGENT, addComputer, appendFacts, EPOCH, mediaViolation } from './test-data.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
let [cookie, auditor] = ['', '']
beforeAll(async () => {
  test = await startTestApi()
  await addComputer(test, 'JM-0231')
  cookie = await test.signIn('sec-admin')
  auditor = await test.signIn('auditor')
})
afterAll(() => test[Symbol.asyncDispose]())

const details: MediumDetails = {
  level: 'confidential',
  kind: 'usb-stick',
  custodian: '张三',
  department: '办公室',
  computers: ['JM-0231'],
  users: null,
  right: 'read-write',
  validFromMs: 0,
  validUntilMs: null,
  note: '',
}

const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  test.call(method, path, { cookie, ...(body === undefined ? {} : { body }) })

async function examined(found: Passport): Promise<{ agent: string; epoch: string; seq: number }> {
  const wallMs = test.clock.now
  await appendFacts(test.store, { facts: [examination(found)], wallMs, receivedAt: wallMs })
  return { agent: AGENT, epoch: EPOCH, seq: (await test.store.position(AGENT, EPOCH))?.seq ?? 0 }
}

async function register(number: string, other: Partial<NewMedium> = {}): Promise<MediumAnswer> {
  const answer = await call('POST', '/api/media', { number, ...details, reason: 'new', from: null, ...other })
  expect(answer.status, answer.text).toBe(200)
  return answer.json as MediumAnswer
}

const newest = async () => (await test.store.actions({ limit: 1 }))[0]

describe('the register over the API', () => {
  it('registers from an examination, and takes no passport from whoever asks', async () => {
    const from = await examined(passport('E0D55EA57414'))
    const { medium, history } = await register('U/2026/1', { from })
    expect(medium).toMatchObject({ number: 'U/2026/1', version: 1, passport: passport('E0D55EA57414') })
    expect(medium.sealId).not.toBeNull()
    expect(history.map(({ kind }) => kind)).toEqual(['seal-issued', 'registered'])
    expect(await newest()).toMatchObject({
      account: 'li',
      action: 'medium-register',
      object: 'U/2026/1',
      detail: `${AGENT}/${EPOCH}/${from.seq}: new`,
    })
    const forged = { ...details, reason: 'new', from, passport: passport('A1') }
    expect(codeOf(await call('POST', '/api/media', forged))).toBe('invalid-request')
    const again = await call('POST', '/api/media', { ...details, reason: 'new', from })
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('U/2026/1')])
    expect(await newest()).toMatchObject({ action: 'medium-register-refused', detail: 'invalid-request' })
  })

  it('finds one by its number, slashes and all, and lists in pages', async () => {
    await register('L-1', { note: 'list' })
    await register('L-2', { note: 'list' })
    await register('L-3', { note: 'list' })
    const first = (await call('GET', '/api/media?search=list&limit=2')).json as MediaAnswer
    expect([first.media.map(({ number }) => number), first.total]).toEqual([['L-3', 'L-2'], 3])
    const rest = (await call('GET', `/api/media?search=list&limit=2&before=${first.nextBefore}`)).json
    expect((rest as MediaAnswer).media.map(({ number }) => number)).toEqual(['L-1'])
    expect((rest as MediaAnswer).nextBefore).toBeNull()
    const one = await call('GET', `/api/media/${encodeURIComponent('U/2026/1')}`)
    expect((one.json as MediumAnswer).medium.number).toBe('U/2026/1')
    expect(codeOf(await call('GET', '/api/media?state=lost'))).toBe('invalid-request')
    expect((await call('GET', '/api/media/none')).status).toBe(404)
  })

  it('is read by the auditor, and written by the security administrator alone', async () => {
    expect((await test.call('GET', '/api/media', { cookie: auditor })).status).toBe(200)
    const body = { ...details, reason: 'new', from: null }
    expect((await test.call('POST', '/api/media', { cookie: auditor, body })).status).toBe(403)
  })

  it('tells a page that it edited what is no longer in force', async () => {
    await register('C-1')
    const change = { ...details, note: 'a', baseVersion: 1, reason: 'needed' }
    expect((await call('PUT', '/api/media/C-1', change)).status).toBe(200)
    const late = await call('PUT', '/api/media/C-1', { ...change, note: 'b' })
    expect([late.status, codeOf(late)]).toEqual([409, 'edit-conflict'])
    const lowered = { ...details, level: 'internal', baseVersion: 2, reason: 'needed' }
    expect((await call('PUT', '/api/media/C-1', lowered)).text).toContain('never lowered')
    const state = await call('POST', '/api/media/C-1/state', {
      baseVersion: 2,
      state: 'lent',
      reason: 'trip',
    })
    expect((state.json as MediumAnswer).medium).toMatchObject({ state: 'lent', version: 3 })
    expect(await newest()).toMatchObject({ action: 'medium-state', detail: 'issued -> lent: trip' })
  })

  it('takes a passport later, and orders the seal of a station alone', async () => {
    await register('P-1')
    const from = await examined(passport('P1'))
    const known = await call('POST', '/api/media/P-1/passport', { baseVersion: 1, from, reason: 'seen' })
    expect((known.json as MediumAnswer).medium.passport).toEqual(passport('P1'))
    const order = { agent: AGENT, instance: 'usb:1-1#1.4' }
    const refused = await call('POST', '/api/media/P-1/seal', order)
    expect(refused.text).toContain('no registration station')
  })

  it('brings the policies of its computers up', async () => {
    await test.media.policies.settle()
    const { policy } = (await call('GET', `/api/computers/${AGENT}/policy`)).json as PolicyAnswer
    expect(policy.media?.seals.length).toBeGreaterThan(0)
    const { policies } = (await call('GET', `/api/computers/${AGENT}/policies`)).json as PolicyHistory
    const reasons = policies.map(({ reason }) => reason).join('\n')
    expect(reasons).toContain('media register: U/2026/1 registered')
    expect(policies[0]).toMatchObject({ createdBy: 'li' })
  })
})

describe('what is plugged in', () => {
  it('stands with its computer, its violation and its number, once that is registered', async () => {
    const found = passport('SEEN-1')
    const [wallMs, instance] = [test.clock.now, 'usb:1-1#1.9']
    let seq = 0
    const [violation] = await appendFacts(test.store, {
      facts: [examination(found)],
      wallMs,
      receivedAt: wallMs,
      violations: (first) => [mediaViolation(first, 'DataTraveler', wallMs)],
      stays: (first) => {
        seq = first
        return [stay(first, { at: wallMs, instance, passport: found, keys: identityKeys(found) })]
      },
    })
    const seen = async (path: string) => ((await call('GET', path)).json as SeenMediaAnswer).media
    const [here] = await seen(`/api/computers/${AGENT}/media`)
    const record = { epoch: EPOCH, seq }
    expect(here).toMatchObject({
      instance,
      record,
      isPresent: true,
      isStation: false,
      number: null,
      passport: found,
    })
    await register('SEEN', { from: { agent: AGENT, ...record } })
    const about = await seen(`/api/violations/${violation?.id}/medium`)
    expect(about).toEqual([{ ...here, number: 'SEEN' }])
    expect((await call('GET', '/api/violations/999999/medium')).status).toBe(404)
  })

  it('stands with a registered medium: where it was, and where last', async () => {
    await register('TRAVELLER')
    const wallMs = test.clock.now
    await appendFacts(test.store, {
      facts: [examination(passport('T1'))],
      wallMs,
      receivedAt: wallMs,
      stays: (first) => [
        stay(first, { at: wallMs, number: 'TRAVELLER', endedAt: wallMs + 9, right: 'read-only' }),
      ],
    })
    const { medium, sightings } = (await call('GET', '/api/media/TRAVELLER')).json as MediumAnswer
    expect(medium).toMatchObject({ lastSeenAt: wallMs, lastSeenComputer: 'JM-0231' })
    expect(sightings).toMatchObject([{ agent: AGENT, endedAt: wallMs + 9, right: 'read-only' }])
    const { media } = (await call('GET', '/api/media?search=TRAVELLER')).json as MediaAnswer
    expect(media[0]?.lastSeenComputer).toBe('JM-0231')
  })
})

function stay(seq: number, other: Partial<StayRow>): StayRow {
  return {
    ...{
      id: `${EPOCH}:${seq}`,
      bootId: 'boot-1',
      instance: 'usb:1-1#1.4',
      by: 'usb',
      usbPath: '1-1',
      disk: null,
    },
    ...{
      epoch: EPOCH,
      seq,
      isExamined: true,
      at: 0,
      endedAt: null,
      openedBootMs: 1,
      number: null,
      level: null,
    },
    ...{ keys: [], passport: null, sealId: null, right: 'none', rule: 'unregistered-media-inserted' },
    ...{ isConfirmed: true, dueBootMs: null, pending: null, mounts: [] },
    ...other,
  }
}

describe('a spreadsheet over the API', () => {
  it('is previewed, and registered once it has no fault; the template is one', async () => {
    const template = await call('GET', '/api/media/template.xlsx')
    expect(template.headers['content-type']).toContain('spreadsheetml')
    const { writeXlsx } = await import('hucre/xlsx')
    const header = ['编号', '密级', '类型', '责任人', '部门', '使用计算机', '权限']
    const send = async (level: string): Promise<ImportPreview> => {
      const rows = [header, ['S-1', level, 'U盘', '张三', '办公室', 'JM-0231', '只读']]
      const bytes = Buffer.from(await writeXlsx({ sheets: [{ name: 'x', rows }] }))
      const answer = await call('POST', '/api/media/import', {
        name: 'a.xlsx',
        file: bytes.toString('base64'),
      })
      return answer.json as ImportPreview
    }
    const faulty = await send('秘秘')
    expect(faulty.faults).toEqual([{ row: 2, column: '密级', value: '秘秘', code: 'unknown-level' }])
    const refused = await call('POST', `/api/media/import/${faulty.id}/confirm`, { reason: 'the new batch' })
    expect([refused.status, codeOf(refused)]).toEqual([422, 'spreadsheet-refused'])
    const { id } = await send('秘密')
    const done = await call('POST', `/api/media/import/${id}/confirm`, { reason: 'the new batch' })
    expect(done.json).toEqual({ added: 1, changed: 0, unchanged: 0, firstNumber: 'S-1', lastNumber: 'S-1' })
    expect(await newest()).toMatchObject({ action: 'media-import', object: id, detail: 'a.xlsx: 1 media' })
  })

  it('that is none is refused in words', async () => {
    const answer = await call('POST', '/api/media/import', { name: 'a.xlsx', file: 'AABubyB6aXA=' })
    expect([answer.status, codeOf(answer)]).toEqual([422, 'spreadsheet-refused'])
  })
})

describe('grants over the API', () => {
  const asked = { instance: 'usb:1-1#1.4', right: 'read-only', minutes: 30, reason: 'the report is due' }

  it('are sent to a computer that is connected, and say where they could not be', async () => {
    const unsent = await call('POST', `/api/computers/${AGENT}/grants`, asked)
    expect((unsent.json as { isSent: boolean }).isSent).toBe(false)
    test.connected.add(AGENT)
    const sent = await call('POST', `/api/computers/${AGENT}/grants`, asked)
    expect((sent.json as { isSent: boolean }).isSent).toBe(true)
    expect(test.sent.at(-1)?.agent).toBe(AGENT)
    expect(await newest()).toMatchObject({
      action: 'medium-grant',
      object: AGENT,
      detail: 'JM-0231 usb:1-1#1.4 read-only 30 min: the report is due',
    })
    const end = { instance: asked.instance, reason: 'done' }
    expect((await call('POST', `/api/computers/${AGENT}/grants/end`, end)).status).toBe(200)
    expect(await newest()).toMatchObject({ action: 'medium-grant-end' })
  })

  it('are bounded in minutes and need a reason', async () => {
    for (const wrong of [{ minutes: 0 }, { minutes: 1_441 }, { reason: '' }, { right: 'none' }]) {
      const answer = await call('POST', `/api/computers/${AGENT}/grants`, { ...asked, ...wrong })
      expect(codeOf(answer)).toBe('invalid-request')
    }
  })

  it('by telephone leave the challenge on record, and never the code', async () => {
    const { makeChallenge } = await import('@shoukou/protocol/media/spoken-code.ts')
    const challenge = makeChallenge({ digest: 'ab'.repeat(32), counter: 7, nonce: 1 })
    const body = { challenge, right: 'read-write', minutes: 10, reason: 'no network in the field' }
    const answer = await call('POST', `/api/computers/${AGENT}/spoken-code`, body)
    const { code, counter } = answer.json as SpokenCodeAnswer
    expect(counter).toBe(7)
    const note = await newest()
    expect(note).toMatchObject({ action: 'spoken-code', detail: expect.stringContaining(challenge) })
    expect(JSON.stringify(note)).not.toContain(code)
    const slipped = `${(Number(challenge[0]) + 1) % 10}${challenge.slice(1)}`
    const refused = await call('POST', `/api/computers/${AGENT}/spoken-code`, { ...body, challenge: slipped })
    expect([refused.status, codeOf(refused)]).toEqual([422, 'grant-refused'])
  })
})

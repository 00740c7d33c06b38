/** The registers as the security office meets them: in a real browser, on the real console. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LedgerEntryAnswer } from '../../console/api/contract-registers.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import {
  type ApiClient,
  signInAt,
  startTestConsole,
  type TestConsole,
  testPassword,
} from '../support/console.ts'
import { signInFirstTime } from '../support/pages.ts'

let console: TestConsole
let browser: TestBrowser
let tab: TestPage
let api: ApiClient
const waitMsMax = 10_000
const pollOptions = { timeout: waitMsMax }
const reason = '年度清查'

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  tab = await browser.openPage()
  tab.page.setDefaultTimeout(waitMsMax)
  await signInFirstTime(tab.page, console.address, 'secadmin', console.firstPassword('secadmin'))
  api = await signInAt(console.address, console.authority, 'secadmin', testPassword)
  const departments = [
    { code: 'BGS', name: '办公室', parent: null, isKey: false, head: '王芳' },
    { code: 'CW', name: '财务处', parent: 'BGS', isKey: true, head: '' },
  ]
  for (const one of departments) await api.send('POST', '/api/department-tree', { ...one, reason })
  for (let at = 0; at < 60; at += 1) {
    await api.send('POST', '/api/registers/computers', {
      level: at % 3 === 0 ? 'secret' : 'confidential',
      department: at % 2 === 0 ? '办公室' : '财务处',
      custodian: `责任人${at}`,
      fields: { kind: 'desktop', networkMode: 'standalone', model: `启天 M${at}` },
      reason,
    })
  }
})
afterAll(async () => {
  await tab[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

const entryOf = (number: string) => api.get<LedgerEntryAnswer>(`/api/registers/computers/${number}`)

describe('a register', () => {
  it('is searched and filtered in the address, and makes no more rows than are seen', async () => {
    const { page } = tab
    await page.goto(`${console.address}/registers`)
    await page.getByTestId('register-row').first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/registers/computers')
    expect(await page.getByTestId('register-row').count()).toBeLessThan(60)
    const search = page.getByRole('searchbox').first()
    await search.fill('天 M59')
    await search.press('Enter')
    await expect.poll(() => page.getByTestId('register-row').count(), pollOptions).toBe(1)
    expect(new URL(page.url()).searchParams.get('search')).toBe('天 M59')
    await page.goto(`${console.address}/registers/computers?department=${encodeURIComponent('财务处')}`)
    await page.getByTestId('register-total').filter({ hasText: '30' }).waitFor()
  })

  it('says at the fields what is wrong with a form, keeps what was typed, and registers it once it is right', async () => {
    const { page } = tab
    await page.getByTestId('register-new').click()
    await page.getByTestId('field-number').fill('JM-0001')
    await page.getByTestId('field-model').fill('开天 M90')
    await page.getByTestId('field-macs').fill('nothing')
    await page.getByTestId('field-reason').fill(reason)
    await page.getByTestId('entry-submit').click()
    await expect.poll(() => page.locator('.ant-form-item-explain-error').count(), pollOptions).toBe(5)
    expect(await page.getByTestId('field-model').inputValue()).toBe('开天 M90')
    await page.getByTestId('field-macs').fill('02-AA-BB-CC-DD-EE')
    await page.getByTestId('field-custodian').fill('李伟')
    for (const [field, option] of [
      ['department', 0],
      ['networkMode', 0],
      ['kind', 1],
    ] as const) {
      await page.getByTestId(`field-${field}`).click()
      await page
        .locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item')
        .nth(option)
        .click()
    }
    await page.getByTestId('entry-submit').click()
    // The number was taken long before.
    await page.locator('.ant-form-item-explain-error', { hasText: 'is taken' }).waitFor()
    await page.getByTestId('field-number').fill('')
    await page.getByTestId('entry-submit').click()
    await page.getByTestId('entry').waitFor()
    const made = await entryOf('JM-0061')
    expect(made.entry.fields).toMatchObject({
      model: '开天 M90',
      macs: ['02:aa:bb:cc:dd:ee'],
      kind: 'portable',
    })
  })
})

describe('an entry', () => {
  it('that somebody else changed shows both values, and nothing that was typed is lost', async () => {
    const { page } = tab
    await page.getByTestId('entry-change').click()
    await page.getByTestId('field-room').fill('301')
    await page.getByTestId('field-os').fill('银河麒麟')
    const { entry } = await entryOf('JM-0061')
    await api.send('PUT', '/api/registers/computers/JM-0061', {
      baseVersion: entry.version,
      level: entry.level,
      department: entry.department,
      custodian: '张敏',
      fields: { ...entry.fields, room: '302' },
      reason,
    })
    await page.getByTestId('field-reason').fill(reason)
    await page.getByTestId('entry-submit').click()
    const note = page.getByTestId('entry-conflict')
    await note.filter({ hasText: '302' }).filter({ hasText: '张敏' }).waitFor()
    await page.getByTestId('entry-submit').click()
    const saved = async () => {
      const { fields, custodian } = (await entryOf('JM-0061')).entry
      return [fields['room'], fields['os'], custodian]
    }
    await expect.poll(saved, pollOptions).toEqual(['301', '银河麒麟', '张敏'])
    await note.waitFor({ state: 'detached' })
    await page.getByTestId('entry-submit').waitFor({ state: 'detached' })
  })

  it('takes its steps with what they need and a reason, and keeps them in its history', async () => {
    const { page } = tab
    await page.getByTestId('entry-step').click()
    await page.getByTestId('field-filedOn').fill('2026-03-01')
    await page.getByTestId('field-reason').fill(reason)
    await page.getByTestId('step-submit').click()
    await expect
      .poll(async () => (await entryOf('JM-0061')).history.map(({ kind }) => kind), pollOptions)
      .toEqual(['state-changed', 'changed', 'changed', 'registered'])
  })
})

describe('the pages around the registers', () => {
  it('show departments as a tree and patterns with the number that comes next', async () => {
    const { page } = tab
    await page.goto(`${console.address}/registers/departments`)
    await page.locator('[data-code="BGS"] [data-code="CW"]').waitFor()
    await page.getByTestId('register-tab-patterns').click()
    await page.getByTestId('patterns').filter({ hasText: 'JM-0062' }).waitFor()
  })
})

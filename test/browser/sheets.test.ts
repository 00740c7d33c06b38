/** Spreadsheets in and out of a register, and the work list of the ledger against reality, in a real browser. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FindingsAnswer } from '../../console/api/contract-findings.ts'
import type { RegisterAnswer } from '../../console/api/contract-registers.ts'
import { writeSheet } from '../../console/workflows/sheets/write-sheet.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import {
  type ApiClient,
  signInAt,
  startTestConsole,
  type TestConsole,
  testPassword,
} from '../support/console.ts'
import { signInFirstTime } from '../support/pages.ts'
import { enrolRaw } from '../support/raw-agent.ts'

let console: TestConsole
let browser: TestBrowser
let tab: TestPage
let api: ApiClient
const waitMsMax = 10_000

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  await enrolRaw(console, await console.token())
  tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
  tab.page.setDefaultTimeout(waitMsMax)
  await signInFirstTime(tab.page, console.address, 'secadmin', console.firstPassword('secadmin'))
  api = await signInAt(console.address, console.authority, 'secadmin', testPassword)
})
afterAll(async () => {
  await tab[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

const header = ['编号', '密级', '责任人', '部门', '类型', '联网方式', '品牌', '启用日期']
const row = (at: number) => [
  ...[`JM-${String(at).padStart(4, '0')}`, '机密', `责任人${at}`, '办公室', '涉密台式机', '单机'],
  ...['=联想', '2026年3月1日'],
]
const file = async (rows: readonly (readonly string[])[]) => ({
  name: '台账.xlsx',
  mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  buffer: Buffer.from(
    await writeSheet(
      '台账',
      [header, ...rows],
      header.map(() => 12),
    ),
  ),
})
const total = async () => (await api.get<RegisterAnswer>('/api/registers/computers')).total

it('imports a register once every row is right, and what it exports changes nothing when it comes back', async () => {
  const { page } = tab
  await page.goto(`${console.address}/registers/computers`)
  await page.getByTestId('register-import').click()
  const input = page.getByTestId('import-file')
  await input.setInputFiles(await file([row(1), row(2).with(1, '秘蜜'), row(3).with(7, '去年')]))
  await page.getByText('3 行中有 2 行有错误').waitFor()
  const faults = await page.getByTestId('import-fault').allInnerTexts()
  expect(faults[0]).toMatch(/^3\s+密级\s+秘蜜\s+.*不是密级/)
  expect(faults[1]).toMatch(/^4\s+启用日期\s+去年\s+.*不是日期/)
  expect(await page.getByTestId('import-confirm').isDisabled()).toBe(true)
  await input.setInputFiles(await file([row(1), row(2), row(3)]))
  await page.getByTestId('import-counts').filter({ hasText: '新增 3 行' }).waitFor()
  // Nobody writes without saying why.
  expect(await page.getByTestId('import-confirm').isDisabled()).toBe(true)
  expect(await total()).toBe(0)
  await page.getByTestId('import-reason').fill('接收纸质台账')
  await page.getByTestId('import-confirm').click()
  await page.locator('[data-testid="register-row"][data-number="JM-0003"]').waitFor()
  expect(await total()).toBe(3)

  await page.getByTestId('export').click()
  const download = page.waitForEvent('download')
  await page.getByTestId('export-xlsx').click()
  const exported = await (await download).path()
  await page.getByTestId('register-import').click()
  const back = { ...(await file([])), buffer: await readFile(exported) }
  await page.getByTestId('import-file').setInputFiles(back)
  await page.getByTestId('import-counts').filter({ hasText: '不变 3 行' }).waitFor()
  expect(await page.getByTestId('import-confirm').isDisabled()).toBe(true)
})

it('shows what does not agree as work, and who took it', async () => {
  const { page } = tab
  await api.send('PUT', '/api/findings/days', { days: 60, reason: '按季度清查' })
  await page.goto(`${console.address}/findings?kind=computer-unregistered`)
  const finding = page.getByTestId('finding')
  await finding.first().waitFor()
  expect(await finding.first().innerText()).toMatch(/代理在运行，登记簿中未备案/)
  await page.getByTestId('findings-all').click()
  await page.getByTestId('findings-take').click()
  await page.getByTestId('finding-taker').filter({ hasText: 'secadmin 承办' }).first().waitFor()
  const { findings, unseenDays } = await api.get<FindingsAnswer>('/api/findings?taken=me')
  expect([unseenDays, findings.map(({ kind }) => kind)]).toEqual([60, ['computer-unregistered']])
})

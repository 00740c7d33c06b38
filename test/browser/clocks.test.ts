/** A clock that runs, as the security administrator meets it: on every page, on its own page, on the form, on paper. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { signInFirstTime } from '../support/pages.ts'

let console: TestConsole
let browser: TestBrowser
let admin: TestPage
const shots = process.env['SHOTS']

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: process.env['WEB_ROOT'] ?? fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  admin = await browser.openPage({ locale: 'zh-CN' })
  await signInFirstTime(admin.page, console.address, 'secadmin', console.firstPassword('secadmin'))
})
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

async function shoot(name: string): Promise<void> {
  if (shots !== undefined) await admin.page.screenshot({ path: join(shots, `${name}.png`) })
}

it('counts down on every page from when a medium is missed until the report is on record', async () => {
  const { page } = admin
  await page.evaluate(async () => {
    const send = async (path: string, body: unknown): Promise<void> => {
      const headers = { 'content-type': 'application/json', 'x-shoukou-request': '1' }
      const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(await answer.text())
    }
    const medium = { level: 'top-secret', department: '机要科', kind: 'usb-stick', custodian: '李四' }
    const may = { computers: null, users: null, right: 'read-write', validFromMs: 0, validUntilMs: null }
    await send('/api/media', { number: 'JM-U-0007', ...medium, ...may, note: '', from: null, reason: '登记' })
    await send('/api/media/JM-U-0007/state', { baseVersion: 1, state: 'missing', reason: '盘点未见' })
  })
  const bar = page.getByTestId('clock-bar')
  await bar.waitFor({ timeout: 40_000 })
  expect(await bar.innerText()).toMatch(/泄密报告时限[^]*剩余[^]*23:59:\d\d/)
  await bar.click()
  await page.locator('[data-testid=clock][data-state=running]').nth(1).waitFor()
  await page.getByTestId('escalation').waitFor({ timeout: 20_000 })
  await shoot('clocks-zh')
  // The form: what is known stands there, what is not is asked for; what is kept is printed, and that is noted.
  await page.getByTestId('clock-form').first().click()
  expect(await page.getByTestId('leak-person').inputValue()).toContain('李四')
  expect(await page.getByTestId('leak-form-missing').innerText()).toContain('危害')
  await shoot('form-zh')
  await page.getByTestId('leak-harm').fill('尚在核查，暂未发现扩散。')
  await page.getByTestId('leak-form-save').click()
  await page.getByTestId('leak-form-version').getByText('第 1 版').waitFor()
  await page.evaluate('window.print = () => undefined')
  await page.getByTestId('leak-form-print').click()
  await page.getByTestId('leak-form-prints').waitFor()
  if (shots !== undefined) {
    await page.pdf({ path: join(shots, 'form-zh.pdf'), preferCSSPageSize: true })
    await page.getByTestId('switch-language').click()
    await page.getByTestId('leak-form').waitFor()
    await shoot('form-en')
    await page.pdf({ path: join(shots, 'form-en.pdf'), preferCSSPageSize: true })
    await page.getByTestId('nav-clocks').click()
    await page.getByTestId('escalation').waitFor()
    await shoot('clocks-en')
    await page.getByTestId('clock-settings').click()
    await page.getByTestId('clock-settings-submit').waitFor()
    await shoot('settings-en')
    await page.keyboard.press('Escape')
    await page.getByTestId('clock-settings-submit').waitFor({ state: 'detached' })
    await page.getByTestId('switch-language').click()
  }
  await page.getByTestId('nav-clocks').click()
  await page.getByTestId('clock-report').first().click()
  await page.getByTestId('field-office').fill('市国家保密局')
  await page.getByTestId('field-person').fill('值班员')
  await shoot('report-zh')
  await page.getByTestId('clock-submit').click()
  // The regulations name two offices: one that was told ends nothing.
  await page.getByTestId('clock-owed').getByText('尚未登记报告：上级主管部门').waitFor()
  await page.getByTestId('clock-report').first().click()
  await page.getByText('上级主管部门', { exact: true }).click()
  await page.getByTestId('field-office').fill('省级主管部门')
  await page.getByTestId('field-person').fill('值班员')
  await page.getByTestId('clock-submit').click()
  await page.locator('[data-testid=clock][data-state=met]').waitFor()
  // The next one that presses takes its place.
  await expect.poll(() => bar.getAttribute('data-clock')).toContain('missing-carrier')
  await shoot('clocks-met-zh')
  expect(admin.complaints.filter((one) => !one.includes('401'))).toEqual([])
})

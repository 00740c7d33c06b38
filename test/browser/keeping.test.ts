/** Forwarding and backups as their administrator meets them: in a real browser, on the real console, to a real receiver. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startStreamReceiver } from '../../console/forward/test-receivers.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { signInFirstTime } from '../support/pages.ts'

let console: TestConsole
let browser: TestBrowser
let admin: TestPage
let backups: string
const shots = process.env['SHOTS']

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: process.env['WEB_ROOT'] ?? fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  backups = `${console.dataDir}-backups`
  await mkdir(backups)
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  admin = await browser.openPage({ locale: 'zh-CN' })
  await signInFirstTime(admin.page, console.address, 'sysadmin', console.firstPassword('sysadmin'))
})
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
  await rm(backups, { recursive: true, force: true })
})

/** Who is not signed in yet is told so, and the browser says it. */
function complaints(): string[] {
  return admin.complaints.filter((one) => !one.includes('401'))
}

async function shoot(name: string): Promise<void> {
  if (shots !== undefined) await admin.page.screenshot({ path: join(shots, `${name}.png`) })
}

it('adds a target, tests it, and shows in words that a receiver is gone', async () => {
  const { page } = admin
  const receiver = await startStreamReceiver()
  await page.getByTestId('nav-forwarding').click()
  await page.getByTestId('target-add').click()
  await shoot('forwarding-add')
  await page.getByTestId('field-name').fill('单位日志服务器')
  await page.getByTestId('field-host').fill('127.0.0.1')
  await page.getByTestId('field-port').fill(String(receiver.port))
  await page.getByLabel(/TLS/).first().check()
  await page.getByTestId('field-reason').fill('接入日志审计')
  await page.getByTestId('target-submit').click()
  await page.getByTestId('target').waitFor()
  await page.getByTestId('target-test').click()
  await page.getByTestId('target-tested').waitFor()
  await expect.poll(() => receiver.read().toString('utf8'), { timeout: 20_000 }).toContain('kind="test"')
  // A receiver that goes away is named.
  await receiver.kill()
  await page.getByTestId('target-test').click()
  await page.locator('[data-testid="target-tested"].ant-alert-error').waitFor()
  await shoot('forwarding')
  await page.getByTestId('target-change').click()
  await page.getByTestId('target-submit').waitFor()
  await shoot('forwarding-change')
  await page.keyboard.press('Escape')
  expect(complaints()).toEqual([])
})

it('says whose word is missing where a target would be sent the log', async () => {
  const { page } = admin
  await page.getByTestId('nav-accounts').click()
  for (const account of ['sysadmin', 'secadmin']) {
    const row = page.locator(`[data-testid="account-row"][data-account="${account}"]`)
    await row.getByTestId('account-person').click()
    await page.getByTestId('field-person').fill(`${account} 1001`)
    await page.getByTestId('field-reason').fill('首次登记')
    await page.getByTestId('account-submit').click()
    await page.getByTestId('account-submit').waitFor({ state: 'detached' })
  }
  await page.getByTestId('nav-forwarding').click()
  await page.getByTestId('target-add').click()
  await page.getByTestId('field-name').fill('审计服务器')
  await page.getByTestId('field-host').fill('127.0.0.1')
  await page.getByLabel(/管理日志/).check()
  await page.getByTestId('field-reason').fill('审计要求')
  await page.getByTestId('target-submit').click()
  const note = page.getByTestId('target-agreement')
  await note.waitFor()
  expect(await note.innerText()).toMatch(/sysadmin 提请[^]*安全保密管理员同意：secadmin/)
  await shoot('forwarding-waits')
  expect(complaints()).toEqual([])
})

it('names a folder and a passphrase, makes a backup, and shows that it was read back', async () => {
  const { page } = admin
  await page.getByTestId('nav-backups').click()
  await page.getByTestId('backup-late').waitFor()
  await shoot('backups-none')
  await page.getByTestId('backup-settings').click()
  await page.getByTestId('field-folder').fill(backups)
  await page.getByTestId('field-reason').fill('每日备份')
  await shoot('backups-settings')
  await page.getByTestId('backup-submit').click()
  await page.getByTestId('backup-submit').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /设置备份口令|Set the passphrase/ }).click()
  for (const at of [0, 1]) await page.locator('input[type=password]').nth(at).fill('words of one person')
  for (const at of [2, 3]) await page.locator('input[type=password]').nth(at).fill('words of the other')
  await page.getByTestId('field-reason').fill('首次设置')
  await shoot('backups-passphrase')
  await page.getByTestId('backup-submit').click()
  await page.getByTestId('backup-submit').waitFor({ state: 'detached' })
  await page.getByTestId('backup-begin').click()
  await page.getByTestId('field-reason').fill('首次备份')
  await page.getByTestId('backup-submit').click()
  await page.locator('[data-testid=backup-row][data-good=true]').waitFor({ timeout: 40_000 })
  await expect.poll(() => page.getByTestId('backup-late').count(), { timeout: 20_000 }).toBe(0)
  expect((await readdir(backups)).filter((name) => name.startsWith('shoukou-backup-'))).toHaveLength(1)
  await shoot('backups')
  // Nothing of a young console is out of its period, and that is said.
  await page.getByTestId('archive-nothing').waitFor()
  expect(await page.getByTestId('archive-ask').isDisabled()).toBe(true)
  expect(complaints()).toEqual([])
})

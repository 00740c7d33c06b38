/** Signing in as a person does it: a second factor by telephone, a page that locks itself, in a real browser on the real console. */
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stepOf, totpCode } from '../../console/workflows/accounts/totp.ts'
import { launchBrowser, type TestBrowser } from '../support/browser.ts'
import { startTestConsole, type TestConsole, testPassword } from '../support/console.ts'
import { signInAs, signInFirstTime } from '../support/pages.ts'

let console: TestConsole
let browser: TestBrowser
const waitMsMax = 15_000

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
})
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

/** What the telephone shows: of the next step where the one of now was used. */
function codeOf(secret: string, after = 0): string {
  const bits = Array.from(secret.replaceAll(' ', ''), (one) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'),
  ).join('')
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  return totpCode(bytes, stepOf(Date.now()) + after)
}

async function signedIn(name: string) {
  const tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
  tab.page.setDefaultTimeout(waitMsMax)
  // The page's own clock, which a test may move; the console's goes on.
  await tab.page.clock.install()
  await signInFirstTime(tab.page, console.address, name, console.firstPassword(name))
  return tab
}

/** Shows nothing of what it covers, dialogs included. */
async function expectCovered(page: Page, contents: readonly string[]): Promise<void> {
  await page.getByTestId('lock-screen').waitFor()
  for (const content of contents) expect(await page.getByTestId(content).isVisible()).toBe(false)
}

it('locks a page that nobody touches, after a warning, and gives back what was typed', async () => {
  await using tab = await signedIn('sysadmin')
  const { page } = tab
  await page.goto(`${console.address}/sign-in`)
  await page.getByTestId('certificate-issue').click()
  await page.getByTestId('issue-request').fill('half a request')
  await page.clock.fastForward('08:45')
  await page.getByTestId('idle-warning').waitFor()
  // A touch is enough to go on.
  await page.getByTestId('issue-request').press('End')
  await page.getByTestId('idle-warning').waitFor({ state: 'detached' })
  await page.clock.fastForward('08:45')
  await page.getByTestId('idle-warning').waitFor()
  await page.clock.fastForward('01:00')
  await expectCovered(page, ['rules-page', 'issue-request', 'who'])
  await page.getByTestId('session-ending').waitFor()
  expect(await page.getByTestId('session-ending').getAttribute('data-ending')).toBe('locked')
  await page.getByTestId('sign-in-password').fill(testPassword)
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('rules-page').waitFor()
  expect(await page.getByTestId('issue-request').isVisible()).toBe(true)
  expect(await page.getByTestId('issue-request').inputValue()).toBe('half a request')
})

it('sets up a second factor, and signs in with its code', async () => {
  await using tab = await signedIn('secadmin')
  const { page } = tab
  await page.getByTestId('own-account').click()
  await page.getByTestId('second-factor-open').click()
  await page.getByTestId('prove-password').fill(testPassword)
  await page.getByTestId('second-factor-begin').click()
  const secret = await page.getByTestId('second-factor-secret').innerText()
  await page.getByTestId('second-factor-code').fill('000000')
  await page.getByTestId('second-factor-confirm').click()
  await page.getByTestId('second-factor-error').waitFor()
  await page.getByTestId('second-factor-code').fill(codeOf(secret))
  await page.getByTestId('second-factor-confirm').click()
  await page.getByTestId('second-factor-done').waitFor()
  expect(await page.getByTestId('recovery-codes').locator('li').count()).toBe(10)
  await page.getByTestId('recovery-kept').click()
  await page.getByTestId('second-factor-finish').click()
  await page.getByTestId('second-factor-since').waitFor()

  await page.getByTestId('sign-out').click()
  await signInAs(page, 'secadmin', testPassword)
  await page.getByTestId('sign-in-code').fill(codeOf(secret, 1))
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('who').waitFor()
  expect(tab.complaints.filter((one) => !/status of 401/.test(one))).toEqual([])
})

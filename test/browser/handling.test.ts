/** Violations handled to their end in the page: repeats as one row, papers beside them, exceptions, many at once. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'

let console: TestConsole
let browser: TestBrowser
let link: RawLink
let security: ApiClient
const waitMsMax = 15_000
const pollOptions = { timeout: waitMsMax }

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  const identity = await enrolRaw(console, await console.token())
  const journal = new RawJournal(identity.answer.agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  for (const serial of ['SN-A', 'SN-A', 'SN-A', 'SN-B']) {
    journal.append(
      { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: usbStick({ serial }) },
      { decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' } },
    )
  }
  link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  security = await console.signIn('secadmin')
})
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

async function pageOf(path: string, locale: 'zh-CN' | 'en-US' = 'zh-CN'): Promise<TestPage> {
  const tab = await browser.openPage({ locale, width: 1366, height: 768 })
  const [name = '', value = ''] = security.cookie.split('=')
  await tab.context.addCookies([
    { name, value, url: console.address, secure: true, httpOnly: true, sameSite: 'Strict' },
  ])
  tab.page.setDefaultTimeout(waitMsMax)
  await tab.page.goto(console.address + path)
  await tab.page.getByTestId('who').waitFor()
  return tab
}

describe('the list of violations', () => {
  it('shows repeats as one row, acknowledges many and takes that back, and shows each where that is asked for', async () => {
    await using tab = await pageOf('/violations')
    const { page } = tab
    const rows = page.getByTestId('violation-row')
    await expect.poll(() => rows.count(), pollOptions).toBe(2)
    expect(await page.getByTestId('violation-repeats').innerText()).toContain('3')
    await page.getByTestId('bulk').click()
    await expect.poll(() => page.getByTestId('bulk-list').locator('li').count(), pollOptions).toBe(2)
    await page.getByTestId('bulk-submit').click()
    const taken = page.locator('.v-row .handling-acknowledged')
    await expect.poll(() => taken.count(), pollOptions).toBe(2)
    await page.getByTestId('bulk-undo').click()
    await expect.poll(() => taken.count(), pollOptions).toBe(0)
    await page.getByTestId('filter-more').click()
    await page.getByText('逐条显示').click()
    await expect.poll(() => rows.count(), pollOptions).toBe(4)
    expect(page.url()).toContain('repeats=each')
    expect(tab.complaints).toEqual([])
  })
})

describe('one violation', () => {
  it('takes its keys, a file, a statement by its form, and an exception', async () => {
    await using tab = await pageOf('/violations/1')
    const { page } = tab
    const panel = page.getByTestId('handling')
    await panel.waitFor()
    await page.keyboard.press('a')
    await page.getByTestId('handling-submit').click()
    await expect.poll(() => panel.getAttribute('data-state'), pollOptions).toBe('acknowledged')
    expect(await page.getByTestId('deciding-rule').innerText()).toContain('unregistered-media-inserted')
    await expect.poll(() => page.getByTestId('repeats').locator('tr').count(), pollOptions).toBe(2)

    await page.getByTestId('handle-attach').click()
    await page.getByTestId('field-file').setInputFiles({
      name: '<img src=x>.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from('MZ, a program'),
    })
    await page.getByTestId('handling-submit').click()
    expect(await page.getByTestId('attachment').innerText()).toMatch(/<img src=x>\.jpg[^]*程序/)

    await page.getByTestId('handle-ask-statement').click()
    await page.getByTestId('field-person').fill('周某')
    await page.getByTestId('handling-submit').click()
    await page.getByTestId('statement-form').click()
    const code = await page.getByTestId('statement-paper').locator('code').innerText()
    expect(code).toMatch(/^\d{4}-\d{4}$/)
    await page.goto(`${console.address}/statements`)
    await page.getByTestId('field-code').fill(code)
    await page.getByTestId('find-form').click()
    await page.getByTestId('field-text').fill('系借用同事的U盘。\n<b>属实</b>')
    await page.getByTestId('enter-statement').click()
    await page.goto(`${console.address}/violations/1`)
    expect(await page.getByTestId('statement').innerText()).toMatch(/借用同事[^]*<b>属实<\/b>/)

    await page.getByTestId('handle-more').click()
    await page.getByTestId('handle-exception').click()
    await page.getByTestId('field-reason').fill('已批准借用')
    await page.getByTestId('handling-submit').click()
    await page.goto(`${console.address}/exceptions`)
    await expect
      .poll(() => page.getByTestId('exception-row').getAttribute('data-state'), pollOptions)
      .toBe('in-force')
    expect(tab.complaints).toEqual([])
  })
})

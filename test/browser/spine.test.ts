/** The pages as an administrator meets them, in a real browser, on the real console. */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { epochName, type Fact } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { startTestConsole, type TestConsole, testPassword } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { signInAs, signInFirstTime } from '../support/pages.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'

let console: TestConsole
let browser: TestBrowser
let link: RawLink
let journal: RawJournal

const shots = process.env['SHOUKOU_SHOTS']
async function look({ page }: TestPage, name: string): Promise<void> {
  if (shots === undefined) return
  await mkdir(shots, { recursive: true })
  await page.screenshot({ path: join(shots, `${name}.png`) })
}

const hostile = '<script>alert(1)</script>\u202Egpj.exe\u0007'
const plug = async (serial: string, product = 'QEMU USB HARDDRIVE'): Promise<void> => {
  const fact: Fact = {
    kind: 'usb.attached',
    origin: 'appeared',
    sighting: 'snapshot',
    device: usbStick({ serial, product }),
  }
  journal.append(fact, {
    decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' },
  })
  await link.records(journal.frame(journal.raws.length, journal.raws.length))
}

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  const identity = await enrolRaw(console, await console.token())
  // Chained with SM3: the proof says so.
  journal = new RawJournal(identity.answer.agent, epochName('sm3', randomUUID()))
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, 1))
})
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

describe('a security administrator', () => {
  let tab: TestPage
  // Before the sign-in the page asks who is signed in, and is told that nobody is: the browser logs that.
  let complaintsAtSignIn = 0
  beforeAll(async () => {
    tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
    await tab.page.goto(console.address)
    await tab.page.getByTestId('sign-in').waitFor()
    await look(tab, 'sign-in-zh')
    await signInFirstTime(tab.page, console.address, 'secadmin', console.firstPassword('secadmin'))
    complaintsAtSignIn = tab.complaints.length
  })
  afterAll(async () => {
    await tab[Symbol.asyncDispose]()
  })

  it('is met in Chinese where the browser asks for it, and sees an honest empty overview', async () => {
    const { page } = tab
    expect(await page.locator('html').getAttribute('lang')).toMatch(/^zh/)
    await page.getByText('总览').first().waitFor()
    await look(tab, 'overview-empty-zh')
    expect(await page.getByTestId('violation-headline').count()).toBe(0)
  })

  it('sees a violation appear without a reload, as one sentence that names level and outcome', async () => {
    const { page } = tab
    await plug('SN-LIVE')
    const headline = page.getByTestId('violation-headline').first()
    await headline.waitFor()
    expect(await headline.textContent()).toMatch(/未登记.*秘密.*JM-0001/)
    await look(tab, 'overview-zh')
  })

  it('opens it and finds the evidence, the proof and what happened around it', async () => {
    const { page } = tab
    await page.getByTestId('nav-violations').click()
    await page.getByTestId('violation-row').first().click()
    await page.getByTestId('violation-detail').waitFor()
    await page.getByTestId('proof-state').waitFor()
    expect(await page.getByTestId('proof-hash').textContent()).toMatch(/SM3.*GB\/T 32905-2016/)
    expect(await page.getByTestId('evidence').textContent()).toContain('SN-LIVE')
    expect(await page.getByTestId('timeline').textContent()).toMatch(/USB/)
    await look(tab, 'violation-zh')
  })

  it('sees hostile names as harmless text', async () => {
    const { page } = tab
    let dialogs = 0
    page.on('dialog', (dialog) => {
      dialogs += 1
      void dialog.dismiss()
    })
    await plug(hostile, hostile)
    // The pointer is in the list: new rows wait behind a button, nothing jumps.
    await page.getByTestId('violations-new').click()
    const row = page.getByTestId('violation-row').first()
    await expect.poll(() => page.getByTestId('violation-row').count()).toBe(2)
    await row.click()
    await expect.poll(() => page.getByTestId('evidence').textContent()).toContain('<script>alert(1)</script>')
    const text = (await page.getByTestId('evidence').textContent()) ?? ''
    expect(text).toContain('\\u{202e}')
    expect(text).not.toContain('\u202e')
    expect(dialogs).toBe(0)
    expect(tab.complaints.slice(complaintsAtSignIn)).toEqual([])
    await look(tab, 'violation-hostile-zh')
  })

  it('looks at a computer: its state, coverage, policy and records', async () => {
    const { page } = tab
    await page.getByTestId('nav-computers').click()
    await page.getByText('JM-0001').first().waitFor()
    await look(tab, 'computers-zh')
    await page.getByText('JM-0001').first().click()
    await expect.poll(() => page.url()).toContain('/computers/')
    await page.waitForLoadState('networkidle').catch(() => undefined)
    await look(tab, 'computer-zh')
  })

  it('is told when the console is away, keeps what it has, and comes back by itself', async () => {
    const { page } = tab
    await page.getByTestId('nav-violations').click()
    await page.getByTestId('violation-row').first().waitFor()
    await console.stop()
    await page.getByTestId('disconnected').waitFor({ timeout: 20_000 })
    expect(await page.getByTestId('violation-row').count()).toBe(2)
    await look(tab, 'disconnected-zh')
    await console.restart()
    await page.getByTestId('disconnected').waitFor({ state: 'detached', timeout: 40_000 })
  })
})

it('an English browser is met in English', async () => {
  await using tab = await browser.openPage({ locale: 'en-US', width: 1920, height: 1080 })
  await tab.page.goto(console.address)
  await signInAs(tab.page, 'secadmin', testPassword)
  await tab.page.getByTestId('who').waitFor()
  await tab.page.getByTestId('nav-violations').click()
  const headline = tab.page.getByTestId('violation-headline').last()
  await headline.waitFor()
  expect(await headline.textContent()).toMatch(/unregistered USB .* JM-0001 .*秘密/i)
  await look(tab, 'violations-en')
})

it('a system administrator sees neither violations nor evidence', async () => {
  await using tab = await browser.openPage({ locale: 'zh-CN' })
  await signInFirstTime(tab.page, console.address, 'sysadmin', console.firstPassword('sysadmin'))
  expect(await tab.page.getByTestId('nav-violations').count()).toBe(0)
  expect(await tab.page.getByTestId('violation-headline').count()).toBe(0)
  await look(tab, 'system-zh')
})

it('a wrong password is refused in words', async () => {
  await using tab = await browser.openPage({ locale: 'en-US' })
  await tab.page.goto(console.address)
  await signInAs(tab.page, 'auditor', 'not the password')
  await tab.page.getByTestId('sign-in-error').waitFor()
  await look(tab, 'sign-in-wrong-en')
})

/** A bundle as whoever brings it meets it: written by a real agent, sent in the page, its slip, the way home into the agent. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OfflineEnrolledAnswer } from '../../console/api/contract-bundles.ts'
import { type OfflineAgent, offlineAgent } from '../support/agent-process.ts'
import { launchBrowser, type TestBrowser } from '../support/browser.ts'
import { startTestConsole, type TestConsole, testPassword } from '../support/console.ts'
import { signInAs } from '../support/pages.ts'
import { waitFor } from '../support/wait-for.ts'

let console: TestConsole
let browser: TestBrowser
let agent: OfflineAgent
let medium: string
let exported: { readonly path: string; readonly lastSeq: number }
const shots = process.env['SHOTS']
const waiting = { timeout: 20_000, interval: 100 }

const journal = async () =>
  (
    JSON.parse(await readFile(join(agent.stateDir, 'status.json'), 'utf8')) as {
      journal: { seq: number; ackedSeq: number | null }
    }
  ).journal

/** A computer that no network reaches, enrolled by files, with a bundle on the medium. */
beforeAll(async () => {
  medium = await mkdtemp(join(tmpdir(), 'shoukou-medium-'))
  const webRoot = process.env['WEB_ROOT'] ?? fileURLToPath(new URL('../../console/web/dist', import.meta.url))
  ;[console, agent] = await Promise.all([startTestConsole({ webRoot }), offlineAgent()])
  const trust = [{ origin: console.address, authorityPem: console.authority }]
  const [admin, opened] = await Promise.all([console.signIn('secadmin'), launchBrowser({ trust })])
  browser = opened
  await agent.command('enroll', '--request-to', medium)
  const file = await readFile(await agent.fileOn(medium, '.skq'))
  const enrolled = await admin.send<OfflineEnrolledAnswer>('POST', '/api/bundles/enrolments', {
    file: file.toString('base64'),
    number: 'JM-0777',
  })
  const answer = join(medium, enrolled.fileName)
  await writeFile(answer, Buffer.from(enrolled.answer, 'base64'))
  await agent.command('enroll', '--answer', answer, '--mark', enrolled.mark)
  await agent.stayAlone()
  await agent.start()
  // No status yet is an error that is waited out.
  await waitFor(async () => (await journal()).seq > 3, {
    what: 'the first records',
    timeoutMs: waiting.timeout,
  })
  exported = JSON.parse(await agent.command('export', '--to', medium, '--json')) as typeof exported
}, 90_000)
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await agent[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
  await rm(medium, { recursive: true, force: true })
})

it('is sent, shown as a slip, told apart when it is brought twice, and answered by a package that the agent takes', async () => {
  await using tab = await browser.openPage({ locale: 'zh-CN' })
  const { page } = tab
  await page.goto(`${console.address}/bundles`)
  await signInAs(page, 'secadmin', testPassword)
  const outcome = page.getByTestId('bundle-brought')
  const bring = async () => {
    await page.getByTestId('bundle-file').setInputFiles(exported.path)
    await outcome.getByTestId('slip-sentence').waitFor()
  }
  await page.getByTestId('bundle-pick').waitFor()
  await bring()
  const records = exported.lastSeq.toLocaleString('zh-CN')
  expect(await outcome.innerText()).toContain(records)
  expect(await outcome.innerText()).toContain(basename(exported.path))
  await outcome.getByRole('link').click()
  const slip = page.getByTestId('slip')
  await slip.waitFor()
  expect(await slip.getAttribute('data-verdict')).toBe('taken')
  const text = await slip.innerText()
  for (const said of ['JM-0777', `1 – ${records}`, '缺失', '无']) expect(text).toContain(said)
  await shootSlip(page.url())

  await page.getByTestId('nav-bundles').click()
  await bring()
  await expect.poll(() => page.getByTestId('slip-row').count(), waiting).toBe(2)
  const [again] = await page.getByTestId('slip-row').all()
  expect(await again?.getAttribute('data-verdict')).toBe('nothing-new')
  expect(await again?.innerText()).toMatch(/以前已导入|曾/)
  if (shots !== undefined) await page.screenshot({ path: join(shots, 'bundles-zh.png') })

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('return-package').click(),
  ])
  expect(download.suggestedFilename()).toBe('shoukou-return-JM-0777-000001.skr')
  const home = join(medium, 'home.skr')
  await copyFile(await download.path(), home)
  expect(await agent.command('import', home)).toContain(`up to record ${exported.lastSeq}`)
  await expect.poll(async () => (await journal()).ackedSeq, waiting).toBe(exported.lastSeq)
  // Who is not signed in yet is told so, and the browser says it.
  expect(tab.complaints.filter((one) => !one.includes('401'))).toEqual([])
}, 60_000)

/** The slip on the screen and on paper, in both languages: only where somebody wants to look at them. */
async function shootSlip(address: string): Promise<void> {
  if (shots === undefined) return
  for (const locale of ['zh-CN', 'en-US'] as const) {
    await using tab = await browser.openPage({ locale, width: 1_366, height: 768 })
    await tab.page.goto(address)
    await signInAs(tab.page, 'secadmin', testPassword)
    await tab.page.getByTestId('slip').waitFor()
    await tab.page.screenshot({ path: join(shots, `slip-${locale}.png`) })
    await tab.page.emulateMedia({ media: 'print' })
    await tab.page.setViewportSize({ width: 794, height: 1_123 })
    await tab.page.screenshot({ path: join(shots, `slip-print-${locale}.png`) })
    await tab.page.goto(`${console.address}/bundles`)
    await tab.page.getByTestId('slip-row').first().waitFor()
  }
}

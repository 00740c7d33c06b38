/** The ceiling as the security administrator meets it: none yet, brought with a file, and a policy that is wider than it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Ceiling,
  DEFAULT_POLICY_SETTINGS,
  type LevelCeiling,
  PolicySettingsSchema,
} from '@shoukou/protocol'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LEVEL_CEILING, signedBy, testCeiling } from '../../protocol/ceiling/fixtures/test-ceiling.ts'
import { launchBrowser, type TestBrowser } from '../support/browser.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { signInFirstTime } from '../support/pages.ts'
import { enrolRaw } from '../support/raw-agent.ts'

let console: TestConsole
let browser: TestBrowser
let folder: string
const shots = process.env['SHOUKOU_SHOTS']

async function shoot(page: Page, name: string): Promise<void> {
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
}

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  folder = await mkdtemp(join(tmpdir(), 'shoukou-ceiling-page-'))
}, 60_000)
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

it('says that there is none, shows whom a new one changes, and holds the policy editor to it', async () => {
  const { answer } = await enrolRaw(console, await console.token({ number: 'JM-0001' }))
  const { levels, ...rest } = testCeiling([answer.policyKey])
  const { limits, requiredSensors } = DEFAULT_POLICY_SETTINGS
  const observing: LevelCeiling = {
    ...LEVEL_CEILING,
    weakest: { media: 'observe', network: 'observe', files: 'observe' },
    requiredSensors: [...requiredSensors],
    limits: {
      silentAfterMsMax: limits.silentAfterMs,
      stoppedAfterMsMax: limits.stoppedAfterMs,
      clockBackMsMax: limits.clockBackMsMax,
    },
  }
  const first: Ceiling = { ...rest, levels: { ...levels, confidential: observing } }
  const enforced = { media: 'enforce', network: 'observe', files: 'observe' } as const
  const strict = { ...observing, weakest: enforced }
  const second: Ceiling = { ...first, version: 2, levels: { ...levels, confidential: strict } }
  await writeFile(join(folder, 'one.json'), JSON.stringify(signedBy(first, [])))
  await writeFile(join(folder, 'two.json'), JSON.stringify(signedBy(first)))
  await writeFile(join(folder, 'three.json'), JSON.stringify(signedBy(second)))

  await using tab = await browser.openPage()
  const { page } = tab
  await signInFirstTime(page, console.address, 'secadmin', console.firstPassword('secadmin'))
  await page.getByTestId('ceiling-note').waitFor()
  await page.getByTestId('nav-ceiling').click()
  await page.getByTestId('ceiling-none').waitFor()
  await shoot(page, 'ceiling-none')

  // Nobody signed the first file: it says so, and the button stays dead.
  await page.getByTestId('ceiling-bring').click()
  await page.getByTestId('ceiling-file').setInputFiles(join(folder, 'one.json'))
  await page.getByTestId('dialog-error').waitFor()
  expect(await page.getByTestId('ceiling-submit').isDisabled()).toBe(true)
  await page.getByTestId('ceiling-file').setInputFiles(join(folder, 'two.json'))
  await page.getByTestId('ceiling-preview').waitFor()
  await page.getByTestId('field-reason').fill('first ceiling of the unit')
  await page.getByTestId('ceiling-submit').click()
  await page.getByTestId('ceiling-levels').waitFor()
  expect(await page.getByTestId('ceiling-behind').textContent()).toContain('JM-0001')
  await shoot(page, 'ceiling-in-force')

  // A narrower one names the computer that it changes before it is brought.
  await page.getByTestId('ceiling-bring').click()
  await page.getByTestId('ceiling-file').setInputFiles(join(folder, 'three.json'))
  const beyond = page.getByTestId('ceiling-preview').getByTestId('ceiling-beyond')
  await beyond.waitFor()
  expect(await beyond.textContent()).toContain('settings.modes.media')
  await shoot(page, 'ceiling-bring')
  await page.getByTestId('field-reason').fill('media are enforced from now on')
  await page.getByTestId('ceiling-submit').click()
  await page.getByTestId('ceiling-submit').waitFor({ state: 'detached' })

  // The policy was narrowed by itself; wider again, the editor names the field while it is typed.
  await expect
    .poll(async () => (await console.running.store.computer(answer.agent))?.policyVersion, {
      timeout: 20_000,
    })
    .toBe(2)
  const row = await console.running.store.policy(answer.agent, 2)
  expect([row?.settings.modes.media, row?.reason]).toEqual(['enforce', 'media register: ceiling 2'])
  expect(Object.keys(row?.settings ?? {}).every((key) => key in PolicySettingsSchema.properties)).toBe(true)
}, 120_000)

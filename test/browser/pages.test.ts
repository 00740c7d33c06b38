/** Every page in both languages, the keyboard, the forms, and a page that was left alone. */
import { fileURLToPath } from 'node:url'
import {
  type Coverage,
  DEFAULT_POLICY_SETTINGS,
  encodeFrame,
  PROTOCOL_VERSION,
  type SensorName,
} from '@shoukou/protocol'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PolicyAnswer } from '../../console/api/contract.ts'
import { SESSION_COOKIE } from '../../console/api/guard.ts'
import { en } from '../../console/web/i18n/en.ts'
import { ACCOUNT_LIMITS } from '../../console/workflows/accounts/limits.ts'
import { sessionIdOf } from '../../console/workflows/accounts/session.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { signInAt, startTestConsole, type TestConsole, testPassword } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { signInAs, signInFirstTime } from '../support/pages.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'

type Account = 'secadmin' | 'auditor' | 'sysadmin'

let console: TestConsole
let browser: TestBrowser
let link: RawLink
let agent: string
const cookies = new Map<Account, Awaited<ReturnType<BrowserContext['cookies']>>>()

const textKeys = new Set(Object.keys(en).map((key) => key.replace(/_(one|other)$/, '')))
/** So that a page that does not come says so, before the test's own limit ends it without a word. */
const waitMsMax = 10_000
const pollOptions = { timeout: waitMsMax }
const accounts: readonly Account[] = ['secadmin', 'auditor', 'sysadmin']

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  const identity = await enrolRaw(console, await console.token())
  agent = identity.answer.agent
  const journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  for (const coverage of reports) journal.append({ kind: 'agent.coverage', coverage }, { sensor: 'agent' })
  for (const serial of ['SN-FIRST', 'SN-SECOND', 'SN-THIRD']) {
    journal.append(
      { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: usbStick({ serial }) },
      { decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' } },
    )
  }
  link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  link.send(
    encodeFrame({
      v: PROTOCOL_VERSION,
      type: 'heartbeat',
      wallMs: Date.now(),
      journal: journal.position(),
      coverage: [...reports],
      policyVersion: 1,
    }),
  )
  for (const name of accounts) {
    await using tab = await browser.openPage()
    await signInFirstTime(tab.page, console.address, name, console.firstPassword(name))
    cookies.set(name, await tab.context.cookies())
  }
})
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

const watching = (sensor: SensorName, method: string): Coverage => ({
  sensor,
  state: 'watching',
  method,
  reason: null,
  remedy: null,
})
const reports: readonly Coverage[] = [
  { ...watching('usb', 'netlink-uevent'), reason: 'this kernel has no USB bus' },
  watching('media', 'netlink-uevent'),
  watching('network', 'rtnetlink'),
  {
    sensor: 'files',
    state: 'not-watched',
    method: 'none',
    reason: 'the mount table cannot be read: EACCES',
    remedy: 'mount procfs and sysfs',
  },
  watching('folders', 'none-configured'),
  {
    sensor: 'clock',
    state: 'fallback',
    method: 'clock-comparison',
    reason: null,
    remedy: 'needs a koffi build for this processor',
  },
]

/** A page of somebody who signed in before: the sign-in itself takes its time, and has its tests elsewhere. */
async function signedIn(name: Account, locale: 'zh-CN' | 'en-US' = 'zh-CN', path = '/'): Promise<TestPage> {
  const tab = await browser.openPage({ locale, width: 1366, height: 768 })
  await tab.context.addCookies(cookies.get(name) ?? [])
  tab.page.setDefaultTimeout(waitMsMax)
  await tab.page.goto(console.address + path)
  await tab.page.getByTestId('who').waitFor()
  return tab
}

describe.each(['zh-CN', 'en-US'] as const)('in a browser that asks for %s', (locale) => {
  const addressOf = (path: string) => path.replace('AGENT', agent)
  const pages: readonly (readonly [Account, readonly string[]])[] = [
    [
      'secadmin',
      [
        '/',
        '/violations',
        '/violations/1',
        '/computers',
        '/computers/AGENT/timeline',
        '/computers/AGENT/coverage',
        '/computers/AGENT/policy',
        '/computers/AGENT/gaps',
        '/no/such/page',
      ],
    ],
    ['auditor', ['/audit', '/accounts', '/acts']],
    ['sysadmin', ['/computers', '/accounts', '/acts', '/system', '/violations']],
  ]
  it.each(pages)(
    'every page of %s stands: no complaint, no bare key, no scrolling sideways',
    async (name, paths) => {
      await using tab = await signedIn(name, locale, addressOf(paths[0] ?? '/'))
      const { page, complaints } = tab
      for (const path of paths) {
        if (path !== paths[0]) await page.goto(console.address + addressOf(path))
        await page.getByRole('main').locator('h1, h2, .empty-title').first().waitFor()
        await expect.poll(() => page.locator('.rows-skeleton').count(), pollOptions).toBe(0)
        const text = await page.locator('body').innerText()
        const bare = text.match(/[a-z]+(?:[.-][a-z0-9]+)+/gi)?.filter((word) => textKeys.has(word)) ?? []
        expect(bare, path).toEqual([])
        if (locale === 'zh-CN') expect(text, path).not.toMatch(/cannot be|needs a|not watched|no USB bus/)
        const isSideways = await page
          .locator('html, main, main .panel')
          .evaluateAll((all) => all.some((one) => one.scrollWidth > one.clientWidth))
        expect(isSideways, path).toBe(false)
      }
      expect(complaints).toEqual([])
    },
  )
})

it('the keyboard goes through the list, to the detail and to the list of keys', async () => {
  await using tab = await signedIn('secadmin', 'zh-CN', '/violations')
  const { page } = tab
  const rows = page.getByTestId('violation-row')
  await rows.first().waitFor()
  const ids = await rows.evaluateAll((all) => all.map((one) => one.getAttribute('data-violation-id')))
  const isCurrent = (at: number) => page.locator(`[aria-current="true"][data-violation-id="${ids[at]}"]`)
  await page.keyboard.press('j')
  await isCurrent(0).waitFor()
  await page.keyboard.press('j')
  await isCurrent(1).waitFor()
  await page.keyboard.press('k')
  await isCurrent(0).waitFor()
  await page.keyboard.press('Enter')
  expect(await page.locator(':focus').getAttribute('aria-label')).toBe('违规详情')
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: '快捷键' })
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
})

it('sensors with nothing to watch, on a fallback or blind do not stand in green', async () => {
  await using tab = await signedIn('secadmin', 'zh-CN', `/computers/${agent}/coverage`)
  const { page } = tab
  const shown = async (sensor: string) => {
    const mark = page.getByTestId(`coverage-row-${sensor}`).getByTestId('watch-state')
    return [await mark.getAttribute('data-state'), await mark.innerText()]
  }
  await page.getByTestId('coverage-row-usb').waitFor()
  expect(await shown('usb')).toEqual(['nothing', '无监控对象'])
  expect(await shown('folders')).toEqual(['nothing', '无监控对象'])
  expect(await shown('files')).toEqual(['unproven', '未监控'])
  expect(await shown('clock')).toEqual(['unproven', '降级：仅轮询'])
  expect(await shown('media')).toEqual(['proven', '监控中'])
})

describe('the policy form', () => {
  const addMedium = async ({ page }: TestPage, serial: string) => {
    await page.getByTestId('medium-add').click()
    await page.getByLabel('VID').first().fill('0951')
    await page.getByLabel('PID').first().fill('1666')
    await page.getByTestId('policy-form').getByLabel('序列号').first().fill(serial)
    await page.getByTestId('policy-reason').fill('登记新配发的U盘')
  }

  it('makes a new version of what was edited', async () => {
    await using tab = await signedIn('secadmin', 'zh-CN', `/computers/${agent}/policy`)
    await addMedium(tab, 'NEW-STICK')
    await tab.page.getByTestId('policy-save').click()
    await tab.page.getByTestId('policy-in-force').getByText('第 2 版', { exact: true }).waitFor()
  })

  it("tells of another person's edit as it is made, loses nothing, and joins both", async () => {
    await using tab = await signedIn('secadmin', 'zh-CN', `/computers/${agent}/policy`)
    await addMedium(tab, 'MINE')
    const api = await signInAt(console.address, console.authority, 'secadmin', testPassword)
    const path = `/api/computers/${agent}/policy`
    const { policy } = await api.get<PolicyAnswer>(path)
    const limits = { ...policy.settings.limits, silentAfterMs: 90_000 }
    await api.send('PUT', path, {
      baseVersion: policy.version,
      settings: { ...policy.settings, limits },
      reason: '延长时限',
    })
    // The page is told live, before anything is saved.
    const conflict = tab.page.getByTestId('policy-conflict')
    await conflict.getByText('第 3 版').waitFor()
    expect(await conflict.innerText()).toMatch(/secadmin.*第 3 版.*延长时限[^]*时限/)
    await conflict.getByRole('button', { name: '并入' }).click()
    await tab.page.getByTestId('policy-save').click()
    await tab.page.getByTestId('policy-in-force').getByText('第 4 版', { exact: true }).waitFor()
    const joined = (await api.get<PolicyAnswer>(path)).policy.settings
    expect(joined.limits.silentAfterMs).toBe(90_000)
    expect(joined.registeredMedia.map((one) => one.serial)).toEqual(['MINE', 'NEW-STICK'])
    expect(joined.level).toBe(DEFAULT_POLICY_SETTINGS.level)
  })
})

it('the enrolment dialog gives a token and the command by keyboard alone, and says which number is taken', async () => {
  await using tab = await signedIn('secadmin', 'zh-CN', '/computers')
  const { page } = tab
  await page.getByTestId('enrol').click()
  await page.getByTestId('enrol-number').fill('JM-0001')
  await page.keyboard.press('Enter')
  await page.getByText('编号 JM-0001 已被使用').waitFor()
  await page.getByTestId('enrol-number').fill('JM-0231')
  await page.keyboard.press('Enter')
  const token = (await page.getByTestId('enrol-token').innerText()).trim()
  expect(token).toMatch(/^\S{40,}$/)
  expect(await page.getByTestId('enrol-command').innerText()).toContain(`--token ${token}`)
})

it('the auditor reads in words what the administrators did', async () => {
  await using tab = await signedIn('auditor', 'zh-CN', '/audit')
  const rows = tab.page.getByTestId('actions').locator('tbody tr')
  await rows.first().waitFor()
  const acts = await rows.allInnerTexts()
  const has = (...words: readonly string[]) => acts.some((act) => words.every((word) => act.includes(word)))
  expect(has('secadmin', '修改策略')).toBe(true)
  expect(has('secadmin', '生成登记令牌', 'JM-0231')).toBe(true)
  expect(has('secadmin', '查看违规证据', '使用未登记移动存储介质', 'JM-0001')).toBe(true)
  expect(has('sysadmin', '登录', '系统管理员')).toBe(true)
})

it('the system administrator sees the console and its accounts, and no violation', async () => {
  await using tab = await signedIn('sysadmin', 'zh-CN', '/accounts')
  const table = tab.page.getByTestId('accounts')
  await table.waitFor()
  for (const name of accounts) expect(await table.getByText(name, { exact: true }).count()).toBe(1)
  await tab.page.getByTestId('nav-system').click()
  await tab.page.getByText(/已运行/).waitFor()
  expect(await tab.page.getByTestId('nav-violations').count()).toBe(0)
})

describe('a page that is left alone', () => {
  it('marks what it reads by itself, and not what somebody asked for', async () => {
    await using tab = await browser.openPage({ locale: 'zh-CN' })
    const { page } = tab
    await tab.context.addCookies(cookies.get('secadmin') ?? [])
    await page.clock.install()
    await page.goto(console.address)
    await page.getByTestId('who').waitFor()
    const marks: (readonly [string, boolean])[] = []
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (pathname !== '/api/feed' && pathname.startsWith('/api/'))
        marks.push([pathname, request.headers()['x-shoukou-background'] !== undefined])
    })
    await page.getByTestId('nav-computers').click()
    await page.getByTestId('computer-row').waitFor()
    await page.clock.fastForward(20_000)
    await expect.poll(() => marks.filter(([path]) => path === '/api/session').length).toBeGreaterThan(0)
    expect(marks).toContainEqual(['/api/computers', false])
    expect(marks.filter(([path]) => path === '/api/session').every(([, isMarked]) => isMarked)).toBe(true)
  })

  it('is signed out at its idle limit, says why, and is where it was after the sign-in', async () => {
    await using tab = await browser.openPage({ locale: 'zh-CN' })
    const { page } = tab
    await page.clock.install()
    await page.goto(`${console.address}/computers/${agent}/policy`)
    await signInAs(page, 'secadmin', testPassword)
    await page.getByTestId('medium-add').click()
    await page.getByLabel('PID').first().fill('abcd')
    const cookie = (await tab.context.cookies()).find((one) => one.name === SESSION_COOKIE)
    await console.running.store.touchSession(
      sessionIdOf(cookie?.value ?? ''),
      Date.now() - ACCOUNT_LIMITS.sessionIdleMs,
    )
    await page.clock.fastForward(20_000)
    await page.getByText(/长时间没有操作/).waitFor()
    await signInAs(page, 'secadmin', testPassword)
    await page.getByTestId('who').waitFor()
    expect(new URL(page.url()).pathname).toBe(`/computers/${agent}/policy`)
    expect(await page.getByLabel('PID').first().inputValue()).toBe('abcd')
  })
})

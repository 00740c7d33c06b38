/**
 * Every page there is, in both languages, as somebody meets it who cannot see it, has no mouse, or reads one language: the
 * list of pages is the router's own, so that a new page fails here until somebody says how to reach it.
 */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, type ExpectStatic, expect, it } from 'vitest'
import { everyRoute } from '../../console/web/frame/routes.ts'
import { en } from '../../console/web/i18n/en.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import {
  barriersOn,
  goTo,
  headingOf,
  isSettled,
  type Look,
  lookAt,
  putProbe,
  standingOut,
  walkByTab,
} from '../support/page-probe.ts'
import { waitFor } from '../support/wait-for.ts'
import { type EveryPageStory, tellEveryPage } from './every-page-story.ts'

type Account = 'secadmin' | 'auditor' | 'sysadmin'
interface Visit {
  readonly as: Account
  readonly path: string
}

const waitMsMax = 15_000
const pollOptions = { timeout: waitMsMax, interval: 40 }
/** Every address that the router knows, and how it is reached: what stands in capitals is told by the story below. */
const visits: Readonly<Record<string, Visit>> = {
  '/': { as: 'secadmin', path: '/' },
  '/account': { as: 'secadmin', path: '/account' },
  '/violations/:id?': { as: 'secadmin', path: '/violations/1' },
  '/exceptions': { as: 'secadmin', path: '/exceptions?state=all' },
  '/statements': { as: 'secadmin', path: '/statements' },
  '/statements/form/:code': { as: 'secadmin', path: '/statements/form/CODE' },
  '/clocks': { as: 'secadmin', path: '/clocks' },
  '/clocks/:violation/report': { as: 'secadmin', path: '/clocks/LEAK/report' },
  '/computers': { as: 'secadmin', path: '/computers' },
  '/computers/:agent/:tab?': { as: 'secadmin', path: '/computers/AGENT/timeline' },
  '/media': { as: 'secadmin', path: '/media' },
  '/media/:number': { as: 'secadmin', path: '/media/JM-U-0007' },
  '/registers/departments': { as: 'secadmin', path: '/registers/departments' },
  '/registers/patterns': { as: 'secadmin', path: '/registers/patterns' },
  '/registers/:kind': { as: 'secadmin', path: '/registers/computers' },
  '/registers/:kind/:number': { as: 'secadmin', path: '/registers/computers/JM-0002' },
  '/findings': { as: 'secadmin', path: '/findings' },
  '/prints': { as: 'secadmin', path: '/prints' },
  '/prints/labels': { as: 'secadmin', path: '/prints/labels?kind=computers&numbers=JM-0002' },
  '/prints/forms': { as: 'secadmin', path: '/prints/forms?form=filing&kind=computers&numbers=JM-0002' },
  '/prints/:id': { as: 'secadmin', path: '/prints/PRINT' },
  '/bundles': { as: 'secadmin', path: '/bundles' },
  '/bundles/:slip': { as: 'secadmin', path: '/bundles/SLIP' },
  '/ceiling': { as: 'secadmin', path: '/ceiling' },
  '/sign-in': { as: 'secadmin', path: '/sign-in' },
  '/acts': { as: 'secadmin', path: '/acts' },
  '/audit': { as: 'auditor', path: '/audit' },
  '/accounts': { as: 'sysadmin', path: '/accounts' },
  '/forwarding': { as: 'sysadmin', path: '/forwarding' },
  '/backups': { as: 'sysadmin', path: '/backups' },
  '/system': { as: 'sysadmin', path: '/system' },
  '/wall': { as: 'secadmin', path: '/wall' },
}
/** Below one address of the router there are as many pages as a computer has tabs. */
const tabs = ['coverage', 'network', 'media', 'policy', 'register', 'identity', 'gaps']

let console: TestConsole
let browser: TestBrowser
let story: EveryPageStory
const clients = new Map<Account, ApiClient>()
const open: OpenPage[] = []
/** Of all pages, everything that was asked for. */
const asked: string[] = []

interface OpenPage {
  readonly as: Account
  readonly tab: TestPage
  /** Requests that were not answered yet. */
  readonly pending: Set<object>
}

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: process.env['WEB_ROOT'] ?? fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  for (const name of ['secadmin', 'auditor', 'sysadmin'] as const)
    clients.set(name, await console.signIn(name))
  story = await tellEveryPage(console, clientOf('secadmin'), clientOf('sysadmin'))
  // Most pages are the security administrator's: two are looked at while each waits for the other's answers.
  open.push(...(await Promise.all([...clients.keys(), 'secadmin' as const].map((name) => openAs(name)))))
}, 90_000)
afterAll(async () => {
  for (const { tab } of open) await tab[Symbol.asyncDispose]()
  await story.link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

function clientOf(name: Account): ApiClient {
  const client = clients.get(name)
  if (client === undefined) throw new Error(`nobody signed in as ${name}`)
  return client
}

async function openAs(name: Account, client = clientOf(name)): Promise<OpenPage> {
  const tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
  const [key = '', value = ''] = client.cookie.split('=')
  await tab.context.addCookies([
    { name: key, value, url: console.address, secure: true, httpOnly: true, sameSite: 'Strict' },
  ])
  const { page } = tab
  page.setDefaultTimeout(waitMsMax)
  const pending = new Set<object>()
  page.on('request', (request) => {
    asked.push(request.url())
    if (['script', 'stylesheet', 'fetch', 'xhr'].includes(request.resourceType())) pending.add(request)
  })
  page.on('requestfinished', (request) => pending.delete(request))
  page.on('requestfailed', (request) => pending.delete(request))
  await page.goto(`${console.address}/no/such/page`)
  await page.getByTestId('who').waitFor()
  await putProbe(page)
  return { as: name, tab, pending }
}

/** Pages that nobody looks at. */
const waiting: (() => void)[] = []
const inUse = new Set<OpenPage>()

/** Looks at pages as somebody, with a page that nobody else looks at meanwhile. */
async function withPage(name: Account, look: (of: OpenPage) => Promise<void>): Promise<void> {
  const free = () => open.find((one) => one.as === name && !inUse.has(one))
  let of = free()
  while (of === undefined) {
    await new Promise<void>((resolve) => waiting.push(resolve))
    of = free()
  }
  inUse.add(of)
  try {
    await look(of)
  } finally {
    inUse.delete(of)
    for (const resolve of waiting.splice(0)) resolve()
  }
}

/** Polls; the runner's own polling belongs to one test, and these run beside one another. */
function until(isSo: () => Promise<boolean>, what: string): Promise<unknown> {
  return waitFor(isSo, { what, timeoutMs: waitMsMax })
}

function isNoPage(heading: string): boolean {
  return heading === '没有这个页面' || heading === 'There is no such page'
}

async function settle({ tab, pending }: OpenPage): Promise<void> {
  await until(async () => pending.size === 0 && (await isSettled(tab.page)), 'what was asked for')
}

/** Goes there by way of an address without a page, so that nothing of the last one is taken for it. */
async function visit(of: OpenPage, path: string): Promise<void> {
  const { page } = of.tab
  await goTo(page, '/no/such/page')
  await until(async () => isNoPage(await headingOf(page)), 'the page that there is not')
  await goTo(page, addressOf(path))
  await until(async () => {
    const heading = await headingOf(page)
    return heading !== '' && !isNoPage(heading)
  }, path)
  await settle(of)
}

function addressOf(path: string): string {
  return path.replace(/\b(AGENT|LEAK|CODE|PRINT|SLIP)\b/, (name) => story.names.get(name) ?? name)
}

async function switchLanguage(of: OpenPage): Promise<void> {
  const { page } = of.tab
  const before = (await lookAt(page)).language
  await page.locator('[data-testid="switch-language"]:visible').click()
  await until(async () => (await lookAt(page)).language !== before, 'the other language')
  await settle(of)
}

const textKeys = new Set(Object.keys(en).map((key) => key.replace(/_(one|other)$/, '')))
/** Levels keep their Chinese word everywhere, and the unit its name. */
const own = /绝密|机密|秘密|内部|非密|守口/gu

/** What reads like the other language, or like no language. */
function strangeWords({ language, words }: Look): readonly string[] {
  const bare = words.filter((text) =>
    text.match(/[a-z]+(?:[.-][a-z0-9]+)+/gi)?.some((one) => textKeys.has(one) && one.includes('.')),
  )
  const other = words.filter((text) =>
    language === 'en'
      ? /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]/u.test(text.replaceAll(own, ''))
      : /(?<![\w.-])[a-z]{2,}(?: [a-z]{2,}){2,}/.test(text),
  )
  return [...bare, ...other]
}

/** What anybody finds on it in one language. */
async function checkPage(of: OpenPage, isFirst: boolean, { soft }: ExpectStatic): Promise<void> {
  const { page } = of.tab
  const look = await lookAt(page)
  soft(look.headings, 'one heading of the page').toHaveLength(1)
  soft(look.title).toMatch(look.language === 'en' ? /^(\(\d+\) )?.+ · Shoukou$/ : /^(\(\d+\) )?.+ · 守口$/)
  soft(look.isSideways, 'scrolls sideways').toBe(false)
  soft(strangeWords(look), `words that are not ${look.language}`).toEqual([])
  // Colours, roles and order are the same in both languages.
  soft(await barriersOn(page, isFirst ? 'all' : 'words'), look.language).toEqual([])
}

/** What somebody who reads at four times the size would have to look for sideways: WCAG 1.4.10. */
async function outAtNarrow({ tab: { page } }: OpenPage): Promise<readonly string[]> {
  await page.setViewportSize({ width: 320, height: 640 })
  const out = await standingOut(page)
  if (process.env['SHOTS'] !== undefined && out.length > 0)
    await page.screenshot({
      path: `${process.env['SHOTS']}/narrow-${new URL(page.url()).pathname.replaceAll('/', '_')}.png`,
      fullPage: true,
    })
  await page.setViewportSize({ width: 1366, height: 768 })
  return out
}

it('knows a way to every page that the router has', () => {
  expect(Object.keys(visits).toSorted()).toEqual([...everyRoute()].toSorted())
})

const framed = Object.entries(visits).filter(([route]) => route !== '/wall')
const tabVisits = tabs.map(
  (tab) => [`a computer: ${tab}`, { as: 'secadmin', path: `/computers/AGENT/${tab}` }] as const,
)

describe('a page in the frame', () => {
  it.concurrent.for([...framed, ...tabVisits])(
    '%s stands in both languages, for everybody',
    async ([, { as, path }], test) =>
      withPage(as, async (of) => {
        const complainedBefore = of.tab.complaints.length
        await visit(of, path)
        await checkPage(of, true, test.expect)
        const walk = await walkByTab(of.tab.page)
        test.expect.soft(walk.missed, 'not reached by Tab').toEqual([])
        test.expect.soft(walk.hidden, 'has the focus and does not show it').toEqual([])
        test.expect.soft(walk.covered, 'has the focus beneath something else').toEqual([])
        test.expect.soft(walk.isOut, 'holds the focus in').toBe(true)
        await switchLanguage(of)
        await checkPage(of, false, test.expect)
        test.expect.soft(await outAtNarrow(of), 'stands out at 320 px').toEqual([])
        test.expect(of.tab.complaints.slice(complainedBefore)).toEqual([])
      }),
  )

  it('has no tab of a computer that is not looked at', () =>
    withPage('secadmin', async (of) => {
      await visit(of, '/computers/AGENT/timeline')
      const keys = await of.tab.page
        .locator('main [role=tab]')
        .evaluateAll((all) => all.map((one) => one.id.replace(/^.*-tab-/, '')))
      expect(new Set(keys)).toEqual(new Set(['timeline', ...tabs]))
    }))
})

/** By page, what opens its dialogs. */
const dialogs: readonly (Visit & { readonly openers: readonly string[] })[] = [
  { as: 'secadmin', path: '/account', openers: ['password-change'] },
  {
    ...{ as: 'secadmin', path: '/violations/1' },
    openers: ['handle-acknowledge', 'handle-assign', 'handle-ask-statement', 'handle-attach', 'bulk'],
  },
  { as: 'secadmin', path: '/clocks', openers: ['clock-settings', 'clock-report'] },
  { as: 'secadmin', path: '/computers', openers: ['enrol'] },
  {
    as: 'secadmin',
    path: '/computers/AGENT/identity',
    openers: ['enrol-anew', 'revoke', 'isolate', 'removal'],
  },
  { as: 'secadmin', path: '/computers/AGENT/register', openers: ['register-link'] },
  { as: 'secadmin', path: '/media', openers: ['media-register', 'media-import'] },
  {
    ...{ as: 'secadmin', path: '/media/JM-U-0007' },
    openers: ['medium-change', 'medium-state-change', 'medium-passport'],
  },
  { as: 'secadmin', path: '/registers/computers', openers: ['register-new', 'register-import'] },
  { as: 'secadmin', path: '/registers/computers/JM-0002', openers: ['entry-change', 'entry-step'] },
  { as: 'secadmin', path: '/registers/departments', openers: ['department-new'] },
  { as: 'secadmin', path: '/registers/patterns', openers: ['pattern-computers'] },
  { as: 'secadmin', path: '/findings', openers: ['findings-days'] },
  { as: 'secadmin', path: '/bundles', openers: ['enrol-offline'] },
  { as: 'secadmin', path: '/ceiling', openers: ['ceiling-bring'] },
  { as: 'sysadmin', path: '/accounts', openers: ['new-account', 'account-history-open'] },
  { as: 'sysadmin', path: '/forwarding', openers: ['target-add'] },
  { as: 'sysadmin', path: '/backups', openers: ['backup-settings'] },
]

describe('a dialog', () => {
  it.concurrent.for(dialogs)('of $path stands in both languages', async ({ as, path, openers }, test) =>
    withPage(as, async (of) => {
      const { page } = of.tab
      const complainedBefore = of.tab.complaints.length
      await visit(of, path)
      for (const isFirst of [true, false]) {
        for (const opener of openers) {
          await page.getByTestId(opener).first().click()
          await page.getByRole('dialog').waitFor()
          await settle(of)
          const look = await lookAt(page)
          test.expect.soft(strangeWords(look), `${opener}: words that are not ${look.language}`).toEqual([])
          const barriers = await barriersOn(page, isFirst ? 'all' : 'words', '[role=dialog]')
          test.expect.soft(barriers, `${opener}, ${look.language}`).toEqual([])
          await page.keyboard.press('Escape')
          await page.getByRole('dialog').waitFor({ state: 'hidden' })
        }
        if (isFirst) await switchLanguage(of)
      }
      test.expect(of.tab.complaints.slice(complainedBefore)).toEqual([])
    }),
  )
})

describe('a list', () => {
  it('shows to a colleague who is sent its address the same columns in the same order', async () =>
    withPage('secadmin', async (of) => {
      const { page } = of.tab
      await visit(of, '/media?sort=number&columns=level,custodian')
      const heads = page.locator('main table thead th')
      await expect.poll(() => heads.count(), pollOptions).toBe(3)
      expect(await heads.first().getAttribute('aria-sort')).toBe('ascending')
      await page.getByTestId('sort-number').click()
      await expect.poll(() => new URL(page.url()).searchParams.get('order'), pollOptions).toBe('desc')
      await settle(of)
      expect(await page.getByTestId('medium-row').count()).toBe(1)
      await page.getByTestId('columns').locator('summary').click()
      await page.getByTestId('column-state').click()
      await expect.poll(() => heads.count(), pollOptions).toBe(4)
      expect(new URL(page.url()).searchParams.get('columns')).toBe('level,custodian,state')
      await page.keyboard.press('Escape')
      expect(await page.getByTestId('columns').getAttribute('open')).toBeNull()
    }))
})

it('lets single keys be switched off, and does nothing by them then', async () =>
  withPage('secadmin', async (of) => {
    const { page } = of.tab
    await visit(of, '/violations')
    await page.locator('main h1').click()
    await page.keyboard.press('?')
    await page.getByTestId('keys-on').uncheck()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('j')
    await page.keyboard.press('?')
    expect(await page.locator('[aria-current="true"]').count()).toBe(0)
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.evaluate("localStorage.removeItem('shoukou.keys')")
  }))

it('gives the focus back to where it was when a dialog goes away', async () =>
  withPage('secadmin', async (of) => {
    const { page } = of.tab
    await visit(of, '/registers/computers')
    await page.getByTestId('register-new').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    expect.soft(await barriersOn(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect
      .poll(() => page.locator(':focus').getAttribute('data-testid', { timeout: 1_000 }), pollOptions)
      .toBe('register-new')
  }))

it('takes a day as it is typed, and shows the month in the reader’s language', () =>
  withPage('secadmin', async (of) => {
    const { page } = of.tab
    const complainedBefore = of.tab.complaints.length
    if ((await lookAt(page)).language !== 'zh-CN') await switchLanguage(of)
    await visit(of, '/media')
    await page.getByTestId('media-register').click()
    const day = page.getByTestId('field-valid-until')
    for (const typed of ['2027-01-05', '20270105', '2027年1月5日']) {
      await day.fill(typed)
      await day.press('Tab')
      await expect.poll(() => day.inputValue(), pollOptions).toBe('2027-01-05')
    }
    await day.fill('2027-13-40')
    await day.press('Tab')
    await expect.poll(() => day.inputValue(), pollOptions).toBe('2027-01-05')
    await day.click()
    const calendar = page.locator('.ant-picker-dropdown:not(.ant-picker-dropdown-hidden)')
    await expect.poll(() => calendar.innerText(), pollOptions).toMatch(/2027年[^]*1月[^]*一\s+二\s+三/)
    expect(await barriersOn(page, 'all', '.ant-picker-dropdown')).toEqual([])
    await page.keyboard.press('Escape')
    await calendar.waitFor({ state: 'hidden' })
    // It was the calendar's key, not the dialog's.
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(of.tab.complaints.slice(complainedBefore)).toEqual([])
  }))

describe('a page outside the frame', () => {
  const checkBare = async (of: OpenPage): Promise<void> => {
    const look = await lookAt(of.tab.page)
    expect.soft(look.headings).toHaveLength(1)
    expect.soft(look.isSideways).toBe(false)
    expect.soft(strangeWords(look), `words that are not ${look.language}`).toEqual([])
    expect.soft(await barriersOn(of.tab.page), look.language).toEqual([])
  }

  it('the wall stands in both languages', async () => {
    const of = await openAs('secadmin')
    await using tab = of.tab
    for (const language of ['zh-CN', 'en']) {
      await tab.page.evaluate(`localStorage.setItem('shoukou.language', '${language}')`)
      await tab.page.goto(`${console.address}/wall`)
      await tab.page.getByTestId('wall').waitFor()
      await putProbe(tab.page)
      await checkBare(of)
    }
    expect(tab.complaints).toEqual([])
  })

  it('the lock of a desk stands in both languages', async () => {
    // What is locked is the session: of its own, since the others go on.
    const of = await openAs('auditor', await console.signIn('auditor'))
    await using tab = of.tab
    await tab.page.getByTestId('lock-now').click()
    await tab.page.getByTestId('lock-screen').waitFor()
    await checkBare(of)
    expect((await walkByTab(tab.page)).missed).toEqual([])
    await switchLanguage(of)
    await checkBare(of)
    expect(tab.complaints.filter((one) => !one.includes('401'))).toEqual([])
  })

  it('the sign-in stands in both languages', async () => {
    await using tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
    const { page } = tab
    const of: OpenPage = { as: 'secadmin', tab, pending: new Set() }
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(console.address)
    await page.getByTestId('sign-in-password').waitFor()
    await putProbe(page)
    await checkBare(of)
    expect((await walkByTab(page)).missed).toEqual([])
    await switchLanguage(of)
    await checkBare(of)
    // Who is not signed in yet is told so, and the browser says it.
    expect(tab.complaints.filter((one) => !one.includes('401'))).toEqual([])
  })
})

it('no page asks anybody but its own console for anything', () => {
  expect(asked.length).toBeGreaterThan(100)
  const foreign = asked.filter((url) => !/^(data|blob):/.test(url) && new URL(url).origin !== console.address)
  expect(foreign).toEqual([])
})

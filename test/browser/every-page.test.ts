/**
 * Every page there is, in both languages, as somebody meets it who cannot see it, has no mouse, or reads one language: the
 * list of pages is the router's own, so that a new page fails here until somebody says how to reach it.
 */
import { fileURLToPath } from 'node:url'
import { type Coverage, encodeFrame, PROTOCOL_VERSION, type SensorName } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClocksAnswer } from '../../console/api/contract-clocks.ts'
import type { PrintAnswer } from '../../console/api/contract-prints.ts'
import { everyRoute } from '../../console/web/frame/routes.ts'
import { en } from '../../console/web/i18n/en.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import {
  barriersOn,
  goTo,
  headingOf,
  isSettled,
  type Look,
  lookAt,
  putProbe,
  walkByTab,
} from '../support/page-probe.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'
import { waitFor } from '../support/wait-for.ts'

type Account = 'secadmin' | 'auditor' | 'sysadmin'
interface Visit {
  readonly as: Account
  readonly path: string
}

const waitMsMax = 15_000
const pollOptions = { timeout: waitMsMax, interval: 40 }
const reason = 'test'
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
let link: RawLink
const story = new Map<string, string>()
const clients = new Map<Account, ApiClient>()
const open = new Map<Account, OpenPage>()
/** Of all pages, everything that was asked for. */
const asked: string[] = []

interface OpenPage {
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
  await tellStory(clientOf('secadmin'), clientOf('sysadmin'))
  for (const name of clients.keys()) open.set(name, await openAs(name))
}, 90_000)
afterAll(async () => {
  for (const { tab } of open.values()) await tab[Symbol.asyncDispose]()
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

function clientOf(name: Account): ApiClient {
  const client = clients.get(name)
  if (client === undefined) throw new Error(`nobody signed in as ${name}`)
  return client
}

const watching = (sensor: SensorName, method: string): Coverage => ({
  ...{ sensor, state: 'watching', method, reason: null, remedy: null },
})
/** With what agents say in their own words: the pages say it in the reader's. */
const coverage: readonly Coverage[] = [
  { ...watching('usb', 'netlink-uevent'), reason: 'this kernel has no USB bus' },
  watching('media', 'netlink-uevent'),
  watching('network', 'rtnetlink'),
  {
    ...{ sensor: 'files', state: 'not-watched', method: 'none' },
    ...{ reason: 'the mount table cannot be read: EACCES', remedy: 'mount procfs and sysfs' },
  },
  watching('folders', 'none-configured'),
  {
    ...{ sensor: 'clock', state: 'fallback', method: 'clock-comparison', reason: null },
    ...{ remedy: 'needs a koffi build for this processor' },
  },
]

/** One of each thing that has a page; its names are no words of either language. */
async function tellStory(security: ApiClient, system: ApiClient): Promise<void> {
  const identity = await enrolRaw(console, await console.token({ number: 'JM-0001' }))
  const { agent } = identity.answer
  story.set('AGENT', agent)
  const journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  for (const one of coverage) journal.append({ kind: 'agent.coverage', coverage: one }, { sensor: 'agent' })
  for (const serial of ['SN-1', 'SN-1', 'SN-2'])
    journal.append(
      { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: usbStick({ serial }) },
      { decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' } },
    )
  link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  link.send(
    encodeFrame({
      ...{ v: PROTOCOL_VERSION, type: 'heartbeat', wallMs: Date.now(), journal: journal.position() },
      ...{ coverage: [...coverage], policyVersion: 1 },
    }),
  )
  await security.send('POST', '/api/department-tree', {
    ...{ code: 'FIN', name: 'FIN-1', parent: null, isKey: true, head: 'P-1', reason },
  })
  await security.send('POST', '/api/registers/computers', {
    ...{ number: 'JM-0002', level: 'secret', department: 'FIN-1', custodian: 'P-2', reason },
    fields: { kind: 'desktop', networkMode: 'standalone', room: 'R-301', macs: ['02:aa:bb:cc:dd:ee'] },
  })
  const { id } = await security.send<PrintAnswer>('POST', '/api/prints/labels', {
    ...{ kind: 'computers', numbers: ['JM-0002'], size: 'sheet-3x8', start: 1, reason: '' },
  })
  story.set('PRINT', String(id))
  await security.send('POST', '/api/media', {
    ...{ number: 'JM-U-0007', level: 'top-secret', department: 'FIN-1', kind: 'usb-stick', custodian: 'P-2' },
    ...{ computers: null, users: null, right: 'read-write', validFromMs: 0, validUntilMs: null },
    ...{ note: '', from: null, reason },
  })
  await security.send('POST', '/api/media/JM-U-0007/state', { baseVersion: 1, state: 'missing', reason })
  const request = { person: 'P-3', question: 'Q-1', dueAt: Date.now() + 86_400_000 }
  const { code } = await security.send<{ code: string }>(
    'POST',
    '/api/violations/1/statement-requests',
    request,
  )
  story.set('CODE', code)
  const slip = await console.running.store.addSlip(
    {
      ...{ slip: crypto.randomUUID(), verdict: 'taken', fault: null, faultAtByte: null, faultChunk: null },
      ...{ fileHash: 'ab'.repeat(32), fileBytes: 4_096, bundle: null, agent: null, computer: 'JM-0009' },
      ...{ number: 1, previous: null, consoleHost: null, epoch: null, firstSeq: 1, lastSeq: 9 },
      ...{ createdWallMs: Date.now(), fromWallMs: 1, toWallMs: Date.now(), medium: 'JM-U-0007' },
      ...{ agentVersion: '0.1.0', recordsNew: 9, recordsKnown: 0, violations: 0, seal: null, notes: [] },
      ...{ gaps: [{ firstSeq: 4, lastSeq: 5, state: 'pending' }], takenAt: Date.now(), takenBy: 'secadmin' },
    },
    null,
  )
  story.set('SLIP', slip.slip)
  for (const name of ['sysadmin', 'secadmin', 'auditor'])
    await system.send('POST', `/api/accounts/${name}/person`, { person: `P-${name}`, reason })
  await system.send('POST', '/api/accounts', {
    ...{ name: 'hall', role: 'custodian', person: 'P-9', department: 'FIN-1', reason },
  })
  await waitFor(
    async () => {
      const { clocks } = await security.get<ClocksAnswer>('/api/clocks')
      const leak = clocks.find(({ kind }) => kind === 'leak-report')
      if (leak !== undefined) story.set('LEAK', String(leak.violation))
      return leak !== undefined
    },
    { what: 'the clock of the medium that is missing', timeoutMs: 40_000 },
  )
}

async function openAs(name: Account): Promise<OpenPage> {
  const tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
  const [key = '', value = ''] = clientOf(name).cookie.split('=')
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
  return { tab, pending }
}

function pageOf(name: Account): OpenPage {
  const page = open.get(name)
  if (page === undefined) throw new Error(`no page of ${name}`)
  return page
}

async function settle({ tab, pending }: OpenPage): Promise<void> {
  await expect.poll(async () => pending.size === 0 && (await isSettled(tab.page)), pollOptions).toBe(true)
}

/** Goes there by way of an address without a page, so that nothing of the last one is taken for it. */
async function visit(of: OpenPage, path: string): Promise<void> {
  const { page } = of.tab
  await goTo(page, '/no/such/page')
  await expect.poll(() => headingOf(page), pollOptions).toMatch(/^(没有这个页面|There is no such page)$/)
  await goTo(page, addressOf(path))
  await expect.poll(() => headingOf(page), pollOptions).not.toMatch(/^(没有这个页面|There is no such page|)$/)
  await settle(of)
}

function addressOf(path: string): string {
  return path.replace(/\b(AGENT|LEAK|CODE|PRINT|SLIP)\b/, (name) => story.get(name) ?? name)
}

async function switchLanguage(of: OpenPage): Promise<void> {
  const { page } = of.tab
  const before = (await lookAt(page)).language
  await page.getByTestId('switch-language').click()
  await expect.poll(async () => (await lookAt(page)).language, pollOptions).not.toBe(before)
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
async function checkPage(of: OpenPage, hasContrast: boolean): Promise<void> {
  const { page } = of.tab
  const look = await lookAt(page)
  expect.soft(look.headings, 'one heading of the page').toHaveLength(1)
  expect
    .soft(look.title)
    .toMatch(look.language === 'en' ? /^(\(\d+\) )?.+ · Shoukou$/ : /^(\(\d+\) )?.+ · 守口$/)
  expect.soft(look.isSideways, 'scrolls sideways').toBe(false)
  expect.soft(strangeWords(look), `words that are not ${look.language}`).toEqual([])
  // Colours are the same in both languages, and take the engine the longest.
  expect.soft(await barriersOn(page, hasContrast ? [] : ['color-contrast']), look.language).toEqual([])
}

it('knows a way to every page that the router has', () => {
  expect(Object.keys(visits).toSorted()).toEqual([...everyRoute()].toSorted())
})

const framed = Object.entries(visits).filter(([route]) => route !== '/wall')
const tabVisits = tabs.map(
  (tab) => [`a computer: ${tab}`, { as: 'secadmin', path: `/computers/AGENT/${tab}` }] as const,
)

describe('a page in the frame', () => {
  it.each([...framed, ...tabVisits])(
    '%s stands in both languages, for everybody',
    async (_route, { as, path }) => {
      const of = pageOf(as)
      const complainedBefore = of.tab.complaints.length
      await visit(of, path)
      await checkPage(of, true)
      const walk = await walkByTab(of.tab.page)
      expect.soft(walk.missed, 'not reached by Tab').toEqual([])
      expect.soft(walk.hidden, 'has the focus and does not show it').toEqual([])
      expect.soft(walk.isOut, 'holds the focus in').toBe(true)
      await switchLanguage(of)
      await checkPage(of, false)
      expect(of.tab.complaints.slice(complainedBefore)).toEqual([])
    },
  )

  it('has no tab of a computer that is not looked at', async () => {
    const of = pageOf('secadmin')
    await visit(of, '/computers/AGENT/timeline')
    const keys = await of.tab.page
      .locator('main [role=tab]')
      .evaluateAll((all) => all.map((one) => one.id.replace(/^.*-tab-/, '')))
    expect(new Set(keys)).toEqual(new Set(['timeline', ...tabs]))
  })
})

describe('a list', () => {
  it('shows to a colleague who is sent its address the same columns in the same order', async () => {
    const of = pageOf('secadmin')
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
    await page.getByTestId('column-state').check()
    await expect.poll(() => heads.count(), pollOptions).toBe(4)
    expect(new URL(page.url()).searchParams.get('columns')).toBe('level,custodian,state')
    await page.keyboard.press('Escape')
    expect(await page.getByTestId('columns').getAttribute('open')).toBeNull()
  })
})

it('lets single keys be switched off, and does nothing by them then', async () => {
  const of = pageOf('secadmin')
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
})

it('gives the focus back to where it was when a dialog goes away', async () => {
  const of = pageOf('secadmin')
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
})

describe('a page outside the frame', () => {
  const checkBare = async (of: OpenPage): Promise<void> => {
    const look = await lookAt(of.tab.page)
    expect.soft(look.headings).toHaveLength(1)
    expect.soft(look.isSideways).toBe(false)
    expect.soft(strangeWords(look), `words that are not ${look.language}`).toEqual([])
    expect.soft(await barriersOn(of.tab.page), look.language).toEqual([])
  }

  it.each(['zh-CN', 'en'] as const)('the wall stands in %s', async (language) => {
    const of = await openAs('secadmin')
    await using tab = of.tab
    await tab.page.evaluate(`localStorage.setItem('shoukou.language', '${language}')`)
    await tab.page.goto(`${console.address}/wall`)
    await tab.page.getByTestId('wall').waitFor()
    await putProbe(tab.page)
    await checkBare(of)
    expect(tab.complaints).toEqual([])
  })

  it('the sign-in stands in both languages', async () => {
    await using tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
    const { page } = tab
    const of = { tab, pending: new Set<object>() }
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

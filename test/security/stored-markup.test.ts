/**
 * Markup in every field that a computer can fill, and in what people type, is text on every page of a real browser: no
 * script runs, no element comes of it, nothing is fetched. (GLPI's inventory was the way in five times: CVE-2023-28849 …)
 */
import { fileURLToPath } from 'node:url'
import { encodeRecord, parseRecord, type Record } from '@shoukou/protocol'
import { listGolden, readGolden } from '@shoukou/protocol/fixtures/golden.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ViolationsAnswer } from '../../console/api/contract.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'

/** Each would set `window.hit` or ask for `/hit` if it were obeyed, and ends whatever it may stand in. */
const markup: readonly string[] = [
  '<img src=/hit onerror="window.hit=1">',
  '"><script>window.hit=1</script>',
  '\'"></title></textarea></style><svg onload="window.hit=1">',
  '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
  '<a href="javascript:window.hit=1" id=forged>x</a><base href=//e.example>',
  '{{constructor.constructor("window.hit=1")()}}${window.hit=1}',
  '<style>@import"/hit"</style><link rel=stylesheet href=/hit>',
  '<form action=/hit><input name=attributes><button id=forged autofocus onfocus="window.hit=1">',
  '&lt;script&gt;window.hit=1&lt;/script&gt;\u2028</script>',
]

/** Direction turned, colours of a terminal, a line of its own, what no eye sees. */
const turned: readonly string[] = [
  'photo\u202egpj.exe',
  '\u001b[2J\u001b[31mred',
  'stick\r\nforged: approved by secadmin',
  'a\u2066b\u2069\u200f\ufeffc\u0000d',
]
/** What moves a cursor, ends a line or turns the direction of text. */
const obeyed =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that they are not there is what is tested
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

const isolated = /\u2068([^\u2066-\u2069]*)\u2069/g

/** The live feed keeps its connection open, so no page ever has none. */
const settleMs = 250

let console: TestConsole
let browser: TestBrowser
let link: RawLink
let agent: string
let security: ApiClient
let auditor: ApiClient
let system: ApiClient
let filled = 0

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  const identity = await enrolRaw(console, await console.token())
  agent = identity.answer.agent
  link = await connectRaw(console, identity)
  const journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  for (const name of listGolden('records')) {
    const golden = parseRecord(readGolden(`records/${name}`))
    // These say where the journal goes on, and must say it truly.
    if (golden.fact.kind.startsWith('journal.')) continue
    for (const text of markup.slice(0, 3)) {
      const { fact, fields } = withText(golden, text)
      filled += fields
      journal.append(fact, {
        ...{ decision: golden.decision, sensor: golden.sensor, level: golden.level, policyVersion: 1 },
      })
    }
  }
  for (const text of turned) {
    const { fact } = withText(parseRecord(readGolden('records/usb.attached.json')), text)
    journal.append(fact, {
      decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' },
    })
  }
  for (const text of markup) {
    const { fact } = withText(parseRecord(readGolden('records/usb.attached.json')), text)
    journal.append(fact, {
      decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' },
    })
  }
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  ;[security, auditor, system] = [
    await console.signIn('secadmin'),
    await console.signIn('auditor'),
    await console.signIn('sysadmin'),
  ]
  for (const [at, text] of markup.entries()) {
    await security.send('PUT', `/api/computers/${agent}/department`, {
      department: `${at} ${text}`.slice(0, 100),
      reason: text,
    })
    const body = { name: text.slice(0, 64), password: text }
    await fetchRefused(() => security.send('POST', '/api/session', body))
    security = await console.signIn('secadmin')
  }
}, 60_000)
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

async function fetchRefused(ask: () => Promise<unknown>): Promise<void> {
  await expect(ask()).rejects.toThrow(/^4\d\d /)
}

/** The fact with the text in every place where the protocol takes any text: what it refuses stays as it was. */
function withText(golden: Record, text: string): { readonly fact: Record['fact']; readonly fields: number } {
  let current = structuredClone(golden) as unknown
  let fields = 0
  for (const path of leaves((current as Record).fact, ['fact'])) {
    const tried = structuredClone(current) as object
    put(tried, path, text)
    try {
      parseRecord(encodeRecord(tried as Record))
    } catch {
      continue
    }
    current = tried
    fields += 1
  }
  return { fact: (current as Record).fact, fields }
}

type Path = readonly (string | number)[]

function leaves(value: unknown, path: Path): Path[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  if ('b64' in value) return [path]
  return Object.entries(value).flatMap(([key, inside]) => leaves(inside, [...path, key]))
}

function put(root: object, path: Path, text: string): void {
  let place = root as { [key: string]: unknown }
  for (const key of path.slice(0, -1)) place = place[key] as { [key: string]: unknown }
  place[path.at(-1) ?? ''] = text
}

/** A page of somebody who is signed in, watched for whatever markup would do. */
async function pageOf(client: ApiClient): Promise<TestPage & { readonly asked: string[] }> {
  const tab = await browser.openPage({ locale: 'en-US', width: 1366, height: 768 })
  const [name = '', value = ''] = client.cookie.split('=')
  await tab.context.addCookies([
    { name, value, url: console.address, secure: true, httpOnly: true, sameSite: 'Strict' },
  ])
  const asked: string[] = []
  tab.page.on('request', (request) => asked.push(request.url()))
  tab.page.on('dialog', (dialog) => void dialog.dismiss())
  tab.page.setDefaultTimeout(15_000)
  return { ...tab, asked, [Symbol.asyncDispose]: () => tab[Symbol.asyncDispose]() }
}

/** Whether the page's own markup holds these characters: not shown where it fails, a page is long. */
async function hasText({ page }: TestPage, text: string): Promise<boolean> {
  return (await page.content()).includes(text)
}

async function expectHarmless({
  page,
  complaints,
  asked,
}: Awaited<ReturnType<typeof pageOf>>): Promise<void> {
  expect(await page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined()
  const forged =
    'script:not([src]), iframe, base, object, embed, #forged, [onerror], [onload], [onfocus], a[href^="javascript:" i]'
  expect(await page.locator(forged).count()).toBe(0)
  expect(asked.filter((url) => !url.startsWith(`${console.address}/`) || url.includes('/hit'))).toEqual([])
  expect(complaints.filter((one) => /content security policy|thrown/i.test(one))).toEqual([])
}

describe('markup from a computer', () => {
  it('went into the fields of every kind of record', () => {
    expect(filled).toBeGreaterThan(300)
  })

  it('is text in the list of violations and in each of them', async () => {
    await using tab = await pageOf(security)
    const { violations } = await security.get<ViolationsAnswer>(`/api/violations?agent=${agent}&limit=50`)
    expect(violations.length).toBeGreaterThan(markup.length)
    await tab.page.goto(`${console.address}/violations`)
    await tab.page.getByTestId('violation-row').first().waitFor()
    expect(await hasText(tab, '&lt;img src=/hit')).toBe(true)
    await expectHarmless(tab)
    const types = new Map(violations.map((one) => [one.type, one.id]))
    for (const id of [...types.values()].slice(0, 3)) {
      await tab.page.goto(`${console.address}/violations/${id}`)
      await tab.page.getByTestId('evidence').waitFor()
      await expectHarmless(tab)
    }
  })

  it('is text on its own page, and in the records that are opened', async () => {
    await using tab = await pageOf(security)
    for (const path of ['', '/network', '/policy']) {
      await tab.page.goto(`${console.address}/computers/${agent}${path}`)
      await tab.page.getByTestId('who').waitFor()
      await tab.page.waitForTimeout(settleMs)
      await expectHarmless(tab)
    }
    await tab.page.goto(`${console.address}/computers/${agent}/timeline`)
    await tab.page.locator('li.record').first().waitFor()
    // The newest are opened, with the raw text inside.
    for (const depth of ['li.record > details', 'li.record details details'])
      await tab.page.evaluate(
        `for (const one of [...document.querySelectorAll('${depth}')].slice(0, 60)) one.open = true`,
      )
    await expect.poll(() => tab.page.locator('.record-more').count()).toBeGreaterThan(20)
    for (const start of ['&lt;img', '&lt;script', '&lt;svg']) expect(await hasText(tab, start)).toBe(true)
    await expectHarmless(tab)
  })
})

describe('text that a printer, a terminal or a reader would obey', () => {
  it('comes onto paper as visible text, and turns, ends and hides nothing', async () => {
    await using tab = await pageOf(security)
    const { violations } = await security.get<ViolationsAnswer>(`/api/violations?agent=${agent}&limit=200`)
    const ids = violations
      .filter((one) => /gpj\.exe|31mred|forged: approved/.test(JSON.stringify(one)))
      .map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(2)
    let seen = ''
    for (const id of ids) {
      await tab.page.emulateMedia({ media: 'screen' })
      await tab.page.goto(`${console.address}/violations/${id}`)
      await tab.page.getByTestId('evidence').waitFor()
      await tab.page.emulateMedia({ media: 'print' })
      await tab.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
      await tab.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
      const paper = await tab.page.pdf({ format: 'A4' })
      expect(paper.subarray(0, 5).toString('latin1')).toBe('%PDF-')
      // The page's own marks around a foreign text keep its direction inside; each is closed.
      const printed = (await tab.page.locator('body').innerText()).replaceAll(isolated, '$1')
      // Lines and tabs of the page's own layout are the only control characters.
      expect(printed.replaceAll(/[\n\t]/g, '')).not.toMatch(obeyed)
      // A line of the text is not a line of the paper: nobody adds one to what was recorded.
      expect(printed.split('\n').map((line) => line.trim())).not.toContain('forged: approved by secadmin')
      seen += printed
    }
    expect(seen).toContain('forged: approved by secadmin')
    expect(seen).toContain('gpj.exe')
  }, 60_000)
})

describe('markup from people', () => {
  it('is text in the log that the auditor reads', async () => {
    await using tab = await pageOf(auditor)
    await tab.page.goto(`${console.address}/audit?acts=department-set`)
    const open = tab.page.getByTestId('audit-open')
    await open.first().waitFor()
    await expectHarmless(tab)
    let shown = 0
    for (let at = 0; at < 4; at += 1) {
      await open.nth(at).click()
      await tab.page.getByRole('dialog').waitFor()
      await tab.page.waitForTimeout(settleMs)
      if (await hasText(tab, 'window.hit=1')) shown += 1
      await expectHarmless(tab)
      await tab.page.keyboard.press('Escape')
      await tab.page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
    expect(shown).toBeGreaterThan(2)
  })

  it('is text on each further page, for each of the three', async () => {
    const paths = {
      secadmin: ['/', '/computers', '/media', '/account'],
      sysadmin: ['/accounts', '/forwarding', '/system'],
    }
    for (const [name, client] of [
      ['secadmin', security],
      ['sysadmin', system],
    ] as const) {
      await using tab = await pageOf(client)
      for (const path of paths[name]) {
        await tab.page.goto(`${console.address}${path}`)
        await tab.page.getByTestId('who').waitFor()
        await tab.page.waitForTimeout(settleMs)
        expect(await tab.page.getByTestId('sign-out').isVisible()).toBe(true)
        await expectHarmless(tab)
      }
    }
  })
})

describe('a browser', () => {
  it('runs no script that stands in a page, were it there: the policy holds by itself', async () => {
    await using tab = await pageOf(security)
    await tab.page.goto(`${console.address}/`)
    await tab.page.getByTestId('who').waitFor()
    await tab.page.evaluate(`
      const planted = document.createElement('div')
      planted.innerHTML = ${JSON.stringify(markup[0])}
      const script = document.createElement('script')
      script.textContent = 'window.hit=1'
      document.body.append(planted, script)
    `)
    await tab.page.waitForTimeout(300)
    expect(await tab.page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined()
    expect(tab.complaints.join()).toMatch(/content security policy/i)
  })

  it('keeps nothing of who was signed in, in the page or in its stores', async () => {
    const own = await console.signIn('secadmin')
    await using tab = await pageOf(own)
    await tab.page.goto(`${console.address}/computers`)
    await tab.page.getByText('JM-0001').first().waitFor()
    await tab.page.getByTestId('sign-out').click()
    await tab.page.getByTestId('sign-in-password').waitFor()
    expect(await hasText(tab, 'JM-0001')).toBe(false)
    const kept = (await tab.page.evaluate(`(async () => ({
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      databases: (await indexedDB.databases()).length,
      cookies: document.cookie,
    }))()`)) as { readonly local: readonly string[] }
    expect(kept.local.filter((key) => !/language/i.test(key))).toEqual([])
    expect({ ...kept, local: [] }).toEqual({ local: [], session: [], databases: 0, cookies: '' })
    await tab.page.goBack()
    await tab.page.getByTestId('sign-in-password').waitFor()
  })

  it('masks what is typed as a password, and lets it be pasted and filled in', async () => {
    await using tab = await browser.openPage()
    await tab.page.goto(console.address)
    const field = tab.page.getByTestId('sign-in-password')
    await field.waitFor()
    expect(await field.getAttribute('type')).toBe('password')
    expect(await field.getAttribute('autocomplete')).toBe('current-password')
    const isTaken = await tab.page.evaluate(
      `document.querySelector('[data-testid=sign-in-password]').dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true }))`,
    )
    expect(isTaken).toBe(true)
  })
})

/** The network as its administrator meets it: rules, a computer's own picture, isolation, and the proof of a violation. */
import { fileURLToPath } from 'node:url'
import { encodeFrame, type FactNamed, PROTOCOL_VERSION } from '@shoukou/protocol'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Computer, PolicyAnswer, ViolationsAnswer } from '../../console/api/contract.ts'
import type { ActsAnswer } from '../../console/api/contract-access.ts'
import { en } from '../../console/web/i18n/en.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import {
  type ApiClient,
  signInAt,
  startTestConsole,
  type TestConsole,
  testPassword,
} from '../support/console.ts'
import { signInFirstTime } from '../support/pages.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'
import { joinSecondPerson, type SecondPerson } from '../support/second-person.ts'
import { networkStory, picture } from './network-story.ts'

type Account = 'secadmin' | 'auditor'

let console: TestConsole
let browser: TestBrowser
let journal: RawJournal
let link: RawLink
let agent: string
/** Enrolled and never heard of: one whose orders wait. */
let absent: string
let api: ApiClient
let second: SecondPerson
const cookies = new Map<Account, Awaited<ReturnType<BrowserContext['cookies']>>>()
const waitMsMax = 10_000
const pollOptions = { timeout: waitMsMax }
const textKeys = new Set(Object.keys(en).map((key) => key.replace(/_(one|other)$/, '')))
const judged = { outcome: 'detected', would: 'block', rule: 'public-address' } as const

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  const identity = await enrolRaw(console, await console.token())
  agent = identity.answer.agent
  absent = (await enrolRaw(console, await console.token())).answer.agent
  journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  for (const fact of networkStory()) {
    const isJudged = fact.kind === 'network.condition' || fact.kind === 'network.connections'
    journal.append(fact, { sensor: 'network', decision: isJudged ? judged : null })
  }
  link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  for (const name of ['secadmin', 'auditor'] as const) {
    await using tab = await browser.openPage()
    await signInFirstTime(tab.page, console.address, name, console.firstPassword(name))
    cookies.set(name, await tab.context.cookies())
  }
  api = await signInAt(console.address, console.authority, 'secadmin', testPassword)
  second = await joinSecondPerson(console, api)
})
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

/** A page of somebody who signed in before. */
async function signedIn(name: Account, path: string, locale: 'zh-CN' | 'en-US' = 'zh-CN'): Promise<TestPage> {
  const tab = await browser.openPage({ locale, width: 1366, height: 768 })
  await tab.context.addCookies(cookies.get(name) ?? [])
  tab.page.setDefaultTimeout(waitMsMax)
  await tab.page.goto(console.address + path)
  await tab.page.getByTestId('who').waitFor()
  return tab
}

/** Tells more, and gives a sign of life at once, as an agent does. */
async function tell(...facts: readonly FactNamed<'network.acted' | 'network.picture'>[]): Promise<void> {
  const first = journal.raws.length + 1
  for (const fact of facts) journal.append(fact, { sensor: 'network' })
  await link.records(journal.frame(first, journal.raws.length))
  link.send(
    encodeFrame({
      v: PROTOCOL_VERSION,
      type: 'heartbeat',
      wallMs: Date.now(),
      journal: journal.position(),
      coverage: [],
      policyVersion: 1,
    }),
  )
}

/** The order that the computer gets next. */
async function nextOrder(): Promise<{ readonly id: string; readonly name: string; readonly reason: string }> {
  const { envelope } = await link.next('command')
  const order: unknown = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'))
  expect(order).toMatchObject({ agent })
  return order as { id: string; name: string; reason: string }
}

const policyOf = async () => (await api.get<PolicyAnswer>(`/api/computers/${agent}/policy`)).policy
const computerOf = (id: string) => api.get<Computer>(`/api/computers/${id}`)

describe('the network tab', () => {
  it('shows what the computer told: links, ways out with who answers, what is open, and that its counters add up', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/network`)
    const { page } = tab
    const interfaces = page.getByTestId('network-tab').getByTestId('interfaces').first()
    await interfaces.waitFor()
    expect(await interfaces.innerText()).toMatch(/eth0[^]*有线[^]*10\.1\.2\.31\/24/)
    expect(await interfaces.innerText()).toMatch(/USB 共享网络[^]*RNDIS[^]*出厂为 02:1a:11:f0:00:02/)
    expect(await page.getByTestId('ways-out').innerText()).toMatch(
      /10\.1\.2\.1[^]*00:25:9e:00:11:22[^]*192\.168\.42\.129[^]*02:1a:11:f0:00:09/,
    )
    const condition = page.getByTestId('condition').first()
    expect(await condition.innerText()).toMatch(/USB 共享网络已接通[^]*链路已通/)
    const check = (net: string) =>
      page.locator(`[data-testid="total"][data-net="${net}"] [data-testid="check"]`)
    expect(await check('socket').getAttribute('data-state')).toBe('adds-up')
    expect(await check('packet').getAttribute('data-state')).toBe('under-way')
    expect(await page.locator('[data-testid="hardware-row"][data-kind="wifi"]').innerText()).toMatch(
      /合规：有，但已禁用[^]*rfkill/,
    )
    expect(await page.getByTestId('trace').first().innerText()).toMatch(/保存的无线网络配置[^]*很可能/)
    expect(await page.getByTestId('picture-unread').innerText()).toContain('邻居')
    expect(tab.complaints).toEqual([])
  })

  it('shows names that somebody else chose as data: marked, whole, and never as a tag', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/network`)
    const { page } = tab
    await page.getByTestId('wireless').waitFor()
    expect(await page.getByTestId('wireless').innerText()).toContain('Guest\\u{0007}\\u{202e}<script>')
    expect(await page.getByTestId('interfaces').first().innerText()).toContain('usb0\\u{202e}<b>')
    expect(await page.getByTestId('network-tab').locator('b, script').count()).toBe(0)
  })

  it('claims nothing of a computer that has told nothing', async () => {
    await using tab = await signedIn('secadmin', `/computers/${absent}/network`)
    const { page } = tab
    await page.getByTestId('network-tab').waitFor()
    const text = await page.getByTestId('network-tab').innerText()
    expect(text).toMatch(/尚未报告网络情况/)
    expect(text).toMatch(/尚无计数/)
    expect(text).toMatch(/没有列出不等于没有/)
    expect(text).not.toMatch(/没有现存的状况|没有发现这类硬件/)
  })
})

describe('the network rules of a policy', () => {
  it('are taken over from what the computer shows, what was ticked alone', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/policy`)
    const { page } = tab
    await page.getByTestId('network-mode-enforce').waitFor()
    expect(await page.getByTestId('network-mode-enforce').isDisabled()).toBe(true)
    await page.getByTestId('takeover').click()
    const tick = (key: string) => page.locator(`[data-testid="takeover-tick"][data-key="${key}"]`)
    await tick('prefix 10.1.2.0/24').waitFor()
    expect(await page.getByTestId('takeover-submit').isDisabled()).toBe(true)
    await tick('prefix 10.1.2.0/24').check()
    await tick('gateways 10.1.2.1').check()
    await page.getByTestId('takeover-submit').click()
    await page.getByTestId('network-mode-alarm').check()
    await page.getByTestId('policy-reason').fill('核对过现场的接线')
    await page.getByTestId('policy-save').click()
    await page.getByText(/已生效/).waitFor()
    const { settings } = await policyOf()
    expect(settings.modes.network).toBe('alarm')
    expect(settings.network).toMatchObject({
      prefixes: ['10.1.2.0/24'],
      gateways: [{ address: '10.1.2.1', mac: '00:25:9e:00:11:22' }],
      dnsServers: [],
      probe: null,
    })
  })

  it('name the row and the remedy where they do not hold, and save once they do', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/policy`)
    const { page } = tab
    const section = page.getByTestId('policy-network')
    await section.getByTestId('destination-add').click()
    const faults = page.getByTestId('faults-destinations')
    await section.getByRole('textbox', { name: '网段', exact: true }).fill('10.1.2.3/24')
    await expect
      .poll(() => faults.innerText(), pollOptions)
      .toContain('第 1 行在前缀之外还有非零位，应为 10.1.2.0/24')
    await section.getByRole('textbox', { name: '网段', exact: true }).fill('10.1.2.0/24')
    await section.getByRole('textbox', { name: '端口' }).fill('8010-8000')
    await expect.poll(() => faults.innerText(), pollOptions).toContain('第 1 行的端口')
    await page.getByTestId('policy-reason').fill('开放文件服务器')
    expect(await page.getByTestId('policy-save').isDisabled()).toBe(true)
    await section.getByRole('textbox', { name: '端口' }).fill('8000-8010')
    await faults.waitFor({ state: 'detached' })
    await page.getByTestId('policy-save').click()
    await page.getByText(/已生效/).waitFor()
    expect((await policyOf()).settings.network?.destinations).toEqual([
      { prefix: '10.1.2.0/24', protocol: 'tcp', ports: { first: 8000, last: 8010 }, note: '' },
    ])
  })

  it('probe nothing by default, and never what is not approved', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/policy`)
    const { page } = tab
    const probe = page.getByTestId('probe-on')
    await probe.waitFor()
    expect(await probe.isChecked()).toBe(false)
    await probe.check()
    await page.getByTestId('probe-address').fill('8.8.8.8')
    await page.getByTestId('faults-probe').getByText('探测地址是公网地址').waitFor()
    await page.getByTestId('probe-address').fill('10.7.0.1')
    await page.getByTestId('faults-probe').getByText('不在批准的目的地址内').waitFor()
    await probe.uncheck()
    await page.getByTestId('faults-probe').waitFor({ state: 'detached' })
  })

  it('cannot be removed while the network is alarmed by them', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/policy`)
    const { page } = tab
    const remove = page.getByTestId('network-unset-do')
    await remove.waitFor()
    expect(await remove.isDisabled()).toBe(true)
    await page.getByTestId('network-mode-observe').check()
    await remove.click()
    await page.getByTestId('network-unset').waitFor()
  })
})

describe('isolation', () => {
  const acted = (more: Partial<FactNamed<'network.acted'>>): FactNamed<'network.acted'> => ({
    kind: 'network.acted',
    act: 'isolated',
    cause: 'command',
    interface: null,
    order: null,
    reason: null,
    steps: [{ step: 'packet-table', result: 'done', detail: null }],
    ...more,
  })

  it('of one computer is ordered by keyboard with a reason, and its effect is seen as it comes', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/network`)
    const { page } = tab
    await page.getByTestId('isolate').focus()
    await page.keyboard.press('Enter')
    await page.getByText('控制台链路保留').waitFor()
    const submit = page.getByTestId('isolation-submit')
    expect(await submit.isDisabled()).toBe(true)
    await expect
      .poll(() => page.locator(':focus').getAttribute('data-testid'), pollOptions)
      .toBe('field-reason')
    await page.keyboard.type('发现公网连接')
    const order = nextOrder()
    await page.keyboard.press('Enter')
    const { id, name, reason } = await order
    expect([name, reason]).toEqual(['isolate', '发现公网连接'])
    await page.getByTestId('isolation-result').waitFor()
    expect(await page.getByTestId('isolation-result').getAttribute('data-result')).toBe('sent')
    await submit.click()
    const note = page.getByTestId('isolation-note')
    const state = () => note.getAttribute('data-state')
    await expect.poll(state, pollOptions).toBe('ordered')
    await tell(
      acted({
        order: id,
        steps: [
          { step: 'connection-guard', result: 'done', detail: null },
          { step: 'packet-table', result: 'failed', detail: 'EPERM: operation not permitted' },
        ],
      }),
    )
    await expect.poll(state, pollOptions).toBe('partly')
    expect(await note.innerText()).toMatch(
      /secadmin[^]*发现公网连接[^]*报文管控表：EPERM: operation not permitted/,
    )
    await tell(acted({ order: id }))
    await expect.poll(state, pollOptions).toBe('in-force')
    expect(tab.complaints).toEqual([])
  })

  it('ends where two people want it and the computer says so', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/network`)
    const { page } = tab
    await page.getByTestId('release').click()
    await page.getByTestId('field-reason').fill('现场核查完毕')
    await page.getByTestId('isolation-submit').click()
    await page.getByTestId('release-asked').waitFor()
    await page.getByTestId('isolation-submit').click()
    const { acts } = await second.client.get<ActsAnswer>('/api/acts?state=open')
    const order = nextOrder()
    await second.agreeTo(acts[0]?.id ?? null)
    const { id, name } = await order
    expect(name).toBe('end-isolation')
    const note = page.getByTestId('isolation-note')
    await expect.poll(() => note.getAttribute('data-state'), pollOptions).toBe('release-ordered')
    await tell(acted({ act: 'released', order: id }))
    await note.waitFor({ state: 'detached' })
    expect((await computerOf(agent)).isolation?.state).toBe('released')
  })

  it('of a group has one reason, a result for each, and marks the list as it comes about', async () => {
    await using tab = await signedIn('secadmin', '/computers')
    const { page } = tab
    await page.getByTestId('tick-all').check()
    expect(await page.getByTestId('selected-count').innerText()).toContain('2')
    await page.getByTestId('group-isolate').click()
    expect(await page.getByTestId('isolation-whom').innerText()).toMatch(/JM-0001[^]*JM-0002/)
    await page.getByTestId('field-reason').fill('保密检查')
    const order = nextOrder()
    await page.getByTestId('isolation-submit').click()
    const { id } = await order
    await expect.poll(() => page.getByTestId('isolation-result').count(), pollOptions).toBe(2)
    const results = await page
      .getByTestId('isolation-result')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-result')))
    expect(results.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(['sent', 'waiting'])
    await page.getByTestId('isolation-submit').click()
    const mark = (of: string) =>
      page.locator(`[data-testid="computer-row"][data-agent="${of}"] [data-testid="isolation-mark"]`)
    await expect.poll(() => mark(absent).getAttribute('data-state'), pollOptions).toBe('ordered')
    await tell(acted({ order: id }))
    await expect.poll(() => mark(agent).getAttribute('data-state'), pollOptions).toBe('in-force')
    expect(await mark(agent).innerText()).toBe('已隔离')
  })

  it('is not for the auditor, who sees that it is so', async () => {
    await using tab = await signedIn('auditor', '/computers')
    const { page } = tab
    await page.getByTestId('isolation-mark').first().waitFor()
    expect(await page.getByTestId('computer-tick').count()).toBe(0)
    await page.goto(`${console.address}/computers/${agent}/network`)
    await page.getByTestId('isolation-note').waitFor()
    expect(await page.getByTestId('isolate').count()).toBe(0)
    expect(await page.getByTestId('release').count()).toBe(0)
  })
})

describe('a violation of the network', () => {
  const violationOf = async (type: string) => {
    const { violations } = await api.get<ViolationsAnswer>(`/api/violations?type=${type}`)
    return violations[0]?.id ?? 0
  }

  it('shows who connected where, how sure that is, and the whole network of that moment', async () => {
    const id = await violationOf('internet-connection')
    await using tab = await signedIn('secadmin', `/violations/${id}`)
    const { page } = tab
    const found = page.getByTestId('found')
    await found.waitFor()
    const text = await found.innerText()
    expect(text).toMatch(/已证实可达[^]*连接确实建立过/)
    expect(text).toMatch(/\/usr\/bin\/curl[^]*zhaochen[^]*session-3\.scope/)
    expect(await found.getByTestId('flow').first().innerText()).toMatch(
      /39\.156\.66\.10:443[^]*TCP[^]*12 次[^]*目的为公网地址/,
    )
    const fold = found.getByTestId('picture')
    expect(await fold.getByTestId('interfaces').count()).toBe(0)
    await fold.locator('summary').focus()
    await page.keyboard.press('Enter')
    await fold.getByTestId('interfaces').waitFor()
    expect(await fold.getByTestId('sockets').innerText()).toMatch(/TCP[^]*39\.156\.66\.10:443[^]*curl/)
    expect(tab.complaints).toEqual([])
  })

  it('stands whole on paper, folded or not', async () => {
    const id = await violationOf('internet-connection')
    await using tab = await signedIn('secadmin', `/violations/${id}`)
    const { page } = tab
    const fold = page.getByTestId('found').getByTestId('picture')
    await fold.waitFor()
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(await fold.getByTestId('interfaces').count()).toBe(1)
    await page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    await expect.poll(() => fold.getByTestId('interfaces').count(), pollOptions).toBe(0)
  })

  it('tells each of its records in words in the timeline', async () => {
    await using tab = await signedIn('secadmin', `/computers/${agent}/timeline`)
    const { page } = tab
    const records = page.getByTestId('records')
    await records.waitFor()
    const text = await records.innerText()
    for (const words of [
      '网络快照',
      '未监控期间网络有变化',
      '网络状况',
      '未批准的连接',
      '内核连接计数',
      '无线与音视频硬件',
      '对网络的处置',
      '以往连接的痕迹',
      '探测本单位地址',
      '管控被他人改动',
    ])
      expect(text).toContain(words)
    await records.locator('summary', { hasText: '对网络的处置' }).last().click()
    await records.getByText('断开链路').first().waitFor()
  })
})

describe.each(['zh-CN', 'en-US'] as const)('in a browser that asks for %s', (locale) => {
  it('every page of the network stands: no complaint, no bare key, no scrolling sideways', async () => {
    await tell({ kind: 'network.picture', cause: 'changed', picture: picture(false) })
    const { violations } = await api.get<ViolationsAnswer>('/api/violations')
    const paths = [
      `/computers/${agent}/network`,
      `/computers/${agent}/policy`,
      `/computers/${agent}/timeline`,
      '/computers',
      ...violations.map(({ id }) => `/violations/${id}`),
    ]
    await using tab = await signedIn('secadmin', '/computers', locale)
    const { page, complaints } = tab
    for (const path of paths) {
      await page.goto(console.address + path)
      await page.getByRole('main').locator('h1, h2').first().waitFor()
      await expect.poll(() => page.locator('.rows-skeleton').count(), pollOptions).toBe(0)
      for (const fold of await page.getByTestId('picture').locator('summary').all()) await fold.click()
      const text = await page.locator('body').innerText()
      const bare = text.match(/[a-z]+(?:[.-][a-z0-9]+)+/gi)?.filter((word) => textKeys.has(word)) ?? []
      expect(bare, path).toEqual([])
      const isSideways = await page
        .locator('html, main, main .panel, .split-detail')
        .evaluateAll((all) => all.some((one) => one.scrollWidth > one.clientWidth))
      expect(isSideways, path).toBe(false)
    }
    expect(complaints).toEqual([])
  })
})

/** Who may do what, as people meet it: accounts, a second person's agreement, one department's own view. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountsAnswer, ActItem, NewAccountAnswer } from '../../console/api/contract-access.ts'
import type { NetworkAnswer } from '../../console/api/contract-network.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import {
  type ApiClient,
  signInAt,
  startTestConsole,
  type TestConsole,
  testPassword,
} from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'

let console: TestConsole
let browser: TestBrowser
let link: RawLink
let agent: string
let system: ApiClient
let security: ApiClient
/** Known once the page has shown it. */
let second: ApiClient
const waitMsMax = 15_000
const pollOptions = { timeout: waitMsMax }

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  const identity = await enrolRaw(console, await console.token())
  agent = identity.answer.agent
  const journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  journal.append(
    { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: usbStick({ serial: 'SN-1' }) },
    { decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' } },
  )
  link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  system = await console.signIn('sysadmin')
  security = await console.signIn('secadmin')
})
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

/** A page of somebody who signed in without one. */
async function pageOf(client: ApiClient, path: string): Promise<TestPage> {
  const tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
  const [name = '', value = ''] = client.cookie.split('=')
  await tab.context.addCookies([
    { name, value, url: console.address, secure: true, httpOnly: true, sameSite: 'Strict' },
  ])
  tab.page.setDefaultTimeout(waitMsMax)
  await tab.page.goto(console.address + path)
  await tab.page.getByTestId('who').waitFor()
  return tab
}
const person = (account: string, name: string) =>
  system.send('POST', `/api/accounts/${account}/person`, { person: name, reason: '任命文件' })

describe('accounts', () => {
  it('say whose they are, refuse what nobody may hold together, and show a one-time password once', async () => {
    await person('auditor', '赵审计')
    await using tab = await pageOf(system, '/accounts')
    const { page } = tab
    const row = (name: string) => page.locator(`[data-testid="account-row"][data-account="${name}"]`)
    await page.getByTestId('unnamed').waitFor()
    for (const [name, who] of [
      ['sysadmin', '王系统'],
      ['secadmin', '李保密'],
    ] as const) {
      await row(name).getByTestId('account-person').click()
      await page.getByTestId('field-person').fill(who)
      await page.getByTestId('field-reason').fill('任命文件〔2026〕3 号')
      await page.getByTestId('account-submit').click()
      await row(name).getByText(who).waitFor()
    }
    await expect.poll(() => page.getByTestId('unnamed').count(), pollOptions).toBe(0)
    // Nobody changes the own role: there is no button for it.
    expect(await row('sysadmin').getByTestId('account-role').count()).toBe(0)

    await page.getByTestId('new-account').click()
    await page.getByTestId('field-name').fill('secadmin2')
    await page.getByTestId('field-person').fill('赵审计')
    await page.getByTestId('role-sec-admin').check()
    await page.getByTestId('role-conflict').waitFor()
    expect(await page.getByTestId('account-submit').isDisabled()).toBe(true)
    await page.getByTestId('field-person').fill('陈保密')
    await page.getByTestId('role-conflict').waitFor({ state: 'detached' })
    await page.getByTestId('needs-second').waitFor()
    await page.getByTestId('field-reason').fill('增设一名安全保密管理员')
    await page.getByTestId('account-submit').click()
    const password = await page.getByTestId('one-time-password').innerText()
    await page.getByTestId('made-waits').waitFor()
    await page.getByTestId('account-submit').click()
    await expect.poll(() => row('secadmin2').getAttribute('data-state'), pollOptions).toBe('waiting')
    expect(await page.locator('body').innerText()).not.toContain(password)
    await expect(signInAt(console.address, console.authority, 'secadmin2', password)).rejects.toThrow()
    expect(tab.complaints).toEqual([])

    await using other = await pageOf(security, '/acts')
    expect(await other.page.getByTestId('acts-badge').innerText()).toContain('1')
    const act = other.page.getByTestId('act')
    expect(await act.innerText()).toMatch(/secadmin2[^]*陈保密[^]*安全保密管理员/)
    await act.getByTestId('act-agree').click()
    await other.page.getByTestId('act-words').waitFor()
    await other.page.getByTestId('act-submit').click()
    await act.waitFor({ state: 'detached' })
    await other.page.getByTestId('acts-decided').click()
    await expect
      .poll(() => other.page.getByTestId('act-state').getAttribute('data-state'), pollOptions)
      .toBe('agreed')
    await expect.poll(() => other.page.getByTestId('acts-badge').count(), pollOptions).toBe(0)
    expect(other.complaints).toEqual([])
    second = await signInAt(console.address, console.authority, 'secadmin2', password)
    await second.send('POST', '/api/session/password', { current: password, next: testPassword })
  })
})

describe('a release from isolation', () => {
  it('is asked for by one person and done by the word of another', async () => {
    const state = async () =>
      (await security.get<NetworkAnswer>(`/api/computers/${agent}/network`)).isolation?.state
    await security.send('POST', '/api/isolations', { agents: [agent], act: 'isolate', reason: '核查' })
    await using tab = await pageOf(security, `/computers/${agent}/network`)
    const { page } = tab
    await page.getByTestId('release').click()
    await page.getByTestId('field-reason').fill('现场核查完毕')
    await page.getByTestId('isolation-submit').click()
    await page.getByTestId('release-asked').waitFor()
    await page.getByTestId('isolation-submit').click()
    await page.getByTestId('nav-acts').click()
    const why = page.getByTestId('act-why-not')
    expect(await why.getAttribute('data-why')).toBe('own-wish')
    expect(await page.getByTestId('act-agree').count()).toBe(0)
    expect(await state()).toBe('ordered')

    await using other = await pageOf(second, '/acts')
    expect(await other.page.getByTestId('act').innerText()).toMatch(/解除网络隔离[^]*现场核查完毕/)
    await other.page.getByTestId('act-agree').click()
    await other.page.getByTestId('act-submit').click()
    await other.page.getByTestId('act').waitFor({ state: 'detached' })
    expect(await state()).toBe('release-ordered')
    expect([...tab.complaints, ...other.complaints]).toEqual([])
  })
})

describe('a serious violation', () => {
  it('is handled step by step, and closed when a second person agrees', async () => {
    await using tab = await pageOf(security, '/violations/1')
    const { page } = tab
    const panel = page.getByTestId('handling')
    const step = async (kind: string, reason: string) => {
      await page.getByTestId(`handle-${kind}`).click()
      await page.getByTestId('field-reason').fill(reason)
      await page.getByTestId('handling-submit').click()
    }
    await step('acknowledge', '已电话联系')
    await expect.poll(() => panel.getAttribute('data-state'), pollOptions).toBe('acknowledged')
    await step('confirm', '使用人承认')
    await expect.poll(() => panel.getAttribute('data-state'), pollOptions).toBe('confirmed')
    await page.getByTestId('handle-close').click()
    await page.getByTestId('needs-second').waitFor()
    await page.getByTestId('disposition-education').click()
    await page.getByTestId('field-reason').fill('已整改')
    await page.getByTestId('handling-submit').click()
    await page.getByTestId('handling-waits').waitFor()
    expect(await panel.getAttribute('data-state')).toBe('confirmed')
    const { acts } = await second.get<{ acts: { id: number; hash: string }[] }>('/api/acts?state=open')
    const [act] = acts
    await second.send('POST', `/api/acts/${act?.id}/agree`, { hash: act?.hash, reason: '' })
    await page.reload()
    await expect.poll(() => panel.getAttribute('data-state'), pollOptions).toBe('closed')
    expect(await page.getByTestId('handling-steps').innerText()).toMatch(/secadmin, secadmin2[^]*已整改/)
    expect(tab.complaints).toEqual([])
  })
})

describe('a custodian', () => {
  it('sees a computer as soon as it is given to the own department, and nothing before', async () => {
    const { password, proposal } = await system.send<NewAccountAnswer>('POST', '/api/accounts', {
      ...{ name: 'custodian', role: 'custodian', person: '孙保管', department: '财务处', reason: '部门申请' },
    })
    await expect(signInAt(console.address, console.authority, 'custodian', password)).rejects.toThrow()
    const { hash } = await security.get<ActItem>(`/api/acts/${proposal ?? 0}`)
    await security.send('POST', `/api/acts/${proposal ?? 0}/agree`, { hash, reason: '部门已确认' })
    const custodian = await signInAt(console.address, console.authority, 'custodian', password)
    await custodian.send('POST', '/api/session/password', { current: password, next: testPassword })
    const rows = async () => {
      await using own = await pageOf(custodian, '/computers')
      await own.page.getByRole('main').locator('h1').waitFor()
      await expect.poll(() => own.page.locator('.rows-skeleton').count(), pollOptions).toBe(0)
      const names = await own.page
        .locator('nav [data-testid]')
        .evaluateAll((all) => all.map((one) => one.dataset['testid']))
      expect(names).not.toContain('nav-accounts')
      expect(names).not.toContain('nav-acts')
      return own.page.getByTestId('computer-row').count()
    }
    expect(await rows()).toBe(0)
    await using tab = await pageOf(security, `/computers/${agent}/network`)
    const { page } = tab
    await page.getByTestId('set-department').click()
    await page.getByTestId('field-department').fill(' 财务处 ')
    await page.getByTestId('field-reason').fill('设备移交')
    await page.getByTestId('department-submit').click()
    await expect
      .poll(() => page.getByTestId('computer-department').innerText(), pollOptions)
      .toContain('财务处')
    expect(await rows()).toBe(1)
    expect(tab.complaints).toEqual([])
  })

  it('is disabled with a reason, and out at once', async () => {
    await using tab = await pageOf(system, '/accounts')
    const row = tab.page.locator('[data-testid="account-row"][data-account="custodian"]')
    await row.getByTestId('account-disable').click()
    await tab.page.getByTestId('field-reason').fill('调离岗位')
    await tab.page.getByTestId('account-submit').click()
    await expect.poll(() => row.getAttribute('data-state'), pollOptions).toBe('disabled')
    await row.getByTestId('account-history-open').click()
    expect(await tab.page.getByTestId('account-history').innerText()).toMatch(/停用[^]*调离岗位/)
    await expect(signInAt(console.address, console.authority, 'custodian', testPassword)).rejects.toThrow()
    const { accounts } = await security.get<AccountsAnswer>('/api/accounts')
    expect(accounts.find(({ name }) => name === 'custodian')?.state).toBe('disabled')
    expect(tab.complaints).toEqual([])
  })
})

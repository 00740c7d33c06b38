/** The media register as its administrator meets it: in a real browser, on the real console, with a computer's records. */
import { fileURLToPath } from 'node:url'
import {
  type Decision,
  encodeFrame,
  type FactNamed,
  type Passport,
  PROTOCOL_VERSION,
} from '@shoukou/protocol'
import { checkCode, makeChallenge } from '@shoukou/protocol/media/spoken-code.ts'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MediaAnswer, MediumAnswer } from '../../console/api/contract-media.ts'
import { en } from '../../console/web/i18n/en.ts'
import { writeSheet } from '../../console/workflows/sheets/write-sheet.ts'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import {
  type ApiClient,
  signInAt,
  startTestConsole,
  type TestConsole,
  testPassword,
} from '../support/console.ts'
import { usbKeyboard, usbStick } from '../support/facts.ts'
import { signInFirstTime } from '../support/pages.ts'
import { connectRaw, enrolRaw, type RawIdentity, RawJournal, type RawLink } from '../support/raw-agent.ts'

type Account = 'secadmin' | 'auditor'

let console: TestConsole
let browser: TestBrowser
let identity: RawIdentity
let journal: RawJournal
let link: RawLink
let agent: string
let api: ApiClient
const cookies = new Map<Account, Awaited<ReturnType<BrowserContext['cookies']>>>()
const waitMsMax = 10_000
const pollOptions = { timeout: waitMsMax }
const textKeys = new Set(Object.keys(en).map((key) => key.replace(/_(one|other)$/, '')))

beforeAll(async () => {
  console = await startTestConsole({
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  identity = await enrolRaw(console, await console.token())
  agent = identity.answer.agent
  journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  journal.append({
    kind: 'usb.attached',
    origin: 'present-at-start',
    sighting: 'snapshot',
    device: usbKeyboard({ path: '1-4' }),
  })
  link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  for (const name of ['secadmin', 'auditor'] as const) {
    await using tab = await browser.openPage()
    await signInFirstTime(tab.page, console.address, name, console.firstPassword(name))
    cookies.set(name, await tab.context.cookies())
  }
  api = await signInAt(console.address, console.authority, 'secadmin', testPassword)
})
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

const blocked = (rule: string): Decision => ({ outcome: 'blocked', would: 'block', rule })

/** What an enforcing computer tells of a stick that nobody registered; returns the name of its stay. */
async function plugIn(serial: string, port: number): Promise<string> {
  const device = usbStick({
    path: `1-${port}`,
    device: port,
    vendorId: '0951',
    productId: '1666',
    serial,
    product: 'DataTraveler \u202eexe.doc',
    authorized: false,
  })
  const instance = `usb:1-${port}#1.${port}`
  const place = { usbPath: device.path, disk: null, instance }
  const passport: Passport = {
    bus: 'usb',
    usb: {
      vendorId: device.vendorId,
      productId: device.productId,
      release: '0110',
      serial,
      manufacturer: 'Kingston',
      product: device.product,
      descriptorHash: 'ab'.repeat(32),
    },
    inquiry: { vendor: 'Kingston', product: 'DataTraveler 3.0', revision: 'PMAP' },
    diskSerial: null,
    wwn: null,
    sizeBytes: 31_004_295_168,
    blockBytes: 512,
    partitionTable: { kind: 'mbr', id: '1a2b3c4d' },
    fileSystems: [{ partition: 1, kind: 'vfat', uuid: 'AB12-CD34', label: '会议材料' }],
  }
  const examined: FactNamed<'media.examined'> = {
    kind: 'media.examined',
    origin: 'appeared',
    place,
    method: 'airlock',
    passport,
    seal: { state: 'refused', reason: 'bad-signature', id: null },
    identity: {
      result: 'unknown',
      source: 'none',
      number: null,
      level: null,
      reasons: [{ field: 'sizeBytes', state: 'differs', weight: 10 }],
    },
    right: 'none',
    faults: [],
    tookMs: 84,
  }
  const first = journal.raws.length + 1
  journal.append(
    { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device },
    { decision: blocked('medium-to-be-examined') },
  )
  journal.append(examined, { sensor: 'media', decision: blocked('unregistered-media-inserted') })
  journal.append(
    {
      kind: 'media.access',
      place,
      number: null,
      right: 'none',
      cause: 'unregistered-media-inserted',
      steps: [{ step: 'deauthorize', result: 'done', detail: null }],
      exposedMs: 0,
    },
    { sensor: 'media' },
  )
  await link.records(journal.frame(first, journal.raws.length))
  return instance
}

/** A page of somebody who signed in before. */
async function signedIn(name: Account, path: string, locale: 'zh-CN' | 'en-US' = 'zh-CN'): Promise<TestPage> {
  const tab = await browser.openPage({ locale, width: 1366, height: 768 })
  await tab.context.addCookies(cookies.get(name) ?? [])
  tab.page.setDefaultTimeout(waitMsMax)
  await tab.page.goto(console.address + path)
  await tab.page.getByTestId('who').waitFor()
  return tab
}

const details = {
  level: 'confidential',
  kind: 'usb-stick',
  custodian: '保管员甲',
  department: '一处',
  computers: ['JM-0001'],
  users: null,
  right: 'read-write',
  validFromMs: 1_700_000_000_000,
  validUntilMs: null,
  note: '',
} as const

async function registerByApi(number: string): Promise<MediumAnswer> {
  return api.send('POST', '/api/media', { ...details, number, reason: '测试', from: null })
}

it('registers a medium from its blocked insertion, with everything filled in, by keyboard alone', async () => {
  await plugIn('60A44C413FAEF2A1', 1)
  await using tab = await signedIn('secadmin', '/violations')
  const { page } = tab
  await page.getByTestId('violation-row').first().click()
  const button = page.getByTestId('register-this')
  await button.waitFor()
  await button.focus()
  await page.keyboard.press('Enter')
  const what = page.getByTestId('register-what')
  await what.waitFor()
  expect(await what.innerText()).toContain('60A44C413FAEF2A1')
  expect(await what.innerText()).toContain('\\u{202e}')
  // The caret stands in the first field that nobody can know but a person.
  await expect
    .poll(() => page.locator(':focus').getAttribute('data-testid'), pollOptions)
    .toBe('field-custodian')
  await page.keyboard.type('保管员甲')
  await page.keyboard.press('Tab')
  await page.keyboard.type('一处')
  await page.getByTestId('field-reason').focus()
  await page.keyboard.type('新配发')
  await page.keyboard.press('Enter')
  const medium = page.getByTestId('medium')
  await medium.waitFor()
  const number = (await medium.getAttribute('data-number')) ?? ''
  expect(await page.getByTestId('passport').innerText()).toContain('60A44C413FAEF2A1')
  expect(await page.getByTestId('medium-label').innerText()).toMatch(new RegExp(`秘密[^]*${number}`))
  const stored = (await api.get<MediumAnswer>(`/api/media/${number}`)).medium
  expect(stored).toMatchObject({ level: 'confidential', computers: ['JM-0001'], custodian: '保管员甲' })
  expect(stored.passport?.usb?.serial).toBe('60A44C413FAEF2A1')
  // Nobody registers it a second time: the violation leads to the register now.
  await page.goBack()
  await page.getByTestId('violation-medium').getByText(`已登记为 ${number}`).waitFor()
  expect(await page.getByTestId('register-this').count()).toBe(0)
  expect(tab.complaints).toEqual([])
})

it('says at the field what is missing and which number is taken, and loses nothing that was typed', async () => {
  await registerByApi('U-TAKEN')
  await using tab = await signedIn('secadmin', '/media')
  const { page } = tab
  await page.getByTestId('media-register').click()
  await page.getByTestId('register-submit').click()
  for (const words of ['请填写责任人', '请填写部门', '请填写理由', '请选择计算机'])
    await page.getByText(words).waitFor()
  await page.getByTestId('field-number').fill('U-TAKEN')
  await page.getByTestId('field-custodian').fill('保管员乙')
  await page.getByTestId('field-department').fill('二处')
  await page.getByText('本单位所有计算机', { exact: true }).first().click()
  await page.getByTestId('field-reason').fill('先登记')
  await page.getByTestId('register-submit').click()
  await page.getByText('编号 U-TAKEN 已被使用').waitFor()
  expect(await page.getByTestId('field-custodian').inputValue()).toBe('保管员乙')
  await page.getByTestId('field-number').fill('U-FREE')
  await page.getByTestId('register-submit').click()
  await page.getByTestId('medium').waitFor()
  const stored = (await api.get<MediumAnswer>('/api/media/U-FREE')).medium
  expect(stored).toMatchObject({ computers: null, passport: null, custodian: '保管员乙' })
})

it('leads from a medium that is registered already to its number', async () => {
  await plugIn('60A44C413FAEF2A1', 2)
  const before = (await api.get<MediaAnswer>('/api/media')).total
  await using tab = await signedIn('secadmin', `/computers/${agent}/media`)
  const { page } = tab
  const row = page.getByTestId('seen-row').filter({ hasText: '60A44C413FAEF2A1' }).first()
  await row.getByRole('link').first().waitFor()
  expect(await row.getByTestId('seen-register').count()).toBe(0)
  expect((await api.get<MediaAnswer>('/api/media')).total).toBe(before)
})

it('shows every faulty row of a spreadsheet, writes nothing until all are mended, then all of them', async () => {
  const header = ['编号', '密级', '类型', '责任人', '部门', '使用计算机', '权限']
  const good = (at: number) => [`S-${at}`, '秘密', 'U盘', '保管员丙', '三处', 'JM-0001', '读写']
  const sheet = async (rows: readonly (readonly string[])[]) => ({
    name: '台账.xlsx',
    mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    buffer: Buffer.from(
      await writeSheet(
        '介质',
        [header, ...rows],
        header.map(() => 12),
      ),
    ),
  })
  await using tab = await signedIn('secadmin', '/media')
  const { page } = tab
  const before = (await api.get<MediaAnswer>('/api/media')).total
  await page.getByTestId('media-import').click()
  const file = page.getByTestId('import-file')
  const bad = [good(1), good(2).with(1, '秘蜜'), good(3).with(3, ''), good(4).with(5, 'JM-9999')]
  await file.setInputFiles(await sheet(bad))
  await page.getByText('4 行中有 3 行有错误').waitFor()
  const faults = await page.getByTestId('import-fault').allInnerTexts()
  expect(faults).toHaveLength(3)
  expect(faults[0]).toMatch(/^3\s+密级\s+秘蜜\s+.*不是密级/)
  expect(faults[1]).toMatch(/^4\s+责任人\s+.*不能为空/)
  expect(faults[2]).toMatch(/^5\s+使用计算机\s+JM-9999\s+.*没有登记这台计算机/)
  expect(await page.getByTestId('import-confirm').isDisabled()).toBe(true)
  expect((await api.get<MediaAnswer>('/api/media')).total).toBe(before)
  await file.setInputFiles(await sheet([1, 2, 3, 4].map(good)))
  await page.getByText('4 行全部无误').waitFor()
  expect((await api.get<MediaAnswer>('/api/media')).total).toBe(before)
  await page.getByTestId('import-reason').fill('新购一批')
  await page.getByTestId('import-confirm').click()
  await page.getByText(/已新增 4 条/).waitFor()
  await page.locator('[data-testid="medium-row"][data-number="S-4"]').waitFor()
  expect((await api.get<MediaAnswer>('/api/media')).total).toBe(before + 4)
})

it('gives the template that an import takes', async () => {
  await using tab = await signedIn('secadmin', '/media')
  await tab.page.getByTestId('media-import').click()
  const download = tab.page.waitForEvent('download')
  await tab.page.getByTestId('import-template').click()
  expect((await download).suggestedFilename()).toMatch(/\.xlsx$/)
})

it('moves a medium only where it may go, says what that does, and keeps why', async () => {
  await registerByApi('U-STATE')
  await using tab = await signedIn('secadmin', '/media/U-STATE')
  const { page } = tab
  await page.getByTestId('medium-state-change').click()
  const submit = page.getByTestId('state-submit')
  expect(await submit.isDisabled()).toBe(true)
  expect(await page.getByTestId('state-destroyed').count()).toBe(0)
  await page.getByTestId('state-missing').click()
  expect(await page.getByTestId('state-consequence').innerText()).toContain('下一版策略')
  await page.getByTestId('field-reason').fill('责任人报告丢失')
  await page.keyboard.press('Enter')
  await page.locator('header [data-testid="medium-state"][data-state="missing"]').waitFor()
  const history = page.getByTestId('medium-history')
  await expect.poll(() => history.innerText(), pollOptions).toMatch(/已发放 → 下落不明[^]*责任人报告丢失/)
  expect((await api.get<MediumAnswer>('/api/media/U-STATE')).medium.state).toBe('missing')
})

it('offers no lower level, and joins a change with one that somebody made meanwhile', async () => {
  const { medium } = await registerByApi('U-CHANGE')
  await using tab = await signedIn('secadmin', '/media/U-CHANGE')
  const { page } = tab
  await page.getByTestId('medium-change').click()
  await page.getByLabel('密级').click()
  const levels = await page.locator('.ant-select-item-option').allInnerTexts()
  expect(levels.filter((one) => /内部|非密/.test(one))).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByTestId('field-custodian').fill('保管员丁')
  await page.getByTestId('field-reason').fill('责任人调动')
  await api.send('PUT', '/api/media/U-CHANGE', {
    ...details,
    department: '四处',
    baseVersion: medium.version,
    reason: '部门调整',
  })
  await page.getByTestId('change-submit').click()
  await page.getByRole('button', { name: '并入' }).click()
  expect(await page.getByTestId('field-department').inputValue()).toBe('四处')
  await page.getByTestId('change-submit').click()
  await page.getByTestId('medium-change').waitFor()
  await expect
    .poll(async () => (await api.get<MediumAnswer>('/api/media/U-CHANGE')).medium, pollOptions)
    .toMatchObject({ custodian: '保管员丁', department: '四处' })
})

describe('a temporary grant', () => {
  it('goes to the computer as an order for that very stay', async () => {
    const instance = await plugIn('GRANT-ME-0001', 3)
    await using tab = await signedIn('secadmin', `/computers/${agent}/media`)
    const { page } = tab
    const row = page.locator(`[data-testid="seen-row"][data-instance="${instance}"]`)
    await row.getByTestId('seen-grant').click()
    await page.getByTestId('field-reason').fill('会议材料')
    const order = link.next('command')
    await page.keyboard.press('Enter')
    const { envelope } = await order
    const command: unknown = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'))
    expect(command).toMatchObject({ name: 'grant-medium', instance, right: 'read-only', minutes: 15, agent })
  })

  it('is spoken where the computer cannot be reached: a slip is told at once, the code is good for that computer', async () => {
    const challenge = makeChallenge({ digest: 'ab'.repeat(32), counter: 7, nonce: 4321 })
    const slip = challenge.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))
    await using tab = await signedIn('secadmin', `/computers/${agent}/media`)
    const { page } = tab
    await page.getByTestId('spoken').click()
    const input = page.getByTestId('spoken-challenge')
    await input.fill(slip.replaceAll(' ', ''))
    expect(await input.inputValue()).toBe(slip)
    await page.getByTestId('field-reason').fill('网络中断')
    await page.getByText('校验位不符').waitFor()
    await input.fill(challenge)
    await page.getByTestId('spoken-submit').click()
    const code = await page.getByTestId('spoken-code').innerText()
    expect(code).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/)
    expect(await page.getByTestId('spoken-answer').innerText()).toMatch(
      /JM-0001[^]*只读 15 分钟[^]*只能使用一次/,
    )
    const spokenKey = Buffer.from(identity.answer.spokenKey ?? '', 'base64url')
    expect(checkCode({ spokenKey, challenge, code })).toEqual({ ok: true, right: 'read-only', minutes: 15 })
  })
})

it('shows what an examination found: identity, why, and what became of the seal', async () => {
  await plugIn('EXAMINED-0001', 5)
  await using tab = await signedIn('secadmin', `/computers/${agent}/timeline`)
  const { page } = tab
  await page.getByTestId('records').locator('summary', { hasText: '介质已检验' }).first().click()
  const evidence = page.getByTestId('evidence').first()
  await evidence.waitFor()
  const text = await evidence.innerText()
  for (const words of ['不是登记的介质', '封签无效', '签名不符', '禁止使用', '隔离检验'])
    expect(text).toContain(words)
  expect(await evidence.getByTestId('identity-reasons').innerText()).toMatch(/容量[^]*不一致/)
})

it('claims no control that nobody told of, and says so as soon as the computer does', async () => {
  await using tab = await signedIn('secadmin', `/computers/${agent}/media`)
  const { page } = tab
  const mark = page.getByTestId('control-state')
  await mark.waitFor()
  expect(await mark.getAttribute('data-state')).toBe('observing')
  journal.append(
    {
      kind: 'control.state',
      group: 'media',
      state: 'in-force',
      cause: 'policy',
      reason: null,
      layers: [{ layer: 'usb-default', state: 'in-force', detail: null }],
    },
    { sensor: 'agent' },
  )
  await link.records(journal.frame(journal.raws.length, journal.raws.length))
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
  await expect.poll(() => mark.getAttribute('data-state'), pollOptions).toBe('in-force')
})

it('says which keyboard enforcing would refuse, and approves it with one click', async () => {
  await using tab = await signedIn('secadmin', `/computers/${agent}/policy`)
  const { page } = tab
  const keyboard = page.getByTestId('known-keyboard').first()
  await keyboard.waitFor()
  expect(await keyboard.getAttribute('data-standing')).toBe('unknown')
  await page.getByTestId('keyboard-approve').click()
  expect(await keyboard.getAttribute('data-standing')).toBe('approved')
  await page.getByTestId('role-station').click()
  await page.getByTestId('policy-reason').fill('登记台')
  await page.getByTestId('policy-save').click()
  await page.getByText(/已生效/).waitFor()
})

it('lets the auditor read all of it and change nothing', async () => {
  await using tab = await signedIn('auditor', '/media/U-STATE')
  const { page } = tab
  await page.getByTestId('medium-history').waitFor()
  for (const id of ['medium-change', 'medium-state-change', 'medium-passport', 'medium-seal'])
    expect(await page.getByTestId(id).count()).toBe(0)
  await page.getByTestId('nav-media').click()
  await page.getByTestId('medium-row').first().waitFor()
  expect(await page.getByTestId('media-register').count()).toBe(0)
  await page.goto(`${console.address}/computers/${agent}/media`)
  await page.getByTestId('seen-row').first().waitFor()
  expect(await page.getByTestId('seen-grant').count()).toBe(0)
})

describe.each(['zh-CN', 'en-US'] as const)('in a browser that asks for %s', (locale) => {
  it('every page of the register stands: no complaint, no bare key, no scrolling sideways', async () => {
    const paths = [
      '/media',
      '/media?state=missing&level=confidential',
      '/media/U-STATE',
      `/computers/${agent}/media`,
    ]
    await using tab = await signedIn('secadmin', '/media', locale)
    const { page, complaints } = tab
    for (const path of paths) {
      await page.goto(console.address + path)
      await page.getByRole('main').locator('h1').first().waitFor()
      await expect.poll(() => page.locator('.rows-skeleton').count(), pollOptions).toBe(0)
      const text = await page.locator('body').innerText()
      const bare = text.match(/[a-z]+(?:[.-][a-z0-9]+)+/gi)?.filter((word) => textKeys.has(word)) ?? []
      expect(bare, path).toEqual([])
      const isSideways = await page
        .locator('html, main, main .panel')
        .evaluateAll((all) => all.some((one) => one.scrollWidth > one.clientWidth))
      expect(isSideways, path).toBe(false)
    }
    expect(complaints).toEqual([])
  })
})

/** The year of a computer as whoever answers for it meets it: the calendar, one day, and the timeline down to the second. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { type Fact, SENSORS, type Session } from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from '../support/browser.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { signInFirstTime } from '../support/pages.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'

let console: TestConsole
let browser: TestBrowser
let link: RawLink
let agent: string
const waitMsMax = 10_000
const dayMs = 86_400_000
const midnight = new Date(new Date().getFullYear(), new Date().getMonth(), new Date().getDate()).getTime()
/** Where screenshots go, if anybody wants some. */
const shots = process.env['SHOUKOU_SHOTS']

beforeAll(async () => {
  console = await startTestConsole({
    webRoot:
      process.env['SHOUKOU_WEB_ROOT'] ?? fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
  })
  browser = await launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] })
  const identity = await enrolRaw(console, await console.token())
  agent = identity.answer.agent
  const journal = yearOf(agent)
  link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  // As if it had been enrolled long ago: a year is told by its records, and nobody waits for one here.
  const database = new DatabaseSync(join(console.dataDir, 'console.db'))
  database.exec('pragma busy_timeout=5000')
  database.prepare('update computers set enrolled_at = ?').run(midnight - 40 * dayMs)
  database.close()
}, 60_000)
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

/** Who logs on each morning; each fourth day somebody comes in over the network and nobody notes the end. */
function session(day: number, openedWallMs: number, remoteHost: string | null): Session {
  const id = `${day}${remoteHost === null ? 'a' : 'b'}`.padStart(16, '0')
  const local = { user: 'wangjianguo', uid: 1000, line: ':0', seat: 'seat0' }
  const remote = { user: 'root', uid: null, line: 'pts/0', seat: null }
  return { id, ...(remoteHost === null ? local : remote), remoteHost, openedWallMs, source: 'utmp' }
}

/** Forty days: on from eight to half past five, once killed at noon, once with a queue that overflowed, once with a stick. */
function yearOf(name: string): RawJournal {
  const journal = new RawJournal(name)
  const at = (day: number, hour: number, minute = 0): number =>
    midnight - day * dayMs + (hour * 60 + minute) * 60_000
  const tell = (fact: Fact, wallMs: number, bootId: string): void =>
    void journal.append(fact, { wallMs, bootId, sensor: 'agent' })
  const begin = (
    previous: 'first-start' | 'clean-stop' | 'unclean-stop',
    wallMs: number,
    bootId: string,
  ): void => {
    tell({ kind: 'agent.started', previous, pid: 1, uid: 0 }, wallMs, bootId)
    for (const sensor of SENSORS)
      tell(
        {
          kind: 'agent.coverage',
          coverage: { sensor, state: 'watching', method: 'uevents', reason: null, remedy: null },
        },
        wallMs,
        bootId,
      )
  }
  for (let day = 39; day >= 1; day -= 1) {
    const bootId = `boot-${day}`
    begin(day === 39 ? 'first-start' : 'clean-stop', at(day, 8), bootId)
    const own = session(day, at(day, 8, 5), null)
    tell({ kind: 'session.opened', origin: 'appeared', session: own }, at(day, 8, 5), bootId)
    if (day % 9 === 0) begin('unclean-stop', at(day, 13), bootId)
    if (day % 5 === 0)
      tell(
        { kind: 'sensor.overflow', sensor: 'files', queue: 'fanotify', rescanMs: 3_000_000, changesFound: 4 },
        at(day, 15),
        bootId,
      )
    if (day % 7 === 0)
      tell(
        {
          kind: 'agent.paused',
          fromWallMs: at(day, 10),
          pausedMs: 5_400_000,
          suspendedMs: 0,
          cause: 'stop-signal',
          tracer: null,
        },
        at(day, 11, 31),
        bootId,
      )
    if (day % 4 === 0) {
      const device = usbStick({ path: '1-2', serial: `60A44C413FAEF2${day}` })
      tell({ kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device }, at(day, 16), bootId)
      tell({ kind: 'usb.detached', sighting: 'snapshot', device }, at(day, 16, 20), bootId)
    }
    if (day % 4 === 1) {
      const other = session(day, at(day, 14), '203.0.113.9')
      tell({ kind: 'session.opened', origin: 'appeared', session: other }, at(day, 14), bootId)
    }
    const off = { closedWallMs: at(day, 17, 20), ending: 'logged-out', found: 'while-watching' } as const
    tell({ kind: 'session.closed', session: own, ...off }, at(day, 17, 20), bootId)
    tell({ kind: 'agent.stopping', reason: 'shutdown' }, at(day, 17, 30), bootId)
  }
  return journal
}

it('tells a year by days, a day by hours, and a week down to the second, by keys and in the address', async () => {
  await using tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
  const { page } = tab
  page.setDefaultTimeout(waitMsMax)
  await signInFirstTime(page, console.address, 'secadmin', console.firstPassword('secadmin'))
  // Who is not signed in yet is told so: that is no fault.
  const earlier = tab.complaints.length
  const today = new Date(midnight - dayMs)
  const name = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, '0')}-${String(today.getDate()).padStart(2, '0')}`
  await page.goto(`${console.address}/computers/${agent}/coverage?day=${name}`)
  const day = page.getByTestId('coverage-day')
  await day.waitFor()
  expect(await page.getByTestId('coverage-sum').innerText()).toMatch(/\d+\.\d%/)
  expect(await day.innerText()).toContain('计算机关机')
  const cell = page.locator(`[data-day="${name}"]`)
  expect(await cell.getAttribute('aria-label')).toMatch(/已证实 5\d\d 分钟/)
  // From day to day by keys; the sentence below says what the cell shows.
  await cell.focus()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => page.locator(':focus').getAttribute('data-day')).not.toBe(name)
  expect(await page.getByTestId('calendar-told').innerText()).toMatch(/已证实 \d+ 分钟/)
  if (shots !== undefined) await page.screenshot({ path: `${shots}/calendar-zh.png`, fullPage: false })
  if (shots !== undefined)
    await page.locator('.coverage-calendar').screenshot({ path: `${shots}/calendar-whole.png` })
  if (shots !== undefined) await page.pdf({ path: `${shots}/calendar.pdf`, format: 'A4' })

  await page.goto(`${console.address}/computers/${agent}/timeline`)
  const panel = page.getByTestId('timeline-panel')
  await panel.locator('canvas').first().waitFor()
  const table = page.getByTestId('timeline-table')
  await table
    .getByText('接入 USB 设备')
    .first()
    .waitFor()
    .catch(() => undefined)
  // Who was logged on, from when to when; and where nobody noted the end, that it is not known.
  await table.getByText('wangjianguo').first().waitFor()
  await table
    .getByText(/至 .*（.*），已注销/)
    .first()
    .waitFor()
  await table.getByText('203.0.113.9').first().waitFor()
  await table
    .getByText(/随关机结束/)
    .first()
    .waitFor()
  const before = await page.getByTestId('timeline-span').innerText()
  await panel.getByRole('group', { name: /时间线图/ }).focus()
  await page.keyboard.press('+')
  await expect.poll(() => page.getByTestId('timeline-span').innerText()).not.toBe(before)
  await expect.poll(() => new URL(page.url()).searchParams.has('from')).toBe(true)
  await page.goto(`${console.address}/computers/${agent}/timeline`)
  await panel.locator('canvas').first().waitFor()
  if (shots !== undefined) await page.waitForTimeout(700)
  if (shots !== undefined) await page.screenshot({ path: `${shots}/timeline-zh.png` })
  expect(tab.complaints.slice(earlier)).toEqual([])
}, 60_000)

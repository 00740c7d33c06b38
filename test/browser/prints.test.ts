/** Labels and forms as they leave the printer: measured in millimetres, with the font in them, each printing on record. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser, type TestPage } from '../support/browser.ts'
import { type ApiClient, startTestConsole, type TestConsole, testPassword } from '../support/console.ts'
import { signInAs } from '../support/pages.ts'

let console: TestConsole
let browser: TestBrowser
let api: ApiClient
let tab: TestPage
let page: Page
const shots = process.env['SHOTS']
const forms = ['filing', 'loan', 'repair', 'destruction', 'hand-over', 'inspection']
const asked: string[] = []
const mmPerInch = 25.4
const pixelsPerMm = 96 / mmPerInch
const reason = '首次登记'

/** A level each, and texts that are longer than a label. */
const computers = [
  { number: 'JM-0001', level: 'top-secret', custodian: '保管员甲' },
  { number: 'JM-0002', level: 'secret', custodian: '保管员乙' },
  { number: 'JM-0003', level: 'confidential', custodian: '阿不都热合曼·买买提艾力·吐尔逊江' },
  { number: 'NB-2026-0000004-A', level: 'internal', custodian: '保管员丙' },
  { number: 'FM-0005', level: 'unclassified', custodian: '保管员丁' },
] as const

beforeAll(async () => {
  const webRoot = process.env['WEB_ROOT'] ?? fileURLToPath(new URL('../../console/web/dist', import.meta.url))
  console = await startTestConsole({ webRoot })
  ;[api, browser] = await Promise.all([
    console.signIn('secadmin'),
    launchBrowser({ trust: [{ origin: console.address, authorityPem: console.authority }] }),
  ])
  for (const { number, level, custodian } of computers)
    await api.send('POST', '/api/registers/computers', {
      ...{ number, level, custodian, department: '办公室机要科', reason },
      fields: {
        ...{
          kind: 'desktop',
          networkMode: 'standalone',
          brand: '长城',
          model: 'TN133A2',
          room: '办公楼 301 室',
        },
        ...{
          diskSerials: ['WD-WX41A1234567', 'S4EVNX0R123456'],
          macs: ['02:aa:bb:cc:dd:ee'],
          os: '银河麒麟 V10',
        },
        ...{ osInstalledOn: '2026-03-01', threeInOne: { is: 'present', date: '2026-03-02' } },
        ...{ jammer: { is: 'not-needed', date: null } },
      },
    })
  tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
  page = tab.page
  page.setDefaultTimeout(20_000)
  // The dialog of a real printer would wait for somebody.
  await page.addInitScript({
    content: "window.print = () => document.documentElement.toggleAttribute('data-printed', true)",
  })
  page.on('request', (one) => asked.push(one.url()))
  await page.goto(`${console.address}/prints`)
  await signInAs(page, 'secadmin', testPassword)
  await page.getByTestId('prints-find').waitFor()
}, 60_000)
afterAll(async () => {
  await tab[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

const numbers = computers.map(({ number }) => number).join(',')

/** Prints what is on record now; returns the PDF. */
async function printed(name: string): Promise<string> {
  await page.locator('html[data-printed]').waitFor({ state: 'attached' })
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true })
  if (shots !== undefined) await writeFile(join(shots, `${name}.pdf`), pdf)
  return pdf.toString('latin1')
}

/** Sizes of the pages, in whole millimetres. */
function pagesOf(pdf: string): readonly string[] {
  return [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map((box) =>
    box
      .slice(1)
      .map((points) => Math.round((Number(points) / 72) * mmPerInch))
      .join('x'),
  )
}

/** Names of the fonts whose letters are in the file, as their descriptors give them. */
function embeddedFonts(pdf: string): readonly string[] {
  const objects = [...pdf.matchAll(/\n\d+ 0 obj\n([^]*?)endobj/g)].map((one) => one[1] ?? '')
  return objects.flatMap((object) => {
    const name = /\/Type \/FontDescriptor[^]*?\/FontName \/([^\s/]+)/.exec(object)?.[1]
    return name === undefined ? [] : [name]
  })
}

const sizes = [
  { size: 'single-50x30', start: 1, widthMm: 50, heightMm: 30, pages: Array(5).fill('50x30') },
  { size: 'sheet-2x7', start: 12, widthMm: 99.1, heightMm: 38.1, pages: ['210x297', '210x297'] },
  // The others differ in numbers alone: looked at where somebody wants to see them.
  { size: 'single-70x40', start: 1, widthMm: 70, heightMm: 40, pages: Array(5).fill('70x40') },
  { size: 'sheet-3x8', start: 5, widthMm: 70, heightMm: 37, pages: ['210x297'] },
].slice(0, shots === undefined ? 2 : 4)

it.each(sizes)(
  'prints labels of $size in their measures, on record',
  async (asking) => {
    const { size, start, widthMm, heightMm, pages } = asking
    await page.goto(
      `${console.address}/prints/labels?kind=computers&numbers=${numbers}&size=${size}&start=${start}`,
    )
    await expect.poll(() => page.getByTestId('label').count()).toBe(computers.length)
    if (shots !== undefined) await page.screenshot({ path: join(shots, `page-${size}.png`) })
    if (size !== sizes[0]?.size) await page.getByTestId('labels-reason').fill('更换标签纸，原标签已收回')
    await page.getByTestId('print-labels').click()
    await page.locator('[data-testid=print][data-open=true]').waitFor()
    await page.emulateMedia({ media: 'print' })
    const boxes = await page.getByTestId('label').evaluateAll((all) =>
      all.map((one) => {
        const { width, height } = one.getBoundingClientRect()
        const inner = [...one.querySelectorAll('.tag, .tag-unit, .tag-text')]
        const over = inner
          .filter((box) => box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1)
          .map((box) => `${box.className} ${box.textContent}: ${box.scrollWidth} x ${box.scrollHeight}`)
        return { width, height, over }
      }),
    )
    await page.emulateMedia({ media: null })
    expect(boxes).toHaveLength(computers.length)
    for (const { width, height } of boxes) {
      expect(width / pixelsPerMm).toBeCloseTo(widthMm, 1)
      expect(height / pixelsPerMm).toBeCloseTo(heightMm, 1)
    }
    // Nothing reaches beyond its place.
    expect(boxes.flatMap(({ over }) => over)).toEqual([])
    const pdf = await printed(size)
    expect(pagesOf(pdf)).toEqual(pages)
    const fonts = embeddedFonts(pdf)
    expect(fonts.length).toBeGreaterThan(0)
    expect(fonts.filter((name) => !name.includes('NotoSansSC'))).toEqual([])
  },
  30_000,
)

it('numbers a form, prints it page by page, gives no sheet past the button, and is found again by its code', async () => {
  for (const form of shots === undefined ? ['inspection'] : forms) {
    const many = form === 'hand-over' || form === 'destruction'
    await page.goto(
      `${console.address}/prints/forms?form=${form}&kind=computers&numbers=${many ? numbers : 'JM-0002'}`,
    )
    await page.getByTestId('form-sheet').waitFor()
    if (shots !== undefined) await page.screenshot({ path: join(shots, `page-${form}.png`) })
    await page.getByTestId('print-form').click()
    await page.locator('[data-testid=print][data-open=true]').waitFor()
    const pdf = await printed(form)
    // A list goes on where it is long; a form of one thing stands on one sheet.
    expect([...new Set(pagesOf(pdf))]).toEqual(['210x297'])
    if (!many) expect(pagesOf(pdf)).toHaveLength(1)
    expect(embeddedFonts(pdf).filter((name) => !name.includes('NotoSansSC'))).toEqual([])
  }
  const number = (await page.getByTestId('print').getAttribute('data-number')) ?? ''
  expect(number).toMatch(/^BD-\d{4}-\d{4}$/)
  // The dialog closed; the browser's own command now prints a sentence.
  await expect.poll(() => page.getByTestId('print').getAttribute('data-open')).toBe('false')
  await page.emulateMedia({ media: 'print' })
  expect(await page.getByTestId('form-sheet').isVisible()).toBe(false)
  expect(await page.locator('.print-locked').innerText()).toContain('未登记')
  await page.emulateMedia({ media: null })

  await page.getByTestId('nav-prints').click()
  await page.getByTestId('prints-find').fill(`SK1:F:${number}`)
  await page.getByTestId('prints-find').press('Enter')
  await page.getByTestId('print').waitFor()
  expect(await page.getByTestId('print').getAttribute('data-number')).toBe(number)
  await page.getByTestId('return-place').fill('保密办 2 号柜')
  await page.getByTestId('return-go').click()
  await expect.poll(() => page.getByTestId('print-returns').innerText()).toContain('保密办 2 号柜')
  if (shots !== undefined) await shoot()

  expect(asked.filter((url) => new URL(url).origin !== console.address)).toEqual([])
  // Who is not signed in yet is told so, and the browser says it.
  expect(tab.complaints.filter((one) => !one.includes('401'))).toEqual([])
}, 60_000)

/** The pages on the screen, in both languages. */
async function shoot(): Promise<void> {
  const folder = shots ?? ''
  await page.screenshot({ path: join(folder, 'print-page-zh.png') })
  await page.getByTestId('nav-prints').click()
  await page.getByTestId('print-row').first().waitFor()
  await page.screenshot({ path: join(folder, 'prints-zh.png') })
  await page.goto(`${console.address}/registers/computers/JM-0002`)
  await page.getByTestId('entry-prints').scrollIntoViewIfNeeded()
  await page.screenshot({ path: join(folder, 'entry-zh.png') })
  await page.getByText('English').click()
  await page.goto(`${console.address}/prints/forms?form=repair&kind=computers&numbers=JM-0002`)
  await page.getByTestId('form-sheet').waitFor()
  await page.screenshot({ path: join(folder, 'forms-en.png') })
  await page.goto(`${console.address}/prints`)
  await page.getByTestId('print-row').first().waitFor()
  await page.screenshot({ path: join(folder, 'prints-en.png') })
}

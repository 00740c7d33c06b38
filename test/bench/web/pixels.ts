/**
 * From the click on a choice of the filter to the frame that shows the rows that belong to it: by the page's own clock, from
 * the event as the browser took it in to the frame after the one that holds the new rows. What was asked before is not
 * counted: the page would show it from memory.
 */
import type { Locator, Page } from 'playwright-core'
import { ruledTypes } from '../../../console/web/violations/ruled-types.ts'

const shownMsMax = 20_000

/** The choices above the list, in their order. */
const choices = { severity: 0, type: 1, level: 2, time: 4, state: 5, department: 6, more: 7 } as const
type Choice = keyof typeof choices
/** Of the types on offer, those near the top that the prepared unit has. */
const typePlaces = [
  'unregistered-media-inserted',
  'high-media-on-low-host',
  'media-not-assigned',
  'media-status-invalid',
].map((type) => ruledTypes.findIndex((one) => one === type))

export interface Pixels {
  readonly samples: readonly number[]
  /** Of those, how many showed rows; the rest that there is none. */
  readonly withRows: number
}

/** `page` is signed in; it is left at the list of violations, without a filter. */
export async function measurePixels(page: Page, origin: string, wanted: number): Promise<Pixels> {
  await page.goto(`${origin}/violations`)
  await page.locator('[data-testid=violation-list] [data-violation-id]').first().waitFor()
  await page.evaluate(watchInPage)
  const known = new Set<string>([''])
  const samples: number[] = []
  let withRows = 0
  for (const steps of walks()) {
    for (const [choice, option] of steps) {
      const before = await searchOf(page)
      if (!(await choose(page, choice, option))) break
      const shown = await nextShown(page)
      const after = await searchOf(page)
      if (after === before) throw new Error(`choosing ${choice} ${option} changed nothing`)
      if (!known.has(after)) {
        samples.push(shown.ms)
        if (shown.rows > 0) withRows += 1
      }
      known.add(after)
      if (samples.length >= wanted) break
    }
    await page.keyboard.press('Escape')
    await page.getByTestId('filter-clear').click()
    await page.waitForFunction(() => (globalThis as unknown as InPage).location.search === '')
    await page.evaluate(() => (globalThis as unknown as InPage).shoukouPixels.splice(0))
    if (samples.length >= wanted) break
  }
  if (samples.length < wanted || withRows < samples.length / 2)
    throw new Error(`${samples.length} of ${wanted} choices were measured, ${withRows} with rows`)
  return { samples, withRows }
}

/** One choice, then another beside it, then a third: each walk from a list without a filter. */
function* walks(): Generator<readonly (readonly [Choice, number])[]> {
  for (let n = 0; n < 400; n += 1) {
    yield [
      ['severity', n % 4],
      ['state', (n * 3 + Math.floor(n / 4)) % 8],
      ...(n % 3 === 0 ? ([['more', 3]] as const) : []),
      ...(n % 3 === 1 ? ([['level', n % 5]] as const) : []),
    ]
    yield [
      ['type', typePlaces[n % typePlaces.length] ?? 0],
      n % 2 === 0 ? ['time', 2 + (Math.floor(n / 2) % 2)] : ['department', Math.floor(n / 2) % 6],
      ['level', (n * 2) % 5],
    ]
  }
}

/** False where the list of options has none at this place. */
async function choose(page: Page, choice: Choice, option: number): Promise<boolean> {
  const select = page.locator('.v-filter-choices .ant-select').nth(choices[choice])
  await select.click()
  const options = page.locator(
    '.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option',
  )
  await options.first().waitFor()
  const wanted: Locator = options.nth(option)
  if ((await wanted.count()) === 0) return false
  await page.evaluate(() => {
    const inPage = globalThis as unknown as InPage
    inPage.shoukouPixels.splice(0)
    inPage.shoukouArmed = true
  })
  await wanted.click()
  return true
}

async function nextShown(page: Page): Promise<Shown> {
  await page.waitForFunction(() => (globalThis as unknown as InPage).shoukouPixels.length > 0, undefined, {
    timeout: shownMsMax,
    polling: 20,
  })
  const [shown] = await page.evaluate(() => (globalThis as unknown as InPage).shoukouPixels.splice(0))
  if (shown === undefined) throw new Error('nothing was shown')
  await page.keyboard.press('Escape')
  return shown
}

const searchOf = (page: Page): Promise<string> =>
  page.evaluate(() => (globalThis as unknown as InPage).location.search)

interface Shown {
  readonly ms: number
  readonly rows: number
}

interface InPage {
  readonly location: { readonly search: string }
  shoukouPixels: Shown[]
  shoukouArmed: boolean
}

/** Rows name the filter that they belong to in their links: what stood there before is not taken for the new list. */
function watchInPage(): void {
  const inPage = globalThis as unknown as InPage & {
    document: {
      body: object
      querySelector(selector: string): { getAttribute(name: string): string | null } | null
      querySelectorAll(selector: string): { readonly length: number }
      addEventListener(name: string, on: (event: { timeStamp: number }) => void, isCapturing: boolean): void
    }
    MutationObserver: new (changed: () => void) => { observe(target: object, what: object): void }
    requestAnimationFrame(callback: () => void): void
  }
  const rows = '[data-testid=violation-list] a[data-violation-id]'
  inPage.shoukouPixels = []
  inPage.shoukouArmed = false
  let began: number | null = null
  let searchBefore = ''
  inPage.document.addEventListener(
    'click',
    ({ timeStamp }) => {
      if (!inPage.shoukouArmed) return
      inPage.shoukouArmed = false
      began = timeStamp
      searchBefore = inPage.location.search
    },
    true,
  )
  const look = (): void => {
    if (began === null || inPage.location.search === searchBefore) return
    const href = inPage.document.querySelector(rows)?.getAttribute('href') ?? null
    const isNew = href?.endsWith(inPage.location.search) === true
    const isNone = href === null && inPage.document.querySelector('.split-list .empty-note') !== null
    if (!isNew && !isNone) return
    const since = began
    began = null
    // The frame after the next callback is the one that holds it.
    inPage.requestAnimationFrame(() =>
      inPage.requestAnimationFrame(() => {
        const { length } = inPage.document.querySelectorAll(rows)
        inPage.shoukouPixels.push({ ms: performance.now() - since, rows: length })
      }),
    )
  }
  new inPage.MutationObserver(look).observe(inPage.document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  })
}

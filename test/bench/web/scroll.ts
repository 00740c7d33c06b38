/**
 * Scrolls the list of violations through several hundred rows, which come a page at a time: how long the page was held up at
 * most, and how many rows stood in it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'

const list = '[data-testid=violation-list]'
const turns = 120
const turnPx = 700
const turnMs = 30
const lookEvery = 10

export interface Scrolling {
  /** Of the tasks that the browser calls long (above 50 ms), the longest; 0 where there was none. */
  readonly longestTaskMs: number
  readonly rowsMax: number
  /** Rows that were passed. */
  readonly rows: number
}

/** `page` is signed in; it is left at the list of violations, far below its beginning. */
export async function measureScroll(page: Page, origin: string): Promise<Scrolling> {
  await page.goto(`${origin}/violations`)
  const row = page.locator(`${list} [data-testid=violation-row]`)
  await row.first().waitFor()
  const height = (await row.first().boundingBox())?.height ?? 0
  await page.locator(list).hover()
  await page.evaluate(watchTasks)
  let rowsMax = 0
  for (let turn = 0; turn < turns; turn += 1) {
    await page.mouse.wheel(0, turnPx)
    await delay(turnMs)
    if (turn % lookEvery === 0) rowsMax = Math.max(rowsMax, await row.count())
  }
  const { tasks, top } = await page.evaluate(readTasks, list)
  const rows = Math.floor(top / height)
  if (!(rows > 300)) throw new Error(`scrolling passed ${rows} rows`)
  return { longestTaskMs: Math.max(0, ...tasks), rowsMax, rows }
}

interface InPage {
  shoukouTasks: number[]
  readonly PerformanceObserver: new (
    seen: (list: { getEntries(): readonly { readonly duration: number }[] }) => void,
  ) => { observe(what: object): void }
  readonly document: { querySelector(selector: string): { readonly scrollTop: number } | null }
}

function watchTasks(): void {
  const inPage = globalThis as unknown as InPage
  inPage.shoukouTasks = []
  new inPage.PerformanceObserver((seen) => {
    for (const { duration } of seen.getEntries()) inPage.shoukouTasks.push(duration)
  }).observe({ type: 'longtask' })
}

function readTasks(selector: string): { readonly tasks: readonly number[]; readonly top: number } {
  const inPage = globalThis as unknown as InPage
  return { tasks: inPage.shoukouTasks, top: inPage.document.querySelector(selector)?.scrollTop ?? 0 }
}

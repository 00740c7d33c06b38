/**
 * Watches the page that an administrator has open, and tells when each headline became visible: at the first frame
 * that was drawn with it, by the page's own clock, which is this host's.
 */
import type { Page } from 'playwright-core'

export interface Shown {
  readonly violation: number
  /** Unix ms with fractions, host clock. */
  readonly at: number
}

export interface Screen {
  /** Waits for the next headline that was not told of yet. */
  next(timeoutMs: number): Promise<Shown>
}

/** Two clocks of one host; more apart than this, and the run means nothing. */
const clockApartMsMax = 5

/** Begins to watch; what is on the page already does not count. */
export async function watchScreen(page: Page): Promise<Screen> {
  await page.mouse.move(0, 0)
  const pageNow = await page.evaluate(() => performance.timeOrigin + performance.now())
  const apart = Math.abs(pageNow - (performance.timeOrigin + performance.now()))
  await page.evaluate(watchInPage)
  const shown: Shown[] = []
  return {
    next: async (timeoutMs) => {
      if (shown.length === 0) {
        await page.waitForFunction(
          () => (globalThis as unknown as InPage).shoukouShown.length > 0,
          undefined,
          {
            timeout: timeoutMs,
            polling: 20,
          },
        )
        shown.push(...(await page.evaluate(() => (globalThis as unknown as InPage).shoukouShown.splice(0))))
      }
      const first = shown.shift()
      if (first === undefined) throw new Error('nothing became visible')
      return first
    },
    ...assertClocks(apart),
  }
}

interface InPage {
  shoukouShown: { violation: number; at: number }[]
}

/** The call that measures took a moment itself; only a clock that is far off is meant. */
function assertClocks(apartMs: number): object {
  if (apartMs > clockApartMsMax * 10) throw new Error(`the browser's clock is ${apartMs} ms off the host's`)
  return {}
}

function watchInPage(): void {
  const selector = '[data-testid="violation-headline"]'
  const inPage = globalThis as unknown as InPage & {
    document: {
      body: object
      querySelectorAll(selector: string): Iterable<{ getAttribute(name: string): string | null }>
    }
    MutationObserver: new (changed: () => void) => { observe(target: object, what: object): void }
    requestAnimationFrame(callback: () => void): void
  }
  const known = new Set<string>()
  const fresh = (): string[] => {
    const ids: string[] = []
    for (const element of inPage.document.querySelectorAll(selector)) {
      const id = element.getAttribute('data-violation-id') ?? ''
      if (!known.has(id)) ids.push(id)
      known.add(id)
    }
    return ids
  }
  fresh()
  inPage.shoukouShown = []
  const observer = new inPage.MutationObserver(() => {
    const ids = fresh()
    if (ids.length === 0) return
    // The frame after the next callback is the one that holds it.
    inPage.requestAnimationFrame(() =>
      inPage.requestAnimationFrame(() => {
        const at = performance.timeOrigin + performance.now()
        for (const id of ids) inPage.shoukouShown.push({ violation: Number(id), at })
      }),
    )
  })
  observer.observe(inPage.document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  })
}

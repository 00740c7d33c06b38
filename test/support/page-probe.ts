/**
 * Looks at an open page as somebody does who cannot see it, cannot use a mouse, or reads one language: the part of it that
 * runs in the page. Source text, since tests are checked without a browser's types; put into the page by its debugger, so
 * that the page's content policy stays in force.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

/** One broken rule of the accessibility engine, with where. */
export interface Barrier {
  readonly rule: string
  readonly help: string
  readonly at: readonly string[]
}

export interface Look {
  readonly language: string
  readonly title: string
  readonly headings: readonly string[]
  readonly isSideways: boolean
  /** Texts and names in the page's own language: without data, and without what says it is in another. */
  readonly words: readonly string[]
}

export interface Walk {
  /** What Tab should have reached and did not. */
  readonly missed: readonly string[]
  /** What had the focus and did not show it. */
  readonly hidden: readonly string[]
  /** What had the focus while something else lay over all of it, or out of sight: WCAG 2.4.11. */
  readonly covered: readonly string[]
  /** The focus came out at the other end. */
  readonly isOut: boolean
}

/** WCAG 2.2, levels A and AA. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** Rules that a page can break in one language and keep in the other: names, marked languages, room for longer words. */
const ofWords = [
  ...[
    'aria-command-name',
    'aria-input-field-name',
    'aria-toggle-field-name',
    'button-name',
    'document-title',
  ],
  ...['html-has-lang', 'html-lang-valid', 'image-alt', 'input-button-name', 'label'],
  ...[
    'label-content-name-mismatch',
    'link-name',
    'role-img-alt',
    'select-name',
    'summary-name',
    'svg-img-alt',
  ],
  ...['target-size', 'valid-lang'],
]
const engine = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** More stops than things: a date field has three, and what scrolls is one. */
const extraSteps = 12
const roundsMax = 4

const probe = `globalThis.shoukouProbe = (() => {
  const isSeen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0
  const root = () => document.querySelector('#content') ?? document.querySelector('main')
  const headings = () => [...document.querySelectorAll('h1')].filter(isSeen).map((one) => one.innerText.trim())
  const nameOf = (one) =>
    [one.tagName.toLowerCase(), one.dataset.testid ?? one.className, (one.getAttribute('aria-label') ?? one.innerText ?? '').slice(0, 40)].join(' ')
  const isData = (one) => one.closest('bdi, code, pre, .mono, [data-testid="raw-text"]') !== null
  const isOurs = (one) => (one.closest('[lang]')?.lang ?? '').split('-')[0] === document.documentElement.lang.split('-')[0]
  const words = () => {
    const found = new Set()
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
      const text = node.data.trim()
      const one = node.parentElement
      if (text !== '' && isSeen(one) && isOurs(one) && !isData(one)) found.add(text)
    }
    for (const one of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
      if (!isSeen(one) || !isOurs(one) || isData(one)) continue
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
        const text = one.getAttribute(name)?.trim() ?? ''
        if (text !== '') found.add(text)
      }
    }
    return [...found]
  }
  const isSideways = () =>
    [document.documentElement, ...document.querySelectorAll('main')].some((one) => one.scrollWidth > one.clientWidth + 1)
  /** The innermost things that stand out at a side and are in nothing that scrolls or cuts them off. */
  const standingOut = () => {
    const width = document.documentElement.clientWidth
    const cuts = (one) => one !== document.documentElement && getComputedStyle(one).overflowX !== 'visible'
    const isOut = (one) => {
      const { left, right, width: own } = one.getBoundingClientRect()
      // What stands wholly beside the page on purpose is for the ear, or comes with the focus.
      return own > 1 && right > 0 && (right > width + 1 || left < -1)
    }
    const found = [...document.body.querySelectorAll('*')].filter((one) => isSeen(one) && isOut(one)).filter((one) => {
      for (let around = one.parentElement; around !== null; around = around.parentElement) if (cuts(around) && !isOut(around)) return false
      return getComputedStyle(one).position !== 'fixed'
    })
    return found.filter((one) => !found.some((other) => other !== one && one.contains(other))).slice(0, 8).map(nameOf)
  }
  const stops = 'a[href], button, input, select, textarea, summary, [tabindex]'
  const isStop = (one) =>
    isSeen(one) && one.tabIndex >= 0 && !one.disabled && one.type !== 'radio' && one.closest('[inert]') === null
  const frames = '.ant-input-affix-wrapper, .ant-input-wrapper, .ant-select, .ant-checkbox, .ant-checkbox-wrapper, .ant-picker, .ant-input-number, .ant-segmented, .ant-switch, .ant-upload'
  const shows = (one) => {
    const style = getComputedStyle(one)
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none'
  }
  let wanted = []
  let reached = new Set()
  let hidden = new Set()
  let covered = new Set()
  // As it was when the focus went on: by then it was scrolled to, and drawn.
  const left = ({ target }) => {
    if (target === root()) return
    const { left: x, top: y, width, height } = target.getBoundingClientRect()
    if (width < 2 || height < 2) return
    const places = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]]
    const isFound = places.some(([across, down]) => {
      const hit = document.elementFromPoint(x + width * across, y + height * down)
      return hit !== null && (target.contains(hit) || target.parentElement.contains(hit) || hit.contains(target) && hit.closest(frames) !== null || hit.closest('label')?.contains(target))
    })
    if (!isFound) covered.add(nameOf(target))
  }
  const note = ({ target }) => {
    reached.add(target)
    // What the component kit draws around a field comes with its own state, right after.
    queueMicrotask(() => {
      if (document.activeElement !== target) return
      const frame = target.closest(frames)
      const around = [target, frame, target.nextElementSibling, frame?.firstElementChild]
      if (!around.some((one) => one instanceof HTMLElement && shows(one))) hidden.add(nameOf(target))
    })
  }
  return {
    words,
    standingOut,
    go: (path) => {
      history.pushState(null, '', path)
      dispatchEvent(new PopStateEvent('popstate', { state: null }))
    },
    heading: () => headings()[0] ?? '',
    isSettled: () =>
      headings().length > 0 &&
      ![...document.querySelectorAll('.rows-skeleton, .ant-spin-spinning, .page-spin')].some(isSeen),
    look: () => ({
      language: document.documentElement.lang,
      title: document.title,
      headings: headings(),
      isSideways: isSideways(),
      words: words(),
    }),
    begin: () => {
      const start = root()
      wanted = [...start.querySelectorAll(stops)].filter(isStop)
      reached = new Set()
      hidden = new Set()
      covered = new Set()
      start.tabIndex = -1
      start.focus()
      document.addEventListener('focusin', note)
      start.addEventListener('focusout', left)
      return wanted.length
    },
    isOut: () => !root().contains(document.activeElement),
    end: () => {
      document.removeEventListener('focusin', note)
      root().removeEventListener('focusout', left)
      const missed = wanted.filter((one) => one.isConnected && isStop(one) && !reached.has(one)).map(nameOf)
      const isOut = !root().contains(document.activeElement)
      document.activeElement?.blur?.()
      return { missed, hidden: [...hidden], covered: [...covered], isOut }
    },
    barriers: async (runOnly, within) => {
      const { violations } = await axe.run(within === null ? document : { include: [within] }, {
        runOnly,
        resultTypes: ['violations'],
        preload: false,
      })
      return violations.map(({ id, help, nodes }) => ({
        rule: id,
        help,
        at: nodes.slice(0, 5).map(({ target, html }) => target.join(' ') + ' ' + html.slice(0, 160)),
      }))
    },
  }
})()`

/** Puts the probe and the engine into the document that is open; again after a reload. */
export async function putProbe(page: Page): Promise<void> {
  await page.evaluate(engine)
  await page.evaluate(probe)
}

/** Goes to another address without a reload, as a link does. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`shoukouProbe.go(${JSON.stringify(path)})`)
}

/** Reads the first heading; empty where there is none. */
export function headingOf(page: Page): Promise<string> {
  return page.evaluate<string>('shoukouProbe.heading()')
}

export function isSettled(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('shoukouProbe.isSettled()')
}

export function lookAt(page: Page): Promise<Look> {
  return page.evaluate<Look>('shoukouProbe.look()')
}

/** Reports what is wider than the page, so that one would have to scroll to both sides to read: WCAG 1.4.10. */
export function standingOut(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>('shoukouProbe.standingOut()')
}

/**
 * Reports what WCAG 2.2 AA forbids: all of it, or of a page that was asked in another language what words can break;
 * `within`: in what this selector finds alone.
 */
export function barriersOn(
  page: Page,
  asked: 'all' | 'words' = 'all',
  within: string | null = null,
): Promise<readonly Barrier[]> {
  const runOnly = asked === 'all' ? { type: 'tag', values: tags } : { type: 'rule', values: ofWords }
  return page.evaluate<readonly Barrier[]>(
    `shoukouProbe.barriers(${JSON.stringify(runOnly)}, ${JSON.stringify(within)})`,
  )
}

/** Presses Tab from the beginning of the page's content until the focus is out of it. */
export async function walkByTab(page: Page): Promise<Walk> {
  const count = await page.evaluate<number>('shoukouProbe.begin()')
  for (let round = 0; round < roundsMax; round += 1) {
    const steps = round === 0 ? count + 1 : extraSteps + count
    // One after the other, without waiting for each answer: they are taken in the order in which they are sent.
    await Promise.all(Array.from({ length: steps }, () => page.keyboard.press('Tab')))
    if (await page.evaluate<boolean>('shoukouProbe.isOut()')) break
  }
  return page.evaluate<Walk>('shoukouProbe.end()')
}

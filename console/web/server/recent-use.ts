/**
 * Whether somebody touched the page a moment ago. What the page reads by itself beyond that is no use: so that a page
 * that nobody looks at signs out, and one where somebody types a long reason does not.
 */

/** As long as the span between two questions to the console (`feed-connection.ts`): no touch falls between them. */
export const recentUseMs = 15_000

// Opening the page is a use.
let lastUseMs = performance.now()
let lastTouchMs = lastUseMs

/** Notes a use, here or in another tab; by the page's own clock, ms. */
export function noteUse(nowMs = performance.now()): void {
  lastUseMs = nowMs
}

/** Reports whether the page was touched within the span. */
export function isRecentlyUsed(nowMs = performance.now()): boolean {
  return nowMs - lastUseMs < recentUseMs
}

/** Returns how long nobody has touched this page, or another one of the same browser, ms. */
export function untouchedMs(nowMs = performance.now()): number {
  return nowMs - lastUseMs
}

/** Returns when somebody touched this very page last: what another tab told is not told on. */
export function touchedHereMs(): number {
  return lastTouchMs
}

function noteTouch(): void {
  lastTouchMs = performance.now()
  noteUse(lastTouchMs)
}

/** Listens for touches. The pointer's mere movement is none: a mouse also moves where nobody sits. */
export function watchUse(target: EventTarget): void {
  for (const name of ['pointerdown', 'keydown', 'wheel']) {
    target.addEventListener(name, (event) => event.isTrusted && noteTouch(), { capture: true, passive: true })
  }
}

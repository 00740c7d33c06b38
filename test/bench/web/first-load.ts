/**
 * All that is transferred, by the browser's own count (headers and bodies, packed where they were sent packed), with an
 * empty cache, from the address to the overview behind the sign-in: charts drawn, the newest violations there, live, and
 * nothing under way any more; then it must answer a click.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { CDPSession, Page } from 'playwright-core'
import { testPassword } from '../../support/console.ts'
import { signInAs } from '../../support/pages.ts'

/** So long nothing must have come, but for the live feed, before a page counts as loaded. */
const quietMs = 1_000
const loadedMsMax = 60_000

export interface FirstLoad {
  readonly bytes: number
  /** The largest first, for whoever looks for what to mend. */
  readonly parts: readonly { readonly path: string; readonly bytes: number }[]
}

/** `page` is fresh: nothing was opened in it. */
export async function measureFirstLoad(page: Page, origin: string): Promise<FirstLoad> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const counted = countTransfers(session)
  await page.goto(origin)
  await signInAs(page, 'secadmin', testPassword)
  await page.locator('.ring path.arc').first().waitFor({ state: 'attached', timeout: loadedMsMax })
  await page.getByTestId('watch-strip').waitFor({ timeout: loadedMsMax })
  await page.locator('[data-testid=newest] [data-violation-id]').first().waitFor()
  await page.locator('[data-testid=live-state][data-state=live]').waitFor()
  const began = performance.now()
  while (performance.now() - counted.lastAt() < quietMs) {
    if (performance.now() - began > loadedMsMax) throw new Error('the overview never comes to rest')
    await delay(100)
  }
  const parts = counted.parts()
  await page.getByTestId('coverage-proven').click()
  await page.locator('[data-testid=coverage-proven][aria-pressed=true]').waitFor()
  await session.detach()
  return { bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), parts }
}

interface Transfer {
  readonly path: string
  /** Of answers that have not ended, as the live feed, what came so far. */
  bytes: number
}

function countTransfers(session: CDPSession): { lastAt(): number; parts(): FirstLoad['parts'] } {
  const transfers = new Map<string, Transfer>()
  const redirected: Transfer[] = []
  let lastAt = performance.now()
  const of = (id: string): Transfer | undefined => {
    const found = transfers.get(id)
    // The feed's comments and heartbeats are no part of loading.
    if (found !== undefined && !found.path.startsWith('/api/feed')) lastAt = performance.now()
    return found
  }
  session.on('Network.requestWillBeSent', ({ requestId, request, redirectResponse }) => {
    const before = transfers.get(requestId)
    if (redirectResponse !== undefined && before !== undefined)
      redirected.push({ path: before.path, bytes: redirectResponse.encodedDataLength })
    transfers.set(requestId, { path: pathOf(request.url), bytes: 0 })
    of(requestId)
  })
  session.on('Network.responseReceived', ({ requestId, response }) => {
    const found = of(requestId)
    if (found !== undefined) found.bytes = response.encodedDataLength
  })
  session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    const found = of(requestId)
    if (found !== undefined) found.bytes += Math.max(0, encodedDataLength)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const found = of(requestId)
    // The whole of it, headers too, by the browser's last word.
    if (found !== undefined) found.bytes = Math.max(found.bytes, encodedDataLength)
  })
  return {
    lastAt: () => lastAt,
    parts: () => [...transfers.values(), ...redirected].toSorted((a, b) => b.bytes - a.bytes),
  }
}

function pathOf(address: string): string {
  return URL.canParse(address) ? new URL(address).pathname : 'data'
}

/**
 * `npm run bench -- web`: the pages of a console with a million violations and five thousand computers. One console process,
 * one Chromium, one machine: what the one takes the other does not have.
 */

import { buildPages } from '../../../scripts/start/build-pages.ts'
import { startConsole } from '../../../scripts/start/console-process.ts'
import { launchBrowser, type TestBrowser } from '../../support/browser.ts'
import { signInAt, testPassword } from '../../support/console.ts'
import { findPortPair } from '../../support/ports.ts'
import type { Bench } from '../bench.ts'
import { quantile } from '../figures.ts'
import { measureApi } from './api-times.ts'
import { type FirstLoad, measureFirstLoad } from './first-load.ts'
import { measureLive } from './live-times.ts'
import { measurePixels } from './pixels.ts'
import { prepareUnit, readAuthority } from './prepared-data.ts'
import { measureScroll } from './scroll.ts'
import { violationsInAll } from './unit-data.ts'

const locales = ['zh-CN', 'en-US'] as const

export const web: Bench = async ({ isQuick, n, say }) => {
  await using undo = new AsyncDisposableStack()
  await buildPages()
  const { folder: data } = undo.use(await prepareUnit(say))
  const port = await findPortPair()
  const console = await startConsole({ data, port, listen: '127.0.0.1', names: [] })
  undo.defer(() => console.stop())
  const origin = `https://localhost:${port}`
  const authority = await readAuthority(data)
  const browser = undo.use(await launchBrowser({ trust: [{ origin, authorityPem: authority }] }))

  const loads = new Map<string, FirstLoad>()
  for (const locale of locales) loads.set(locale, await loadIn(browser, locale, origin))
  for (const [locale, { bytes, parts }] of loads) {
    const largest = parts.slice(0, 8).map((part) => `${part.path} ${kilobytes(part.bytes)}`)
    say(`first load, ${locale}: ${kilobytes(bytes)} kB of ${parts.length} answers: ${largest.join(', ')}`)
  }

  const client = await signInAt(origin, authority, 'secadmin', testPassword)
  const api = await measureApi(client, violationsInAll, isQuick ? 2 : 6)
  for (const { path, ms } of api.slowest) say(`${ms.toFixed(0)} ms ${path}`)
  say(
    `computer names p95 ${quantile(api.names, 0.95).toFixed(0)} ms, overview p95 ${quantile(api.overview, 0.95).toFixed(0)} ms`,
  )

  await using tab = await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 })
  const { page, complaints } = tab
  await addSession(tab.context, client.cookie, origin)
  const scroll = await measureScroll(page, origin)
  say(`scrolling: ${scroll.rows} rows passed, ${scroll.rowsMax} at most in the page`)
  const pixels = await measurePixels(page, origin, isQuick ? 40 : 120)
  const spread = [0.5, 0.95, 1].map((p) => quantile(pixels.samples, p).toFixed(0))
  say(
    `pixels: median, p95, most ${spread.join(', ')} ms of ${pixels.samples.length}, ${pixels.withRows} with rows`,
  )
  const live = await measureLive(page, { data, port, authority, n: n ?? (isQuick ? 60 : 200) })
  say(`live: median ${quantile(live, 0.5).toFixed(0)} ms of ${live.length}`)
  if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join('; ')}`)
  return {
    first_load_kb_gz: Math.max(...[...loads.values()].map(({ bytes }) => bytes)) / 1_000,
    list_p95_ms: quantile(api.list, 0.95),
    filter_p95_ms: quantile(api.filter, 0.95),
    pixels_p95_ms: quantile(pixels.samples, 0.95),
    live_p99_ms: quantile(live, 0.99),
    longest_task_ms: scroll.longestTaskMs,
    rows_in_page: scroll.rowsMax,
    computers_p95_ms: quantile(api.computers, 0.95),
    requests: api.list.length + api.filter.length,
    n: live.length,
  }
}

async function loadIn(
  browser: TestBrowser,
  locale: (typeof locales)[number],
  origin: string,
): Promise<FirstLoad> {
  await using tab = await browser.openPage({ locale, width: 1366, height: 768 })
  const load = await measureFirstLoad(tab.page, origin)
  // Nobody is signed in when a page is opened first, and the page asks whether somebody is.
  const others = tab.complaints.filter((one) => !one.includes('401'))
  if (others.length > 0) throw new Error(`the page complained: ${others.join('; ')}`)
  return load
}

type Context = Awaited<ReturnType<TestBrowser['openPage']>>['context']

async function addSession(context: Context, cookie: string, url: string): Promise<void> {
  const [name = '', value = ''] = cookie.split('=', 2)
  await context.addCookies([{ name, value, url, secure: true, httpOnly: true, sameSite: 'Strict' }])
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1)
}

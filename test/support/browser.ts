/**
 * Starts the machine's Chromium, with an empty profile, for a test that looks at the console as an administrator does.
 *
 * The console's certificate is checked, not waved through: its server is verified against the console's own authority
 * first, and the browser then accepts that one public key and no other.
 */
import { createHash, X509Certificate } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { connect } from 'node:tls'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { within } from './wait-for.ts'

export interface TrustedConsole {
  /** As the page's address begins: `https://127.0.0.1:8443`. */
  readonly origin: string
  readonly authorityPem: string
}

export interface BrowserOptions {
  readonly trust: readonly TrustedConsole[]
}

export interface PageOptions {
  /** What the browser asks pages for; `en-US` when left out. */
  readonly locale?: 'zh-CN' | 'en-US'
  readonly width?: number
  readonly height?: number
}

/** A page in a profile of its own: cookies of one are unknown to the next. */
export interface TestPage extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page's scripts threw and what the browser itself complained of, so far. */
  readonly complaints: readonly string[]
}

export interface TestBrowser extends AsyncDisposable {
  readonly browser: Browser
  openPage(options?: PageOptions): Promise<TestPage>
}

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const LAUNCH_TIMEOUT_MS = 60_000
const HANDSHAKE_TIMEOUT_MS = 10_000

/** Returns the path of a Chromium: SHOUKOU_CHROMIUM, else the usual places. Throws with what to install. */
export function findChromium(): string {
  const named = process.env['SHOUKOU_CHROMIUM']
  const candidates = named === undefined || named === '' ? CANDIDATES : [named]
  const found = candidates.find(isExecutable)
  if (found !== undefined) return found
  throw new Error(
    `no Chromium at ${candidates.join(', ')}: install it (on Debian: apt-get install chromium fonts-noto-cjk) or name one in SHOUKOU_CHROMIUM`,
  )
}

/** Starts a browser that trusts the named consoles beside nobody it would not trust anyway. */
export async function launchBrowser(options: BrowserOptions): Promise<TestBrowser> {
  const pins = await Promise.all(options.trust.map(readServerKeyPin))
  const browser = await chromium.launch({
    executablePath: findChromium(),
    headless: true,
    timeout: LAUNCH_TIMEOUT_MS,
    args: [...FLAGS, `--ignore-certificate-errors-spki-list=${pins.join(',')}`],
  })
  return {
    browser,
    openPage: (pageOptions) => openPage(browser, pageOptions),
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

async function openPage(browser: Browser, options: PageOptions = {}): Promise<TestPage> {
  const context = await browser.newContext({
    locale: options.locale ?? 'en-US',
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  return { page, context, complaints, [Symbol.asyncDispose]: () => context.close() }
}

/**
 * Returns Chromium's pin of the server's public key: SHA-256 of its SubjectPublicKeyInfo, in base64. Throws when the
 * authority did not sign the server's certificate for this name.
 */
async function readServerKeyPin(trusted: TrustedConsole): Promise<string> {
  const url = new URL(trusted.origin)
  const socket = connect({ host: url.hostname, port: Number(url.port || 443), ca: trusted.authorityPem })
  try {
    const certificate = await within(
      new Promise<X509Certificate>((resolve, reject) => {
        socket.once('error', reject)
        socket.once('secureConnect', () => {
          const peer = socket.getPeerX509Certificate()
          if (peer === undefined) reject(new Error('the server showed no certificate'))
          else resolve(peer)
        })
      }),
      HANDSHAKE_TIMEOUT_MS,
      () => `the handshake with ${trusted.origin}`,
    )
    const key = certificate.publicKey.export({ type: 'spki', format: 'der' })
    return createHash('sha256').update(key).digest('base64')
  } finally {
    socket.destroy()
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

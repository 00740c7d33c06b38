/** The page that an administrator has open, in a real browser, live. */
import { launchBrowser } from '../../support/browser.ts'
import { testPassword } from '../../support/console.ts'
import { signInAs, signInFirstTime } from '../../support/pages.ts'
import { type Screen, watchScreen } from './screen.ts'

export interface OpenScreen extends Screen, AsyncDisposable {}

/** Signs in as the security administrator, and watches the overview. */
export async function openScreen(console: {
  readonly origin: string
  readonly authorityPem: string
  /** Null where the first password was changed already, to the tests' own. */
  readonly firstPassword: string | null
}): Promise<OpenScreen> {
  await using undo = new AsyncDisposableStack()
  const { origin, authorityPem, firstPassword } = console
  const browser = undo.use(await launchBrowser({ trust: [{ origin, authorityPem }] }))
  const { page } = undo.use(await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 }))
  if (firstPassword !== null) await signInFirstTime(page, origin, 'secadmin', firstPassword)
  else {
    await page.goto(origin)
    await signInAs(page, 'secadmin', testPassword)
  }
  await page.getByTestId('live-state').waitFor()
  const screen = await watchScreen(page)
  const whole = undo.move()
  return { next: (timeoutMs) => screen.next(timeoutMs), [Symbol.asyncDispose]: () => whole.disposeAsync() }
}

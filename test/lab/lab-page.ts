/** The lab's administrator: a browser that trusts the lab's console, signed in as security administrator, in Chinese. */
import { launchBrowser, type TestPage } from '../support/browser.ts'
import { testPassword } from '../support/console.ts'
import { signInAs } from '../support/pages.ts'
import type { LabComputer } from './lab-computer.ts'

export interface LabPage extends AsyncDisposable {
  readonly page: TestPage['page']
  /** What scripts threw and the browser complained of since the sign-in. */
  readonly complaints: () => readonly string[]
}

/** Opens the console's first page, signed in. The computer's `admin` must have signed in before: it changes the password. */
export async function openLabPage(lab: LabComputer): Promise<LabPage> {
  await using undo = new AsyncDisposableStack()
  const browser = undo.use(
    await launchBrowser({
      trust: [{ origin: lab.console.address, authorityPem: lab.console.authority }],
    }),
  )
  const tab = undo.use(await browser.openPage({ locale: 'zh-CN', width: 1366, height: 768 }))
  await tab.page.goto(lab.console.address)
  await signInAs(tab.page, 'secadmin', testPassword)
  await tab.page.getByTestId('who').waitFor()
  // Before the sign-in the page asks who is signed in, and is told that nobody is.
  const atSignIn = tab.complaints.length
  const whole = undo.move()
  return {
    page: tab.page,
    complaints: () => tab.complaints.slice(atSignIn),
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  }
}

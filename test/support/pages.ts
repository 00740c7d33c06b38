/** How a person goes through the console's pages, for tests. */
import type { Page } from 'playwright-core'
import { testPassword } from './console.ts'

/** Signs in with a one-time password and changes it; ends on the page behind. */
export async function signInFirstTime(
  page: Page,
  origin: string,
  name: string,
  oneTime: string,
): Promise<void> {
  await page.goto(origin)
  await signInAs(page, name, oneTime)
  await page.getByTestId('change-password').waitFor()
  await page.getByTestId('password-current').fill(oneTime)
  await page.getByTestId('password-next').fill(testPassword)
  await page.getByTestId('password-again').fill(testPassword)
  await page.getByTestId('password-submit').click()
  await page.mouse.move(0, 0)
  await page.getByTestId('who').waitFor()
}

/** Fills in the sign-in form of the page that is open; a locked page knows the name already. */
export async function signInAs(page: Page, name: string, password: string): Promise<void> {
  await page.getByTestId('sign-in-password').waitFor()
  const asksName = await page.getByTestId('sign-in-name').isVisible()
  if (asksName) await page.getByTestId('sign-in-name').fill(name)
  await page.getByTestId('sign-in-password').fill(password)
  await page.getByTestId('sign-in-submit').click()
  // Rows that arrive wait while the pointer is among them; it would be where the button was.
  await page.mouse.move(0, 0)
}

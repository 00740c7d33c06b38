import { expect, it } from 'vitest'
import { isRecentlyUsed, noteUse, recentUseMs, watchUse } from './recent-use.ts'

it('counts a touch as use for one span, and not beyond it', () => {
  noteUse(1_000)
  expect(isRecentlyUsed(1_000 + recentUseMs - 1)).toBe(true)
  expect(isRecentlyUsed(1_000 + recentUseMs)).toBe(false)
})

it('takes no event that a script made for a touch', () => {
  const page = new EventTarget()
  watchUse(page)
  noteUse(-recentUseMs)
  page.dispatchEvent(new Event('keydown'))
  expect(isRecentlyUsed(0)).toBe(false)
})

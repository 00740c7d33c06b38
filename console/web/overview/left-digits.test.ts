import { expect, it } from 'vitest'
import { leftDigits } from './left-digits.ts'

it('counts a day down by the second, weeks by the day, and what is over with a minus', () => {
  expect(leftDigits(86_400_000, 'en')).toBe('24:00:00')
  expect(leftDigits(86_399_999, 'en')).toBe('23:59:59')
  expect(leftDigits(95 * 3_600_000, 'zh-CN')).toBe('95:00:00')
  expect(leftDigits(96 * 3_600_000, 'zh-CN')).toBe('4 天')
  expect(leftDigits(90 * 86_400_000, 'en')).toBe('90 d')
  expect(leftDigits(-1_000, 'en')).toBe('−00:00:01')
})

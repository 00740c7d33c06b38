import { expect, it } from 'vitest'
import { isMedium, isOnlyClaim } from './seen-identity.ts'

it('takes a suspected clone for no registered medium, whatever number it bears', () => {
  const clone = { number: 'U-7', rule: 'media-identity-mismatch' }
  expect(isOnlyClaim(clone)).toBe(true)
  expect(isMedium(clone, 'U-7')).toBe(false)
})

it('takes what is refused for another reason for the medium that it is', () => {
  const missing = { number: 'U-7', rule: 'media-status-invalid' }
  expect(isOnlyClaim(missing)).toBe(false)
  expect(isMedium(missing, 'U-7')).toBe(true)
  expect(isMedium({ number: null, rule: 'unregistered-media-inserted' }, 'U-7')).toBe(false)
})

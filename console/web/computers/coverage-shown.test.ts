import { expect, it } from 'vitest'
import { coverageShown } from './coverage-shown.ts'

const watching = {
  sensor: 'usb',
  state: 'watching',
  method: 'netlink-uevent',
  reason: null,
  remedy: null,
} as const

it('shows a sensor without anything to watch in neutral words, not as watching', () => {
  expect(coverageShown(watching)).toBe('watching')
  expect(coverageShown({ ...watching, reason: 'this kernel has no USB bus' })).toBe('nothing')
  expect(coverageShown({ ...watching, sensor: 'folders', method: 'none-configured' })).toBe('nothing')
})

it('never lets that hide a sensor that is blind or on its fallback', () => {
  expect(coverageShown({ ...watching, state: 'not-watched', method: 'none-configured' })).toBe('not-watched')
  expect(coverageShown({ ...watching, state: 'fallback', reason: 'this kernel has no USB bus' })).toBe(
    'fallback',
  )
})

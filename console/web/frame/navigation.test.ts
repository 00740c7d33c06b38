import { describe, expect, it } from 'vitest'
import { allowedDestinations, destinationOf } from './navigation.ts'

describe('the navigation', () => {
  it('holds only what the permissions open, in its fixed order', () => {
    const keys = allowedDestinations(['actions.read', 'overview.read', 'nonsense']).map((one) => one.key)
    expect(keys).toEqual(['overview', 'audit'])
  })

  it('is empty without permissions', () => {
    expect(allowedDestinations([])).toEqual([])
  })

  it('knows a page below a destination as part of it', () => {
    expect(destinationOf('/violations/12')?.key).toBe('violations')
    expect(destinationOf('/')?.key).toBe('overview')
    expect(destinationOf('/violationsx')).toBeNull()
  })
})

import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { LIMITS } from './limits.ts'
import { DEFAULT_POLICY_SETTINGS, type Policy, PolicySchema, PolicySettingsSchema } from './policy.ts'

const policyCheck = Compile(PolicySchema)
const settingsCheck = Compile(PolicySettingsSchema)
const settings = DEFAULT_POLICY_SETTINGS
const policy: Policy = {
  v: 1,
  agent: 'a',
  computer: 'JM-0231',
  version: 1,
  issuedAtMs: 0,
  settings,
  baseline: { takenAtMs: 0, usb: [], disks: [], interfaces: [] },
}

describe('the policy', () => {
  it('observes by default, and blocks nothing', () => {
    expect(settings.modes).toEqual({ media: 'observe', network: 'observe', files: 'observe' })
    expect(policyCheck.Check(policy)).toBe(true)
  })

  it('is closed at every depth', () => {
    expect(policyCheck.Check({ ...policy, more: 1 })).toBe(false)
    expect(policyCheck.Check({ ...policy, settings: { ...settings, more: 1 } })).toBe(false)
    expect(settingsCheck.Check({ ...settings, modes: { ...settings.modes, usb: 'enforce' } })).toBe(false)
    expect(settingsCheck.Check({ ...settings, limits: { ...settings.limits, more: 1 } })).toBe(false)
    expect(policyCheck.Check({ ...policy, baseline: { ...policy.baseline, more: [] } })).toBe(false)
  })

  it.each([
    ['vendorId', '78a'],
    ['vendorId', '078A'],
    ['productId', 'zzzz'],
    ['serial', null],
    ['serial', { b64: 'A' }],
  ])('refuses a registered medium whose %s is %j', (field, value) => {
    const medium = { vendorId: '0781', productId: '5581', serial: 'x', note: '' }
    expect(settingsCheck.Check({ ...settings, registeredMedia: [medium] })).toBe(true)
    expect(settingsCheck.Check({ ...settings, registeredMedia: [{ ...medium, [field]: value }] })).toBe(false)
  })

  it('takes its lists at their limits and refuses them one past', () => {
    const medium = { vendorId: '0781', productId: '5581', serial: 'x', note: '' }
    const media = (count: number) => Array.from({ length: count }, () => medium)
    expect(settingsCheck.Check({ ...settings, registeredMedia: media(LIMITS.registeredMediaMax) })).toBe(true)
    expect(settingsCheck.Check({ ...settings, registeredMedia: media(LIMITS.registeredMediaMax + 1) })).toBe(
      false,
    )
    const adapter = { mac: '52:54:00:12:34:56', busPath: null, note: '' }
    const adapters = (count: number) => Array.from({ length: count }, () => adapter)
    expect(
      settingsCheck.Check({ ...settings, approvedInterfaces: adapters(LIMITS.approvedInterfacesMax) }),
    ).toBe(true)
    expect(
      settingsCheck.Check({ ...settings, approvedInterfaces: adapters(LIMITS.approvedInterfacesMax + 1) }),
    ).toBe(false)
  })

  it.each([
    ['silentAfterMs', 29_999],
    ['silentAfterMs', 31 * 86_400_000 + 1],
    ['stoppedAfterMs', 59_999],
    ['clockBackMsMax', 999],
    ['clockBackMsMax', 1_000.5],
  ])('refuses %s of %d', (field, value) => {
    expect(settingsCheck.Check({ ...settings, limits: { ...settings.limits, [field]: value } })).toBe(false)
  })
})

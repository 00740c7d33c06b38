import type { Decision, Fact, Hardware, NetworkInterface } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { decide, type Surroundings } from './decide.ts'
import { adapterOf, eth0, loopback, type PolicyParts, policyOf } from './network/testing/pictures.ts'

const around: Surroundings = { usbAt: () => null, usbDevices: () => [], workingKeyboards: 1 }
const decided = (fact: Fact, parts: PolicyParts = {}): Decision | null =>
  decide(policyOf(parts), fact, around)
const came = (adapter: NetworkInterface): Fact => ({
  kind: 'network.interface-added',
  origin: 'appeared',
  sighting: 'snapshot',
  interface: adapter,
})
const changed = (before: NetworkInterface, adapter: NetworkInterface): Fact => ({
  kind: 'network.interface-changed',
  before,
  interface: adapter,
})
const stranger = adapterOf(7, 'usb0', [], { usbPath: '1-1', busPath: '1-1:1.0' })
const down = { ...stranger, hasCarrier: false }

describe('an adapter that nobody knows', () => {
  it('is blocked while it is live and the network is enforced, else detected', () => {
    const rule = 'unregistered-network-adapter'
    expect(decided(came(stranger))).toEqual({ outcome: 'blocked', would: 'block', rule })
    expect(decided(came(down))).toEqual({ outcome: 'detected', would: 'block', rule })
    for (const mode of ['observe', 'alarm'] as const)
      expect(decided(came(stranger), { mode })?.outcome).toBe('detected')
    expect(decided(came(stranger), { rules: null })?.outcome).toBe('detected')
  })

  it('is blocked when its link comes up, each time', () => {
    expect(decided(changed(down, stranger))?.outcome).toBe('blocked')
    expect(decided(changed(stranger, { ...stranger, name: 'x' }))).toBeNull()
    expect(decided(changed(down, stranger), { mode: 'observe' })).toBeNull()
  })
})

describe('an adapter of the unit', () => {
  it('may be there, and come up', () => {
    expect(decided(came(eth0))).toEqual({ outcome: 'allowed', would: 'allow', rule: 'baseline' })
    expect(decided(changed({ ...eth0, hasCarrier: false }, eth0))).toBeNull()
  })

  it('is blocked on a computer that may have no link at all', () => {
    const parts = { settings: { networkMode: 'standalone' as const }, rules: null }
    expect(decided(came(eth0), parts)).toMatchObject({
      outcome: 'blocked',
      rule: 'standalone-network-connection',
    })
    expect(decided(came(loopback), parts)).toBeNull()
  })
})

describe('hardware', () => {
  const radio = (more: Partial<Hardware>, change: 'found' | 'gone' = 'found'): Fact => ({
    kind: 'network.hardware',
    origin: 'appeared',
    change,
    before: null,
    hardware: {
      ...{
        kind: 'wifi',
        bus: 'pci',
        busPath: '0000:02:00.0',
        usbPath: null,
        vendorId: '8086',
        productId: '2723',
      },
      ...{ model: null, driver: 'iwlwifi', state: 'on', detail: null, names: [] },
      ...more,
    },
  })

  it('that can be used is detected; what is switched off or has no driver is as it should be', () => {
    expect(decided(radio({}))).toMatchObject({ outcome: 'detected', rule: 'forbidden-hardware' })
    expect(decided(radio({ state: 'unknown' }))?.outcome).toBe('detected')
    expect(decided(radio({ state: 'blocked', detail: 'rfkill-soft' }))?.rule).toBe('hardware-disabled')
    expect(decided(radio({ state: 'no-driver' }))?.outcome).toBe('allowed')
    expect(decided(radio({}, 'gone'))?.outcome).toBe('allowed')
  })
})

import { DEFAULT_POLICY_SETTINGS, type NetworkInterface, type Policy } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { type PresentFact, rulesBrought } from './judge-anew.ts'

const policyWith = (
  settings: Partial<Policy['settings']> = {},
  interfaces: Policy['baseline']['interfaces'] = [],
) => ({
  v: 1 as const,
  agent: 'a',
  computer: 'c',
  version: 1,
  issuedAtMs: 1,
  settings: { ...DEFAULT_POLICY_SETTINGS, ...settings },
  baseline: { takenAtMs: 1, usb: [], disks: [], interfaces },
})
const adapter: NetworkInterface = {
  index: 2,
  name: 'eth0',
  mac: '02:00:00:00:00:01',
  hardwareType: 1,
  nature: 'physical',
  linkKind: null,
  busPath: '0000:00:03.0',
  usbPath: null,
  driver: null,
  isWireless: false,
  isAdminUp: true,
  hasCarrier: true,
  operState: 'up',
  addresses: [],
}
const there = (more: Partial<NetworkInterface> = {}): PresentFact => ({
  kind: 'network.interface-added',
  origin: 'appeared',
  sighting: 'snapshot',
  interface: { ...adapter, ...more },
})
const approved = { approvedInterfaces: [{ mac: '02:00:00:00:00:01', busPath: null, note: '' }] }
const standalone = { networkMode: 'standalone' } as const

describe('an adapter that stays while the policy changes', () => {
  it('is a forbidden link once the computer becomes standalone, approved or not, when there may be a link', () => {
    expect(rulesBrought(there(), policyWith(approved), policyWith({ ...approved, ...standalone }))).toEqual([
      'standalone-network-connection',
    ])
    const address = { family: 'ipv4', address: '10.0.0.1', prefixLength: 24, scope: 'global' } as const
    const dark = { hasCarrier: false, operState: 'down' }
    const rules = (more: Partial<NetworkInterface>) =>
      rulesBrought(there(more), policyWith(), policyWith(standalone))
    expect(rules({ ...dark, addresses: [address] })).toEqual(['standalone-network-connection'])
    expect(rules(dark)).toEqual([])
    expect(rules({ nature: 'loopback', addresses: [address] })).toEqual([])
  })

  it('is unregistered once its approval is withdrawn, unless it is the computer’s own', () => {
    expect(rulesBrought(there(), policyWith(approved), policyWith())).toEqual([
      'unregistered-network-adapter',
    ])
    const own = [{ name: 'eth0', mac: adapter.mac, busPath: adapter.busPath }]
    expect(rulesBrought(there(), policyWith(approved, own), policyWith({}, own))).toEqual([])
  })

  it('is told of no rule that forbade it before', () => {
    expect(rulesBrought(there(), policyWith(), policyWith({ level: 'secret' }))).toEqual([])
    expect(
      rulesBrought(there(), policyWith(standalone), policyWith({ ...standalone, level: 'secret' })),
    ).toEqual([])
    expect(rulesBrought(there(), policyWith(standalone), policyWith())).toEqual([])
  })

  it('is told of both rules where both are new', () => {
    expect(rulesBrought(there(), policyWith(approved), policyWith(standalone))).toEqual([
      'unregistered-network-adapter',
      'standalone-network-connection',
    ])
  })
})

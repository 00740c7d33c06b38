import { DEFAULT_POLICY_SETTINGS, type NetworkRules, type PolicySettings } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { assertModesExist } from '../policies.ts'

const rules: NetworkRules = {
  prefixes: ['10.1.0.0/16', 'fd00:1::/32'],
  destinations: [
    { prefix: '10.1.0.0/16', protocol: 'tcp', ports: { first: 443, last: 443 }, note: '' },
    { prefix: 'fd00:1::9/128', protocol: 'icmp', ports: null, note: '' },
  ],
  listeners: [{ prefix: '10.1.0.0/16', protocol: 'tcp', ports: { first: 22, last: 22 }, note: '' }],
  gateways: [{ address: '10.1.0.1', mac: null, note: '' }],
  dnsServers: ['10.1.0.53'],
  dhcpServers: ['10.1.0.67'],
  probe: { address: '10.1.0.9', port: 443, everyMinutes: 60 },
}
type Mode = PolicySettings['modes']['network']
const ask =
  (network: Partial<NetworkRules> | null, mode: Mode = 'enforce') =>
  () => {
    const { network: _none, ...settings } = DEFAULT_POLICY_SETTINGS
    const modes = { ...settings.modes, network: mode }
    assertModesExist(
      network === null ? { ...settings, modes } : { ...settings, modes, network: { ...rules, ...network } },
    )
  }

describe('network control', () => {
  it('may alarm and enforce where the policy says which network may be used', () => {
    for (const mode of ['observe', 'alarm', 'enforce'] as const) expect(ask({}, mode)).not.toThrow()
    expect(ask(null, 'observe')).not.toThrow()
    expect(ask(null, 'alarm')).toThrow(/^modes\.network: "alarm" needs settings\.network/)
    expect(ask(null, 'enforce')).toThrow(/^modes\.network: "enforce" needs settings\.network/)
  })

  it('with an empty list of everything is what a unit may ask for: nothing but the console', () => {
    const none = {
      prefixes: [],
      destinations: [],
      listeners: [],
      gateways: [],
      dnsServers: [],
      dhcpServers: [],
    }
    expect(ask({ ...none, probe: null })).not.toThrow()
  })
})

describe('rules of a network', () => {
  const destination = { prefix: '10.1.0.0/16', protocol: 'tcp', ports: null, note: '' } as const
  const listener = { prefix: '10.1.0.0/16', protocol: 'udp', ports: { first: 9, last: 1 }, note: '' } as const
  const gateway = (address: string) => ({ gateways: [{ address, mac: null, note: '' }] })
  it.each([
    [{ prefixes: ['10.1.0.0/16', '10.1.0/24'] }, 'network.prefixes[1]', 'is no network'],
    [{ prefixes: ['10.1.0.0/33'] }, 'network.prefixes[0]', 'is no network'],
    [{ prefixes: ['fd00::/129'] }, 'network.prefixes[0]', 'is no network'],
    [{ prefixes: ['10.1.0.9/16'] }, 'network.prefixes[0]', 'write 10.1.0.0/16'],
    [
      { destinations: [{ ...destination, prefix: '010.1.0.0/16' }] },
      'network.destinations[0].prefix',
      'is no network',
    ],
    [
      { destinations: [{ ...destination, ports: { first: 444, last: 443 } }] },
      'network.destinations[0].ports',
      'exchange them',
    ],
    [
      { destinations: [{ ...destination, protocol: 'any', ports: { first: 1, last: 2 } }] },
      'network.destinations[0].ports',
      'any has no ports',
    ],
    [
      { destinations: [destination, { ...destination, protocol: 'icmp', ports: { first: 1, last: 2 } }] },
      'network.destinations[1].ports',
      'icmp has no ports',
    ],
    [{ listeners: [listener] }, 'network.listeners[0].ports', 'exchange them'],
    [gateway('10.1.0'), 'network.gateways[0].address', 'is no address'],
    [gateway('255.255.255.255'), 'network.gateways[0].address', 'broadcast'],
    [{ dnsServers: ['10.1.0.53', '::'] }, 'network.dnsServers[1]', 'unspecified'],
    [{ dhcpServers: ['ff02::1'] }, 'network.dhcpServers[0]', 'link-multicast'],
    [
      { probe: { address: '10.1.0.9', port: 80, everyMinutes: 60 } },
      'network.probe',
      'is no approved destination',
    ],
    [
      { probe: { address: '10.2.0.9', port: 443, everyMinutes: 60 } },
      'network.probe',
      'is no approved destination',
    ],
    [{ probe: { address: '10.1.0.9', port: 0, everyMinutes: 60 } }, 'network.probe.port', 'port 0'],
    [
      {
        destinations: [{ prefix: '8.8.8.0/24', protocol: 'tcp', ports: null, note: '' }],
        probe: { address: '8.8.8.8', port: 443, everyMinutes: 60 },
      },
      'network.probe.address',
      'public address',
    ],
  ] satisfies readonly (readonly [Partial<NetworkRules>, string, string])[])(
    '%j are refused by the name of the field, with what to write',
    (wrong, field, remedy) => {
      for (const mode of ['observe', 'enforce'] as const) {
        const said = messageOf(ask(wrong, mode))
        expect(said.startsWith(`${field}: `)).toBe(true)
        expect(said).toContain(remedy)
      }
    },
  )

  it('may probe a public address that is written down as the unit’s own', () => {
    const own = {
      prefixes: ['203.0.114.0/24'],
      destinations: [{ prefix: '203.0.114.0/24', protocol: 'any', ports: null, note: '' }] as const,
      probe: { address: '203.0.114.9', port: 443, everyMinutes: 60 },
    }
    expect(ask({ ...own, destinations: [...own.destinations] })).not.toThrow()
  })
})

function messageOf(act: () => void): string {
  try {
    act()
  } catch (error) {
    if (error instanceof Error) return error.message
    throw error
  }
  return ''
}

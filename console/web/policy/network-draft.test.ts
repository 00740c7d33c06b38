import { DEFAULT_POLICY_SETTINGS, type NetworkRules, type PolicySettings } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { emptyNetworkRules, formatPorts, networkFaults, parsePorts, wrongPorts } from './network-draft.ts'

const settings = (network: Partial<NetworkRules>): PolicySettings => ({
  ...DEFAULT_POLICY_SETTINGS,
  network: { ...emptyNetworkRules, ...network },
})
const whats = (network: Partial<NetworkRules>) =>
  networkFaults(settings(network)).map((one) =>
    'at' in one ? `${one.list} ${one.at} ${one.what}` : one.what,
  )

describe('what is wrong with network rules', () => {
  it('is nothing for rules that are empty, and for full ones', () => {
    expect(whats({})).toEqual([])
    expect(
      whats({
        prefixes: ['10.1.0.0/16', 'fd00:1::/32'],
        destinations: [
          { prefix: '10.1.2.0/24', protocol: 'tcp', ports: { first: 443, last: 443 }, note: '' },
          { prefix: '10.1.2.0/24', protocol: 'icmp', ports: null, note: '' },
        ],
        listeners: [{ prefix: '0.0.0.0/0', protocol: 'tcp', ports: { first: 22, last: 22 }, note: '' }],
        gateways: [{ address: '10.1.0.1', mac: '52:54:00:12:34:56', note: '' }],
        dnsServers: ['10.1.0.53'],
        dhcpServers: ['10.1.0.67'],
        probe: { address: '10.1.2.10', port: 443, everyMinutes: 60 },
      }),
    ).toEqual([])
  })

  it('is named by list and row, and says what a prefix with stray bits should be', () => {
    expect(whats({ prefixes: ['10.1.0.0/16', '10.1.0.0', '10.01.0.0/16'] })).toEqual([
      'prefixes 1 prefix',
      'prefixes 2 prefix',
    ])
    expect(networkFaults(settings({ prefixes: ['10.1.2.3/16'] }))).toEqual([
      { field: 'network', list: 'prefixes', at: 0, what: 'host-bits', right: '10.1.0.0/16' },
    ])
    expect(whats({ dnsServers: ['10.1.0.53', '10.1.0'] })).toEqual(['dnsServers 1 address'])
    expect(whats({ gateways: [{ address: '10.1.0.1', mac: '52-54-00', note: '' }] })).toEqual([
      'gateways 0 mac',
    ])
  })

  it('is the whole Internet as the own network or as a destination', () => {
    const all = { prefix: '0.0.0.0/0', protocol: 'any', ports: null, note: '' } as const
    expect(whats({ prefixes: ['::/0'], destinations: [all] })).toEqual([
      'prefixes 0 prefix-too-wide',
      'destinations 0 prefix-too-wide',
    ])
  })

  it('is the same thing twice, however it is written', () => {
    expect(whats({ prefixes: ['fd00::/16', 'FD00:0::/16'] })).toEqual(['prefixes 1 twice'])
  })

  it('is ports where there are none, and none where they are needed', () => {
    const to = { prefix: '10.1.2.0/24', note: '' }
    expect(
      whats({
        destinations: [
          { ...to, protocol: 'icmp', ports: { first: 1, last: 2 } },
          { ...to, protocol: 'tcp', ports: wrongPorts },
        ],
        listeners: [{ ...to, protocol: 'tcp', ports: wrongPorts }],
      }),
    ).toEqual(['destinations 0 ports-not', 'destinations 1 ports', 'listeners 0 ports-needed'])
  })

  it('is a probe of an address that is not of the unit, or not approved', () => {
    const probe = { address: '10.9.0.1', port: 443, everyMinutes: 60 }
    const destinations: NetworkRules['destinations'] = [
      { prefix: '10.9.0.0/16', protocol: 'tcp', ports: { first: 443, last: 443 }, note: '' },
      { prefix: '39.156.66.0/24', protocol: 'any', ports: null, note: '' },
    ]
    expect(whats({ probe })).toEqual(['probe-unapproved'])
    expect(whats({ destinations, probe })).toEqual([])
    expect(whats({ destinations, probe: { ...probe, port: 80 } })).toEqual(['probe-unapproved'])
    const outside = { ...probe, address: '39.156.66.10' }
    expect(whats({ destinations, probe: outside })).toEqual(['probe-outside'])
    expect(whats({ prefixes: ['39.156.66.0/24'], destinations, probe: outside })).toEqual([])
    expect(whats({ destinations, probe: { ...probe, everyMinutes: 4 } })).toEqual(['probe-every'])
  })

  it('is a server at the address of nobody', () => {
    expect(whats({ dnsServers: ['224.0.0.251', '0.0.0.0'] })).toEqual([
      'dnsServers 0 address-kind',
      'dnsServers 1 address-kind',
    ])
  })

  it('is a mode that alarms or enforces without rules', () => {
    const enforcing = { ...DEFAULT_POLICY_SETTINGS.modes, network: 'enforce' } as const
    expect(networkFaults({ modes: enforcing })).toEqual([
      { field: 'network', list: 'mode', what: 'mode-without-rules' },
    ])
    expect(networkFaults({ modes: enforcing, network: emptyNetworkRules })).toEqual([])
  })
})

describe('ports as they are typed', () => {
  it('are one, a span, or all of them', () => {
    expect(parsePorts('443')).toEqual({ first: 443, last: 443 })
    expect(parsePorts(' 8000 - 8010 ')).toEqual({ first: 8000, last: 8010 })
    expect(parsePorts('')).toBeNull()
    for (const text of ['x', '70000', '9-8', '1-', '-1', '1,2'])
      expect(parsePorts(text), text).toBe(wrongPorts)
  })

  it('come back as they were typed', () => {
    for (const text of ['', '0', '443', '8000-8010', '0-65535'])
      expect(formatPorts(parsePorts(text))).toBe(text)
  })
})

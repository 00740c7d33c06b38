import type { NetworkInterface } from '@shoukou/protocol'
import type { Picture } from '@shoukou/protocol/network/shapes.ts'
import { describe, expect, it } from 'vitest'
import { emptyNetworkRules, networkFaults } from './network-draft.ts'
import { proposalsOf, withProposals } from './takeover.ts'

const eth0 = {
  index: 2,
  name: 'eth0',
  nature: 'physical',
  addresses: [
    { family: 'ipv4', address: '10.1.2.31', prefixLength: 24, scope: 'global' },
    { family: 'ipv6', address: 'fe80::1', prefixLength: 64, scope: 'link' },
  ],
} as unknown as NetworkInterface
const usb0 = {
  index: 3,
  name: 'usb0\u202e',
  nature: 'physical',
  addresses: [{ family: 'ipv4', address: '39.156.66.10', prefixLength: 24, scope: 'global' }],
} as unknown as NetworkInterface
const route = (gateway: string, interfaceIndex: number) => ({
  family: 'ipv4' as const,
  destination: '0.0.0.0',
  prefixLength: 0,
  gateway,
  interfaceIndex,
  interfaceName: interfaceIndex === 2 ? 'eth0' : 'usb0\u202e',
  table: 254,
  metric: null,
})
const picture: Picture = {
  interfaces: [eth0, usb0],
  routes: [route('10.1.2.1', 2), route('10.1.2.1', 2), route('39.156.66.1', 3)],
  neighbours: [
    { address: '10.1.2.1', mac: '00:11:22:33:44:55', interfaceIndex: 2, state: 'reachable', isRouter: false },
    { address: '10.1.2.1', mac: '66:66:66:66:66:66', interfaceIndex: 3, state: 'stale', isRouter: false },
  ],
  rules: [],
  leases: [
    {
      interfaceName: 'eth0',
      address: '10.1.2.31',
      server: '10.1.2.1',
      routers: ['10.1.2.1'],
      dnsServers: ['10.1.0.53'],
      obtainedAtMs: null,
      expiresAtMs: null,
      source: '/var/lib/dhcp/dhclient.leases',
    },
  ],
  dnsServers: ['127.0.0.53', '10.1.0.53'],
  wireless: [],
  sharing: [],
  sockets: [],
  sessionAccount: null,
  unread: [],
  omitted: 0,
}

describe('what a computer shows, as a proposal', () => {
  it('is each thing once, the gateway with the MAC that answers on its own interface', () => {
    const found = proposalsOf(picture, emptyNetworkRules)
    expect(found.map((one) => one.key)).toEqual([
      'prefix 10.1.2.0/24',
      'prefix 39.156.66.0/24',
      'gateways 10.1.2.1',
      'gateways 39.156.66.1',
      'dnsServers 10.1.0.53',
      'dhcpServers 10.1.2.1',
    ])
    expect(found[2]).toMatchObject({ mac: '00:11:22:33:44:55', over: 'eth0' })
    expect(found[3]).toMatchObject({ mac: null })
  })

  it('marks what is routed on the Internet', () => {
    const marked = proposalsOf(picture, emptyNetworkRules).filter((one) => one.isPublic)
    expect(marked.map((one) => one.key)).toEqual(['prefix 39.156.66.0/24', 'gateways 39.156.66.1'])
  })

  it('becomes rules that hold, of what was chosen alone, and is not proposed again', () => {
    const chosen = proposalsOf(picture, emptyNetworkRules).filter((one) => !one.isPublic)
    const network = withProposals(emptyNetworkRules, chosen, 'note')
    expect(network).toEqual({
      ...emptyNetworkRules,
      prefixes: ['10.1.2.0/24'],
      gateways: [{ address: '10.1.2.1', mac: '00:11:22:33:44:55', note: 'note' }],
      dnsServers: ['10.1.0.53'],
      dhcpServers: ['10.1.2.1'],
    })
    expect(
      networkFaults({ network, modes: { media: 'observe', network: 'enforce', files: 'observe' } }),
    ).toEqual([])
    expect(proposalsOf(picture, network).every((one) => one.isPublic)).toBe(true)
  })
})

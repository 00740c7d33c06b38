import type { NetworkInterface, Picture } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { baselineOf } from '../../sensors/take-baseline-linux.ts'
import { isKnownAdapter } from './adapters.ts'
import { conditionsOf } from './conditions.ts'
import { accused, codes, nowhere, toConsole, withAdapter, withOwn } from './testing/accused.ts'
import {
  adapterOf,
  eth0,
  GATEWAY_MAC,
  GOOD_PICTURE,
  madeOf,
  neighbourOf,
  OWN_MAC,
  ownRoutes,
  packetSocket,
  pictureOf,
  policyOf,
  routeOf,
  sharingOf,
  wirelessOf,
} from './testing/pictures.ts'

describe('a second way by default', () => {
  const eth1 = adapterOf(3, 'eth1', ['10.1.3.20/16'])
  const known = {
    baseline: [
      { name: 'eth0', mac: OWN_MAC, busPath: '0000:00:02.0' },
      { name: 'eth1', mac: '52:54:00:00:00:03', busPath: '0000:00:03.0' },
    ],
  }

  it('over another interface is told, IPv4 and IPv6 each by itself', () => {
    const routes = [
      routeOf(3, { gateway: '10.1.0.1', metric: 50 }),
      routeOf(2, { family: 'ipv6', gateway: 'fe80::1' }),
      routeOf(3, { family: 'ipv6', gateway: 'fe80::1' }),
    ]
    const neighbours = [2, 3].flatMap((index) => [
      neighbourOf(index, 'fe80::1', GATEWAY_MAC),
      neighbourOf(index, '10.1.0.1', GATEWAY_MAC),
    ])
    const found = conditionsOf(withAdapter(eth1, { routes, neighbours }), policyOf(), nowhere)
    const second = found.filter(({ code }) => code === 'second-default-route')
    expect(second.map(({ text }) => text)).toEqual(['ipv4', 'ipv6'])
    // The unit's own adapter is the first, whatever the kernel prefers.
    expect(second[0]).toMatchObject({
      interface: { name: 'eth1' },
      others: [{ name: 'eth0' }],
      response: 'cut',
    })
  })

  it('over the same interface is none', () => {
    const routes = [routeOf(2, { gateway: '10.1.0.1', metric: 500 })]
    expect(codes({ ...GOOD_PICTURE, routes: [...ownRoutes, ...routes] })).toEqual([])
  })

  it('that the kernel keeps for nothing (unreachable, by the loopback) is none', () => {
    const routes = [routeOf(1, { family: 'ipv6', metric: 4_294_967_295 })]
    expect(codes({ ...GOOD_PICTURE, routes: [...ownRoutes, ...routes] })).toEqual([])
  })

  it('over a link that is down is none', () => {
    const routes = [routeOf(3, { gateway: '10.1.0.1' })]
    expect(codes(withAdapter({ ...eth1, hasCarrier: false }, { routes }), policyOf(known))).toEqual([])
  })

  it('over two adapters that the unit knows leaves the computer its console', () => {
    const routes = [routeOf(3, { gateway: '10.1.0.1' })]
    expect(accused(withAdapter(eth1, { routes }), policyOf(known))).toEqual(['second-default-route isolate'])
  })
})

describe('two networks', () => {
  const known = {
    baseline: [
      { name: 'eth0', mac: OWN_MAC, busPath: '0000:00:02.0' },
      { name: 'eth1', mac: '52:54:00:00:00:03', busPath: '0000:00:03.0' },
    ],
  }

  it('over two live links are told, and the one that nobody knows is cut', () => {
    const found = accused(withAdapter(adapterOf(3, 'eth1', ['192.168.1.5/24'])))
    expect(found).toContain('two-networks cut')
  })

  it('that are one (two adapters on the same prefix) are none', () => {
    const picture = withAdapter(adapterOf(3, 'eth1', ['10.1.0.21/16']))
    expect(codes(picture, policyOf(known))).toEqual([])
  })

  it('that the unit has both itself, over adapters that it knows, are how it was wired', () => {
    const rules = { prefixes: ['10.1.0.0/16', '10.2.0.0/16'] }
    const picture = withAdapter(adapterOf(3, 'eth1', ['10.2.0.21/16']))
    expect(codes(picture, policyOf({ ...known, rules }))).toEqual([])
    const all = conditionsOf(picture, policyOf({ ...known, rules }), nowhere)
    expect(all).toMatchObject([
      { code: 'two-networks', decision: { outcome: 'allowed', rule: 'approved-networks' } },
    ])
  })

  it('are not VLANs on one parent, nor the ports of one bond', () => {
    const bond = madeOf(5, 'bond0', 'bond', { medium: 'bond', addresses: eth0.addresses })
    const ports = [2, 3].map((index) =>
      adapterOf(index, `eth${index - 2}`, [], { masterIndex: 5, permanentMac: null }),
    )
    const vlan = madeOf(6, 'bond0.20', 'vlan', {
      medium: 'vlan',
      lowerIndex: 5,
      addresses: adapterOf(6, 'x', ['10.1.20.5/24']).addresses,
    })
    const picture = pictureOf({ interfaces: [...ports, bond, vlan], routes: [] })
    expect(codes(picture, policyOf(known))).toEqual([])
  })

  it('are not a container bridge beside the adapter', () => {
    const docker = madeOf(9, 'docker0', 'bridge', {
      medium: 'bridge',
      addresses: adapterOf(9, 'x', ['172.17.0.1/16']).addresses,
    })
    expect(codes(withAdapter(docker))).toEqual([])
  })

  it('are not what has a cable and no address', () => {
    expect(codes(withAdapter(adapterOf(3, 'eth1')), policyOf(known))).toEqual([])
  })

  it('name the pair by one key, whichever was told first', () => {
    const second = adapterOf(3, 'eth1', ['192.168.1.5/24'])
    const there = withAdapter(second)
    const back = { ...there, interfaces: [...there.interfaces].reverse() }
    const keyIn = (picture: Picture) =>
      conditionsOf(picture, policyOf(), nowhere).find(({ code }) => code === 'two-networks')?.key
    expect(keyIn(there)).toBe(keyIn(back))
  })
})

describe('links that should not be', () => {
  const usb = { usbPath: '1-1', busPath: '1-1:1.0' }
  const cases: readonly (readonly [string, NetworkInterface, string])[] = [
    [
      'a telephone by USB',
      adapterOf(7, 'usb0', [], { ...usb, medium: 'usb-tether', tether: 'rndis' }),
      'tether-up cut',
    ],
    [
      'a cellular modem',
      adapterOf(7, 'wwan0', [], { ...usb, medium: 'cellular', tether: 'mbim' }),
      'cellular-up cut',
    ],
    ['a dial-up line', madeOf(7, 'ppp0', 'ppp', { medium: 'ppp', hardwareType: 512 }), 'ppp-up cut'],
    [
      'a network by Bluetooth',
      adapterOf(7, 'bnep0', [], { medium: 'bluetooth', busPath: null }),
      'bluetooth-network-up cut',
    ],
    [
      'a tunnel',
      madeOf(7, 'tun0', 'tun', { medium: 'tunnel', addresses: adapterOf(7, 'x', ['10.8.0.2/24']).addresses }),
      'tunnel-up cut',
    ],
    [
      'a VPN',
      madeOf(7, 'wg0', 'wireguard', {
        medium: 'vpn',
        addresses: adapterOf(7, 'x', ['10.9.0.2/24']).addresses,
      }),
      'tunnel-up cut',
    ],
  ]

  it.each(cases)('%s is told and cut', (_name, adapter, expected) => {
    expect(accused(withAdapter(adapter))).toContain(expected)
  })

  it.each(cases)('%s that is down is not told as up', (_name, adapter) => {
    expect(codes(withAdapter({ ...adapter, hasCarrier: false }))).toEqual([])
  })

  it('are told by what an older sensor says of them', () => {
    const { medium: _medium, ...old } = madeOf(7, 'ppp0', 'ppp', { medium: 'ppp', hardwareType: 512 })
    expect(codes(withAdapter(old))).toEqual(['ppp-up'])
  })

  it('are only seen where the network is observed, with what enforcing would do', () => {
    const picture = withAdapter(adapterOf(7, 'usb0', [], { ...usb, medium: 'usb-tether', tether: 'ncm' }))
    for (const mode of ['observe', 'alarm'] as const) {
      const [found] = conditionsOf(picture, policyOf({ mode }), nowhere)
      expect(found?.decision).toEqual({ outcome: 'detected', would: 'block', rule: 'tether-up' })
    }
  })

  it('do not become lawful by being there at enrolment', () => {
    const baseline = [{ name: 'usb0', mac: '52:54:00:00:00:07', busPath: '1-1:1.0' }]
    const picture = pictureOf({ interfaces: [adapterOf(7, 'usb0', [], { ...usb, medium: 'usb-tether' })] })
    expect(accused(picture, policyOf({ baseline }))).toEqual(['tether-up cut'])
  })

  it('are not the fallback devices that the kernel makes by itself', () => {
    expect(codes(withAdapter(madeOf(7, 'sit0', 'sit', { medium: 'tunnel' })))).toEqual([])
  })

  it('are not the tap of a virtual machine on a bridge, nor a tunnel of the enrolment', () => {
    const tap = madeOf(7, 'vnet0', 'tun', { medium: 'tunnel', masterIndex: 9 })
    expect(codes(withAdapter(tap))).toEqual([])
    const vpn = madeOf(7, 'wg0', 'wireguard', {
      medium: 'vpn',
      addresses: adapterOf(7, 'x', ['10.1.9.2/24']).addresses,
    })
    const baseline = [
      { name: 'eth0', mac: OWN_MAC, busPath: '0000:00:02.0' },
      { name: 'wg0', mac: null, busPath: null },
    ]
    expect(codes(withAdapter(vpn), policyOf({ baseline }))).toEqual([])
  })
})

describe('wireless', () => {
  const wlan = adapterOf(4, 'wlan0', [], { medium: 'wireless', isWireless: true })

  it('that is associated is told with its network’s name and who answers', () => {
    const wireless = [
      wirelessOf(4, { isAssociated: true, ssid: { b64: '/w==' }, bssid: '02:11:22:33:44:55' }),
    ]
    expect(conditionsOf(withAdapter(wlan, { wireless }), policyOf(), nowhere)).toMatchObject([
      { code: 'wireless-associated', text: { b64: '/w==' }, peerMac: '02:11:22:33:44:55', response: 'cut' },
    ])
  })

  it('that only looks around is not associated', () => {
    const idle = { ...wlan, hasCarrier: false, operState: 'down' }
    expect(codes(withAdapter(idle, { wireless: [wirelessOf(4)] }))).toEqual([])
    expect(codes(withAdapter(wlan, { wireless: [wirelessOf(4, { mode: 'monitor' })] }))).toEqual([])
  })

  it('that is an access point is told, with its stations as proof', () => {
    const wireless = [wirelessOf(4, { mode: 'ap', ssid: 'free', stations: ['02:00:00:00:00:aa'] })]
    expect(conditionsOf(withAdapter(wlan, { wireless }), policyOf(), nowhere)).toMatchObject([
      { code: 'access-point', confidence: 'confirmed-reachability', response: 'cut' },
    ])
  })

  it('that nobody could ask about is associated where it has a carrier', () => {
    expect(codes(withAdapter(wlan, { unread: ['wireless'] }))).toEqual(['wireless-associated'])
    expect(codes(withAdapter(wlan))).toEqual([])
  })

  it('by which the console is reached, on an adapter of the unit’s, is isolated and not cut', () => {
    const own = { ...wlan, addresses: adapterOf(4, 'x', ['10.1.0.30/16']).addresses }
    const picture = pictureOf({
      interfaces: [own],
      routes: [routeOf(4, { destination: '10.1.0.0', prefixLength: 16 })],
      wireless: [wirelessOf(4, { isAssociated: true })],
    })
    const settings = { approvedInterfaces: [{ mac: '52:54:00:00:00:04', busPath: null, note: '' }] }
    expect(accused(picture, policyOf({ settings }), toConsole)).toEqual(['wireless-associated isolate'])
    expect(accused(picture, policyOf(), toConsole)).toEqual(['wireless-associated cut'])
  })
})

describe('the MAC of a registered place', () => {
  it('that is another one is told with what it should be', () => {
    const [found] = conditionsOf(withOwn({ mac: '02:00:00:00:00:77' }), policyOf(), nowhere)
    expect(found).toMatchObject({ code: 'mac-differs', text: '02:00:00:00:00:77', expected: OWN_MAC })
  })

  it('that was set by hand over the registered one is told', () => {
    expect(codes(withOwn({ mac: '02:00:00:00:00:77', permanentMac: OWN_MAC }))).toEqual(['mac-differs'])
  })

  it('that a bond lends to its port leaves the adapter the unit’s own', () => {
    const lent = { ...eth0, mac: '02:00:00:00:00:77', permanentMac: OWN_MAC }
    expect(isKnownAdapter({ ...lent, masterIndex: 9 }, policyOf())).toBe(true)
    // Without a bond over it, somebody has set it.
    expect(isKnownAdapter(lent, policyOf())).toBe(false)
    const other = { ...lent, permanentMac: '02:00:00:00:00:78', masterIndex: 9 }
    expect(isKnownAdapter(other, policyOf())).toBe(false)
    // An enrolment under a bond knows it again before the bond is there, and after.
    const taken = baselineOf({ ...lent, masterIndex: 9 })
    const policy = policyOf({ baseline: [taken] })
    expect(isKnownAdapter({ ...lent, mac: OWN_MAC }, policy)).toBe(true)
    expect(isKnownAdapter({ ...lent, masterIndex: 9 }, policy)).toBe(true)
  })

  it('that a bond lends to its port is no other one', () => {
    expect(codes(withOwn({ mac: '02:00:00:00:00:77', permanentMac: OWN_MAC, masterIndex: 9 }))).toEqual([])
  })

  it('of another device in the same USB port is an unregistered adapter, not a changed MAC', () => {
    const baseline = [{ name: 'usb0', mac: '52:54:00:00:00:aa', busPath: '1-1:1.0' }]
    const other = adapterOf(7, 'usb0', ['10.1.0.30/16'], { usbPath: '1-1', busPath: '1-1:1.0' })
    expect(codes(pictureOf({ interfaces: [other] }), policyOf({ baseline }))).toEqual([])
  })

  it('of a radio that hides its own while it looks around accuses nobody', () => {
    const baseline = [{ name: 'wlan0', mac: '52:54:00:00:00:aa', busPath: '0000:00:04.0' }]
    const wlan = adapterOf(4, 'wlan0', [], { medium: 'wireless', isWireless: true, hasCarrier: false })
    expect(codes(pictureOf({ interfaces: [wlan] }), policyOf({ baseline }))).toEqual([])
  })
})

describe('sharing', () => {
  it('is told by kind', () => {
    const sharing = [
      sharingOf('forwarding-ipv4', 'all'),
      sharingOf('forwarding-ipv6', 'eth0'),
      sharingOf('address-translation', 'ip nat POSTROUTING masquerade'),
      sharingOf('proxy', '0.0.0.0', { port: 3128 }),
    ]
    expect(codes({ ...GOOD_PICTURE, sharing })).toEqual([
      'forwarding',
      'forwarding',
      'address-translation',
      'proxy-listening',
    ])
  })

  it('that was set up at enrolment is the computer’s own', () => {
    const picture = { ...GOOD_PICTURE, sharing: [sharingOf('forwarding-ipv4', 'all')] }
    const baseline = new Set(conditionsOf(picture, policyOf(), nowhere).map(({ lastingKey }) => lastingKey))
    expect(conditionsOf(picture, policyOf(), { baseline, console: [] })).toMatchObject([
      { code: 'forwarding', isBaseline: true, decision: { outcome: 'allowed', rule: 'baseline' } },
    ])
  })

  it('by a bridge that no adapter is a port of stays inside', () => {
    const docker = madeOf(9, 'docker0', 'bridge', { medium: 'bridge' })
    const sharing = [sharingOf('bridge', 'docker0')]
    expect(codes(withAdapter(docker, { sharing }))).toEqual([])
    const port = { ...eth0, masterIndex: 9 }
    expect(codes(pictureOf({ interfaces: [port, docker], sharing }))).toEqual(['bridged'])
  })

  it('by a bridge is one story, whatever its ports are', () => {
    const bridge = madeOf(9, 'br0', 'bridge', { medium: 'bridge' })
    const port = { ...eth0, masterIndex: 9 }
    const found = ['br0: eth0 vnet0', 'br0: eth0 vnet0 vnet1'].map((detail) => {
      const sharing = [sharingOf('bridge', detail)]
      return conditionsOf(pictureOf({ interfaces: [port, bridge], sharing }), policyOf(), nowhere)[0]
    })
    expect(found[0]).toMatchObject({
      code: 'bridged',
      interface: { name: 'br0' },
      others: [{ name: 'eth0' }],
    })
    expect(found[0]?.key).toBe(found[1]?.key)
  })

  it('is only possible while one link is up', () => {
    const sharing = [sharingOf('forwarding-ipv4', 'all')]
    expect(conditionsOf({ ...GOOD_PICTURE, sharing }, policyOf(), nowhere)[0]?.confidence).toBe('attempt')
    const two = withAdapter(adapterOf(3, 'eth1', ['10.1.0.21/16']), { sharing })
    expect(conditionsOf(two, policyOf(), nowhere).find(({ code }) => code === 'forwarding')?.confidence).toBe(
      'link-up',
    )
  })
})

describe('below and beside IP', () => {
  it('a packet socket is told once for a program and account', () => {
    const sockets = [packetSocket('tcpdump', 0), packetSocket('tcpdump', 0), packetSocket('sniff', 1000)]
    expect(codes({ ...GOOD_PICTURE, sockets })).toEqual(['packet-socket', 'packet-socket'])
  })

  it('the packet socket of a program that serves the link is allowed to the system, not to a user', () => {
    expect(codes({ ...GOOD_PICTURE, sockets: [packetSocket('dhclient', 0)] })).toEqual([])
    expect(codes({ ...GOOD_PICTURE, sockets: [packetSocket('dhclient', 1000)] })).toEqual(['packet-socket'])
  })

  it('a routing rule beyond the usual three is told', () => {
    const rules = [
      { family: 'ipv4' as const, priority: 100, text: 'from all fwmark 0x1 lookup 100', table: 100 },
    ]
    expect(codes({ ...GOOD_PICTURE, rules })).toEqual(['routing-rule'])
  })

  it('a veth into another namespace is told; one that leads nowhere out accuses nobody', () => {
    const inner = madeOf(11, 'veth1', 'veth', { medium: 'veth', lowerIndex: 2, masterIndex: null })
    expect(codes(withAdapter(inner))).toEqual([])
    expect(conditionsOf(withAdapter(inner), policyOf(), nowhere)).toMatchObject([
      { code: 'other-namespace-link', decision: { outcome: 'allowed', rule: 'inner-link' } },
    ])
    const bridge = madeOf(9, 'br0', 'bridge', { medium: 'bridge' })
    const port = { ...eth0, masterIndex: 9 }
    const out = { ...inner, masterIndex: 9 }
    expect(codes(pictureOf({ interfaces: [port, bridge, out] }))).toEqual(['other-namespace-link'])
  })

  it('a pair of veths that both ends of are here leads nowhere', () => {
    const pair = [
      madeOf(11, 'veth1', 'veth', { medium: 'veth', lowerIndex: 12 }),
      madeOf(12, 'veth2', 'veth', { medium: 'veth', lowerIndex: 11 }),
    ]
    const picture = { ...GOOD_PICTURE, interfaces: [...GOOD_PICTURE.interfaces, ...pair] }
    expect(conditionsOf(picture, policyOf(), nowhere)).toEqual([])
  })
})

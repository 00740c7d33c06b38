import type { NetworkInterface, Picture, Policy } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import type { ConditionSurroundings } from './condition.ts'
import { conditionsOf } from './conditions.ts'
import {
  adapterOf,
  eth0,
  GATEWAY_MAC,
  GOOD_PICTURE,
  leaseOf,
  madeOf,
  neighbourOf,
  OWN_MAC,
  ownNeighbours,
  ownRoutes,
  packetSocket,
  pictureOf,
  policyOf,
  routeOf,
  sharingOf,
  wirelessOf,
} from './testing/pictures.ts'

const nowhere: ConditionSurroundings = { baseline: new Set(), console: [] }
const toConsole: ConditionSurroundings = {
  baseline: new Set(),
  console: [{ address: '10.1.0.9', port: 8444 }],
}

/** What is so, as `code outcome response`; what is allowed is left out. */
function accused(
  picture: Picture,
  policy: Policy = policyOf(),
  around: ConditionSurroundings = nowhere,
): string[] {
  return conditionsOf(picture, policy, around)
    .filter(({ decision }) => decision.outcome !== 'allowed')
    .map(({ code, response }) => `${code} ${response}`)
}

const codes = (picture: Picture, policy?: Policy): string[] =>
  accused(picture, policy).map((each) => each.split(' ')[0] ?? '')

/** The good network with one more interface, and whatever else comes with it. */
function withAdapter(adapter: NetworkInterface, more: Partial<Picture> = {}): Picture {
  return {
    ...GOOD_PICTURE,
    ...more,
    interfaces: [...GOOD_PICTURE.interfaces, adapter],
    routes: [...GOOD_PICTURE.routes, ...(more.routes ?? [])],
    neighbours: [...GOOD_PICTURE.neighbours, ...(more.neighbours ?? [])],
  }
}

/** The good network with its own adapter changed. */
function withOwn(more: Partial<NetworkInterface>, rest: Partial<Picture> = {}): Picture {
  const [lo] = GOOD_PICTURE.interfaces
  return { ...GOOD_PICTURE, ...rest, interfaces: lo === undefined ? [] : [lo, { ...eth0, ...more }] }
}

describe('a network that is as it should be', () => {
  it('accuses nobody, in any mode', () => {
    for (const mode of ['observe', 'alarm', 'enforce'] as const) {
      expect(conditionsOf(GOOD_PICTURE, policyOf({ mode }), toConsole)).toEqual([])
    }
  })

  it('accuses nobody by rules that nobody has set', () => {
    const picture = withOwn(
      { addresses: adapterOf(2, 'eth0', ['192.168.7.7/24']).addresses },
      { dnsServers: ['8.8.8.8'], leases: [leaseOf({ address: '192.168.7.7', server: '192.168.7.1' })] },
    )
    expect(codes(picture, policyOf({ rules: null }))).toEqual([])
  })
})

describe('addresses', () => {
  const at = (...addresses: string[]): Picture =>
    withOwn({ addresses: adapterOf(2, 'eth0', addresses).addresses }, { leases: [] })

  it('on the Internet are told as such, IPv6 as much as IPv4, rules or none', () => {
    expect(accused(at('8.8.4.4/24'))).toEqual(['public-address isolate'])
    expect(accused(at('2400:3200::1/64'), policyOf({ rules: null }))).toEqual(['public-address isolate'])
  })

  it('of the unit that are routed on the Internet too are its own', () => {
    expect(codes(at('8.8.4.4/24'), policyOf({ rules: { prefixes: ['8.8.4.0/24'] } }))).toEqual([])
  })

  it('of a temporary kind change without a new finding', () => {
    const keys = ['2400:3200::aaaa/64', '2400:3200::bbbb/64'].map(
      (address) => conditionsOf(at(address), policyOf(), nowhere)[0]?.key,
    )
    expect(keys[0]).toBe(keys[1])
    expect(keys[0]).toBeDefined()
  })

  it('outside the unit’s own networks are a foreign network', () => {
    expect(accused(at('192.168.1.5/24'))).toEqual(['foreign-network isolate'])
    expect(codes(at('fd00:2::5/64'))).toEqual(['foreign-network'])
  })

  it('that every interface gives itself say nothing', () => {
    expect(codes(at('169.254.3.4/16', 'fe80::3/64'))).toEqual([])
  })

  it('of a link without a carrier, or that is switched off, say nothing', () => {
    const { addresses } = adapterOf(2, 'eth0', ['8.8.4.4/24'])
    expect(codes(withOwn({ addresses, hasCarrier: false }, { leases: [] }))).toEqual([])
    expect(codes(withOwn({ addresses, isAdminUp: false }, { leases: [] }))).toEqual([])
  })

  it('of what stays inside (a container engine’s bridge, a dummy, a veth) accuse nobody', () => {
    const address = adapterOf(9, 'x', ['172.17.0.1/16']).addresses
    const inner = [
      madeOf(9, 'docker0', 'bridge', { medium: 'bridge', addresses: address }),
      madeOf(10, 'dummy0', 'dummy', { medium: 'virtual', addresses: address }),
      madeOf(11, 'veth1', 'veth', { medium: 'veth', masterIndex: 9, lowerIndex: 2 }),
    ]
    const picture = { ...GOOD_PICTURE, interfaces: [...GOOD_PICTURE.interfaces, ...inner] }
    expect(codes(picture)).toEqual([])
  })

  it('on a bridge that the adapter is a port of are those of the adapter', () => {
    const [lo] = GOOD_PICTURE.interfaces
    const bridge = madeOf(5, 'br0', 'bridge', {
      medium: 'bridge',
      addresses: adapterOf(5, 'br0', ['192.168.1.5/24']).addresses,
    })
    const port = { ...eth0, addresses: [], masterIndex: 5 }
    const picture = pictureOf({ interfaces: [lo ?? eth0, port, bridge].slice(1) })
    expect(codes(picture)).toEqual(['foreign-network'])
  })

  it('on an adapter that nobody knows cut it', () => {
    expect(accused(withAdapter(adapterOf(7, 'eth1', ['8.8.4.4/24'])))).toContain('public-address cut')
  })
})

describe('gateways', () => {
  it('that are not the registered ones are told, with who answered', () => {
    const picture = {
      ...GOOD_PICTURE,
      routes: [routeOf(2, { gateway: '10.1.0.254' })],
      neighbours: [neighbourOf(2, '10.1.0.254', '02:00:00:00:00:99')],
    }
    const [found] = conditionsOf(picture, policyOf(), nowhere)
    expect(found).toMatchObject({
      code: 'unapproved-gateway',
      peer: { address: '10.1.0.254', port: null },
      peerMac: '02:00:00:00:00:99',
      expected: '10.1.0.1',
      confidence: 'confirmed-reachability',
      response: 'isolate',
      decision: { outcome: 'blocked', would: 'block', rule: 'unapproved-gateway' },
    })
  })

  it('of a route to one network count as much as the default one', () => {
    const side = routeOf(2, { destination: '10.1.99.0', prefixLength: 24, gateway: '10.1.0.77' })
    expect(codes({ ...GOOD_PICTURE, routes: [...ownRoutes, side] })).toEqual(['unapproved-gateway'])
  })

  it('with the right address and another MAC are told with both', () => {
    const picture = { ...GOOD_PICTURE, neighbours: [neighbourOf(2, '10.1.0.1', '02:00:00:00:00:66')] }
    expect(conditionsOf(picture, policyOf(), nowhere)).toMatchObject([
      {
        code: 'gateway-mac-differs',
        peerMac: '02:00:00:00:00:66',
        expected: GATEWAY_MAC,
        response: 'isolate',
      },
    ])
  })

  it('that have not answered yet, or failed to, differ from nothing', () => {
    expect(codes({ ...GOOD_PICTURE, neighbours: [] })).toEqual([])
    const failed = { ...neighbourOf(2, '10.1.0.1', '02:00:00:00:00:66'), state: 'failed' }
    expect(codes({ ...GOOD_PICTURE, neighbours: [failed] })).toEqual([])
  })

  it('of a pair that share an address may have either MAC', () => {
    const gateways = [GATEWAY_MAC, '00:00:5e:00:01:0a'].map((mac) => ({ address: '10.1.0.1', mac, note: '' }))
    const picture = { ...GOOD_PICTURE, neighbours: [neighbourOf(2, '10.1.0.1', '00:00:5e:00:01:0a')] }
    expect(codes(picture, policyOf({ rules: { gateways } }))).toEqual([])
  })

  it('whose MAC nobody registered may have any', () => {
    const picture = { ...GOOD_PICTURE, neighbours: [neighbourOf(2, '10.1.0.1', '02:00:00:00:00:66')] }
    const gateways = [{ address: '10.1.0.1', mac: null, note: '' }]
    expect(codes(picture, policyOf({ rules: { gateways } }))).toEqual([])
  })

  it('that advertise themselves by a link-local address are known by their MAC', () => {
    const advertised = routeOf(2, { family: 'ipv6', gateway: 'fe80::1' })
    const known = neighbourOf(2, 'fe80::1', GATEWAY_MAC)
    const other = neighbourOf(2, 'fe80::1', '02:00:00:00:00:66')
    const routes = [...ownRoutes, advertised]
    expect(codes({ ...GOOD_PICTURE, routes, neighbours: [...ownNeighbours, known] })).toEqual([])
    expect(codes({ ...GOOD_PICTURE, routes, neighbours: [...ownNeighbours, other] })).toEqual([
      'unapproved-gateway',
    ])
  })

  it('that advertise themselves are not accused before anybody has answered', () => {
    const routes = [...ownRoutes, routeOf(2, { family: 'ipv6', gateway: 'fe80::1' })]
    expect(codes({ ...GOOD_PICTURE, routes })).toEqual([])
  })

  it('of an overlay inside the computer are none of the unit’s', () => {
    const flannel = madeOf(9, 'flannel.1', 'vxlan', { medium: 'virtual' })
    const route = routeOf(9, { destination: '10.244.1.0', prefixLength: 24, gateway: '10.244.1.0' })
    expect(codes(withAdapter(flannel, { routes: [route] }))).toEqual([])
  })
})

describe('servers', () => {
  it('for names that are not registered are told; a public one by its own rule', () => {
    const picture = { ...GOOD_PICTURE, dnsServers: ['10.1.0.53', '10.1.0.99', '8.8.8.8'] }
    const found = conditionsOf(picture, policyOf(), nowhere)
    expect(found.map(({ text, decision }) => [text, decision.rule])).toEqual([
      ['10.1.0.99', 'unapproved-dns'],
      ['8.8.8.8', 'public-dns'],
    ])
  })

  it('for names on this computer itself ask others, and are none', () => {
    expect(codes({ ...GOOD_PICTURE, dnsServers: ['127.0.0.53', '::1'] })).toEqual([])
  })

  it('for addresses that are not registered are told for a lease that is in use', () => {
    const leases = [leaseOf({ address: '10.1.0.20', server: '10.1.0.99' })]
    expect(accused({ ...GOOD_PICTURE, leases })).toEqual(['unapproved-dhcp isolate'])
  })

  it('for addresses of a lease that is only left in a file accuse nobody', () => {
    const leases = [leaseOf({ interfaceName: 'eth0', address: '192.168.43.20', server: '192.168.43.1' })]
    expect(codes({ ...GOOD_PICTURE, leases })).toEqual([])
  })
})

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

describe('whatever is so', () => {
  const hostile = withAdapter(
    adapterOf(7, '\u202e\n"; drop', ['8.8.4.4/24', 'fd00:2::1/64'], {
      medium: 'usb-tether',
      usbPath: { b64: '/w==' },
    }),
    {
      sharing: [sharingOf('bridge', 'x'.repeat(5_000)), sharingOf('proxy', '\u0000', { port: 1080 })],
      dnsServers: ['fe80::1%eth0', 'not an address'],
      sockets: [packetSocket('x'.repeat(300), 1000)],
    },
  )

  it('has keys of a bounded length that name it alone, the same each time', () => {
    const keys = conditionsOf(hostile, policyOf(), nowhere).map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(200)
    expect(conditionsOf(hostile, policyOf(), nowhere).map(({ key }) => key)).toEqual(keys)
  })

  it('blocks nothing where the unit has not said which network is its own', () => {
    const found = conditionsOf(hostile, policyOf({ rules: null }), nowhere)
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter(({ decision }) => decision.outcome === 'blocked')).toEqual([])
  })

  it('takes a thousand interfaces and ten thousand routes in a blink', () => {
    const interfaces = Array.from({ length: 1_000 }, (_, n) =>
      adapterOf(n + 10, `eth${n}`, [`10.1.${n >> 8}.${n & 255}/16`]),
    )
    const routes = Array.from({ length: 10_000 }, (_, n) =>
      routeOf((n % 1_000) + 10, { destination: `10.1.${n >> 8}.0`, prefixLength: 24, gateway: '10.1.0.1' }),
    )
    const startedMs = performance.now()
    conditionsOf(pictureOf({ interfaces, routes }), policyOf(), toConsole)
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })
})

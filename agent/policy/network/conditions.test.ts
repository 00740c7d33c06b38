import type { Picture } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { conditionsOf } from './conditions.ts'
import { accused, codes, nowhere, toConsole, withAdapter, withOwn } from './testing/accused.ts'
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
} from './testing/pictures.ts'

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

  it('of a bridge of the enrolment accuse nobody when its virtual machine starts; of another bridge they do', () => {
    const address = adapterOf(9, 'x', ['192.168.122.1/24']).addresses
    const bridge = madeOf(9, 'virbr0', 'bridge', { medium: 'bridge', addresses: address })
    const tap = madeOf(10, 'vnet0', 'tun', { medium: 'tunnel', masterIndex: 9 })
    const picture = { ...GOOD_PICTURE, interfaces: [...GOOD_PICTURE.interfaces, bridge, tap] }
    const eth = { name: 'eth0', mac: OWN_MAC, busPath: '0000:00:02.0' }
    const baseline = [eth, { name: 'virbr0', mac: '52:54:00:00:00:09', busPath: null }]
    expect(codes(picture, policyOf({ baseline }))).toEqual([])
    expect(codes(picture)).toEqual(['foreign-network', 'two-networks'])
    const routes = [...GOOD_PICTURE.routes, routeOf(9, { gateway: '192.168.122.9', metric: 1 })]
    expect(codes({ ...picture, routes }, policyOf({ baseline }))).toContain('foreign-network')
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

  it('that advertise themselves are the registered one where the same MAC answers for its address', () => {
    const rules = { gateways: [{ address: '10.1.0.1', mac: null, note: '' }] }
    const routes = [...ownRoutes, routeOf(2, { family: 'ipv6', gateway: 'fe80::1' })]
    const by = (mac: string | null) => ({
      ...GOOD_PICTURE,
      routes,
      neighbours: [...ownNeighbours, neighbourOf(2, 'fe80::1', mac)],
    })
    expect(codes(by(GATEWAY_MAC), policyOf({ rules }))).toEqual([])
    expect(codes(by(null), policyOf({ rules }))).toEqual([])
    expect(codes(by('52:54:00:00:00:66'), policyOf({ rules }))).toEqual(['unapproved-gateway'])
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

  it('does not compare each of ten thousand routes with each', () => {
    const interfaces = Array.from({ length: 1_000 }, (_, n) =>
      adapterOf(n + 10, `eth${n}`, [`10.1.${n >> 8}.${n & 255}/16`]),
    )
    const routes = Array.from({ length: 10_000 }, (_, n) =>
      routeOf((n % 1_000) + 10, { destination: `10.1.${n >> 8}.0`, prefixLength: 24, gateway: '10.1.0.1' }),
    )
    const startedMs = performance.now()
    conditionsOf(pictureOf({ interfaces, routes }), policyOf(), toConsole)
    // Each with each takes minutes.
    expect(performance.now() - startedMs).toBeLessThan(15_000)
  })
})

import { type Fact, type FactNamed, type Policy, type Record, VIOLATIONS } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { adapter, policy, recordOf } from '../../test/support/facts.ts'
import { judge } from './judge.ts'
import type { Judgement } from './judgement.ts'
import {
  added,
  allowedBy,
  condition,
  connections,
  detected,
  eth0,
  flow,
  hardware,
  over,
  picture,
  rules,
  tether,
  told,
  trace,
  traces,
} from './testing/network-facts.ts'

function judged(fact: Fact, more: Partial<Record> = {}, inForce: Policy = policy()): Judgement[] {
  const made = judge(recordOf(fact, more), { policy: inForce, hasEarlierJournal: false })
  for (const { type, evidence } of made)
    expect([...Compile(VIOLATIONS[type].evidence).Errors(evidence)], type).toEqual([])
  return made
}
const types = (...asked: Parameters<typeof judged>): string[] => judged(...asked).map(({ type }) => type)
const block = { decision: detected('rule') }

describe('a condition of the network', () => {
  const public53 = { address: '8.8.8.8', port: 53 }
  const meanings: readonly (readonly [FactNamed<'network.condition'>, string])[] = [
    [condition('public-address'), 'internet-connection'],
    [condition('foreign-network'), 'nonclassified-network-connection'],
    [condition('unapproved-gateway'), 'nonclassified-network-connection'],
    [condition('unapproved-dhcp'), 'nonclassified-network-connection'],
    [
      condition('unapproved-dns', { peer: { address: '10.9.9.9', port: 53 } }),
      'nonclassified-network-connection',
    ],
    [
      condition('unapproved-dns', { peer: public53, confidence: 'confirmed-reachability' }),
      'internet-connection',
    ],
    [
      condition('unapproved-dns', { interface: null, peer: public53, confidence: 'attempt' }),
      'network-config-drift',
    ],
    [condition('tunnel-up', { peer: public53 }), 'internet-connection'],
    [condition('tunnel-up'), 'nonclassified-network-connection'],
    [condition('second-default-route', { others: [eth0] }), 'dual-homing'],
    [condition('two-networks', { others: [eth0] }), 'dual-homing'],
    [condition('wireless-associated'), 'wireless-link-up'],
    [condition('access-point'), 'connection-sharing'],
    [condition('forwarding', { interface: null }), 'connection-sharing'],
    [condition('address-translation', { interface: null }), 'connection-sharing'],
    [
      condition('proxy-listening', { interface: null, peer: { address: '0.0.0.0', port: 3128 } }),
      'connection-sharing',
    ],
    [condition('bridged'), 'connection-sharing'],
    [condition('other-namespace-link'), 'connection-sharing'],
    [condition('cellular-up'), 'modem-or-cellular-dialup'],
    [condition('ppp-up'), 'modem-or-cellular-dialup'],
    [condition('tether-up'), 'phone-tethering'],
    [condition('bluetooth-network-up'), 'bluetooth-enabled'],
    [
      condition('gateway-mac-differs', { peerMac: '02:00:00:00:00:01', expected: '02:00:00:00:00:02' }),
      'network-config-drift',
    ],
    [condition('mac-differs', { expected: '02:00:00:00:00:02' }), 'network-config-drift'],
  ]
  const cases = meanings.map(([fact, type]) => ({ code: fact.condition, fact, type }))
  it.each(cases)('$code is one violation of its meaning: $type', ({ fact, type }) => {
    expect(types(fact, block)).toEqual([type])
  })

  it('that tells less than it must, or more than evidence holds, makes no evidence that is none', () => {
    const bare = { interface: null, picture: null }
    expect(types(condition('two-networks', bare), block)).toEqual([])
    expect(
      types(condition('second-default-route', { ...bare, picture: picture({ routes: [] }) }), block),
    ).toEqual([])
    const state = { mode: 'ap', isAssociated: false, ssid: null, bssid: null, frequencyMhz: null }
    const stations = ['02:00:00:00:01:01', Array.from({ length: 32 }, () => '02').join(':')]
    const wireless = { ...state, interfaceName: 'usb0', interfaceIndex: 7, stations }
    const [hotspot] = judged(condition('access-point', { picture: picture({ wireless: [wireless] }) }), block)
    expect(hotspot?.evidence).toMatchObject({ clients: ['02:00:00:00:01:01'] })
    const most = flow({ count: Number.MAX_SAFE_INTEGER, refused: Number.MAX_SAFE_INTEGER })
    expect(judged(connections([most, most]), block)[0]?.evidence).toMatchObject({
      attempts: Number.MAX_SAFE_INTEGER,
      found: { outcome: 'blocked' },
    })
  })

  it('that says nothing of a way out accuses nobody: a packet socket, a routing rule', () => {
    expect(types(condition('packet-socket'), block)).toEqual([])
    expect(types(condition('routing-rule'), block)).toEqual([])
  })

  it.each(cases)(
    '$code that the policy allows is none, nor one that ended or was told before',
    ({ fact }) => {
      expect(types(fact, { decision: allowedBy('baseline') })).toEqual([])
      expect(types(over(fact), block)).toEqual([])
      expect(types({ ...fact, origin: 'still-present' }, block)).toEqual([])
      expect(types({ ...fact, origin: 'baseline' })).toEqual([])
      expect(types({ ...fact, origin: 'baseline' }, { decision: allowedBy('baseline') })).toEqual([])
    },
  )

  it('that was so at enrolment is one where the agent says that enrolment can’t make it the computer’s own', () => {
    expect(types(condition('public-address', { origin: 'baseline' }), block)).toEqual(['internet-connection'])
  })

  it('that a new policy forbids is one, and one that nobody decided on is not let pass', () => {
    expect(types(condition('foreign-network', { origin: 'policy-changed' }), block)).toHaveLength(1)
    expect(types(condition('foreign-network', { origin: 'present-at-start' }))).toHaveLength(1)
  })

  it('brings the picture’s proof into the fields of its violation', () => {
    const wireless = {
      interfaceName: 'usb0',
      interfaceIndex: 7,
      mode: 'station',
      isAssociated: true,
      ssid: { b64: '/w==' },
      bssid: '02:00:00:00:01:00',
      frequencyMhz: 2412,
      stations: [],
    }
    const [internet] = judged(condition('public-address'), block)
    expect(internet?.evidence).toMatchObject({
      interface: { name: 'usb0' },
      gateways: ['192.168.42.1'],
      dnsServers: ['192.168.42.1'],
      confidence: 'link-up',
      found: {
        condition: 'public-address',
        rule: 'rule',
        outcome: 'detected',
        wouldBlock: true,
        picture: { sessionAccount: 'user' },
      },
    })
    const [other] = judged(condition('foreign-network'), block)
    expect(other?.evidence).toMatchObject({
      prefixes: ['192.168.42.129/24'],
      gatewayMac: '02:1a:2b:3c:4d:5f',
    })
    const [air] = judged(
      condition('wireless-associated', { picture: picture({ wireless: [wireless] }) }),
      block,
    )
    expect(air?.evidence).toMatchObject({ ssid: { b64: '/w==' }, bssid: '02:00:00:00:01:00' })
  })

  it('keeps as much of a picture as a person reads, and says how much it left out', () => {
    const many = Array.from({ length: 128 }, (_, at) => ({
      address: `10.0.0.${at}`,
      mac: null,
      interfaceIndex: 7,
      state: 'stale',
      isRouter: false,
    }))
    const [made] = judged(condition('public-address', { picture: picture({ neighbours: many }) }), block)
    expect(made?.evidence).toMatchObject({
      found: { picture: { omitted: 96, neighbours: many.slice(0, 32) } },
    })
  })
})

describe('connections of a program', () => {
  const answered = flow({
    act: 'established',
    confidence: 'confirmed-reachability',
    local: { address: '192.168.42.129', port: 9 },
  })
  it('to a public address are an attempt, and the Internet where something answered', () => {
    expect(types(connections([flow()]), block)).toEqual(['external-connection-attempt'])
    expect(types(connections([flow(), answered]), block)).toEqual(['internet-connection'])
  })

  it('have the first peer in their fields, all flows beside, and what the kernel refused as the outcome', () => {
    const flows = [
      flow({ peer: { address: '10.9.9.9', port: 22 }, rule: 'outside-approved', count: 2, refused: 2 }),
      flow({ count: 3, refused: 3, firstWallMs: 5, lastWallMs: 50 }),
    ]
    const [attempt] = judged(connections(flows), block)
    expect(attempt?.evidence).toMatchObject({
      destination: { address: '8.8.4.4', port: 443 },
      protocol: 'tcp',
      process: { pid: 2201, name: 'curl', path: '/usr/bin/curl' },
      account: 'owner',
      attempts: 5,
      firstAtMs: 5,
      lastAtMs: 50,
      found: { outcome: 'blocked', flows: [{ count: 2 }, { count: 3 }] },
    })
    expect(judged(connections([flow({ count: 3, refused: 1 })]), block)[0]?.evidence).toMatchObject({
      found: { outcome: 'detected' },
    })
  })

  it('name the interface that a flow came from, and none where nothing tells it', () => {
    const [known] = judged(connections([answered], { picture: picture() }), block)
    expect(known?.evidence).toMatchObject({ interface: { name: 'usb0' }, gateways: ['192.168.42.1'] })
    const [unknown] = judged(connections([{ ...answered, local: null }], { picture: picture() }), block)
    expect(unknown?.evidence).toMatchObject({ interface: null })
  })

  it.each([
    ['multicast DNS', flow({ act: 'send', protocol: 17, peer: { address: '224.0.0.251', port: 5353 } })],
    [
      'multicast beyond the link',
      flow({ act: 'send', protocol: 17, peer: { address: '239.1.2.3', port: 9 } }),
    ],
    ['a broadcast', flow({ act: 'send', protocol: 17, peer: { address: '255.255.255.255', port: 67 } })],
    ['link-local, with its zone', flow({ family: 'ipv6', peer: { address: 'fe80::1%eth0', port: 546 } })],
    [
      'all nodes of a link',
      flow({ family: 'ipv6', act: 'outgoing', protocol: 58, peer: { address: 'ff02::1', port: null } }),
    ],
    ['loopback', flow({ peer: { address: '127.0.0.1', port: 8080 } })],
    ['the renewal of a lease', flow({ act: 'send', protocol: 17, peer: { address: '10.7.0.1', port: 67 } })],
    ['a raw socket that nothing was sent by', flow({ act: 'socket', protocol: 255, peer: null })],
    ['a port that was opened', flow({ act: 'bind', peer: null, local: { address: '0.0.0.0', port: 8080 } })],
    ['what others send here', flow({ act: 'incoming', peer: { address: '10.9.9.9', port: 5 } })],
    [
      'approved, but for isolation',
      flow({ peer: { address: '10.1.0.53', port: 53 }, rule: 'isolated', refused: 1 }),
    ],
    ['an ARP frame', flow({ act: 'frame', family: 'other', protocol: 0x0806, peer: null })],
    ['a spanning tree frame', flow({ act: 'frame', family: 'other', protocol: 38, peer: null })],
  ])('that are %s accuse nobody', (_what, one) => {
    expect(types(connections([one]), block)).toEqual([])
    // Beside them, what is accused is accused for itself.
    expect(judged(connections([one, flow({ count: 4 })]), block)[0]?.evidence).toMatchObject({ attempts: 4 })
  })

  it.each([
    ['a private address that is not approved', flow({ peer: { address: '10.9.9.9', port: 22 } })],
    ['a frame below IP', flow({ act: 'frame', family: 'other', protocol: 0x88b5, peer: null })],
    ['a raw packet', flow({ act: 'outgoing', protocol: 253, peer: { address: '10.9.9.9', port: null } })],
    [
      'what was accepted from a stranger',
      flow({ act: 'accepted', peer: { address: '10.9.9.9', port: 50_000 } }),
    ],
    [
      'a name server on the Internet',
      flow({ act: 'send', protocol: 17, peer: { address: '8.8.8.8', port: 53 } }),
    ],
    [
      'a DHCP server on the Internet',
      flow({ act: 'send', protocol: 17, peer: { address: '8.8.8.8', port: 67 } }),
    ],
    ['what is no address at all', flow({ peer: { address: 'nowhere', port: 1 } })],
  ])('to %s are an attempt', (_what, one) => {
    expect(types(connections([one]), block)).toEqual(['external-connection-attempt'])
  })

  it('that came in from the Internet are the Internet, and what was passed on is sharing', () => {
    const incoming = flow({ act: 'incoming', confidence: 'confirmed-reachability' })
    expect(types(connections([incoming], { program: null }), block)).toEqual(['internet-connection'])
    const passed = flow({ act: 'forwarded', pid: null, peer: { address: '10.9.9.9', port: 80 } })
    expect(types(connections([passed], { net: 'packet', program: null }), block)).toEqual([
      'connection-sharing',
    ])
  })

  it('that the policy allows are none', () => {
    expect(types(connections([flow(), answered]), { decision: allowedBy('approved-destination') })).toEqual(
      [],
    )
  })
})

describe('hardware', () => {
  it.each([
    ['wifi', 'wireless-hardware-present'],
    ['nfc', 'wireless-hardware-present'],
    ['cellular-modem', 'wireless-hardware-present'],
    ['bluetooth', 'bluetooth-enabled'],
    ['camera', 'av-device-enabled'],
    ['microphone', 'av-device-enabled'],
    ['speaker', 'av-device-enabled'],
  ] as const)(
    '%s that is on is a violation; blocked, without a driver, unknown or gone it is none',
    (kind, type) => {
      expect(types(told(hardware({ kind })))).toEqual([type])
      for (const state of ['blocked', 'no-driver', 'unknown'] as const)
        expect(types(told(hardware({ kind, state })), block)).toEqual([])
      expect(types(told(hardware({ kind }), { change: 'gone' }), block)).toEqual([])
    },
  )

  it('that was on at enrolment or is allowed is none; switched on since, it is one', () => {
    expect(types(told(hardware(), { origin: 'baseline' }))).toEqual([])
    expect(types(told(hardware(), { origin: 'still-present' }), block)).toEqual([])
    expect(types(told(hardware()), { decision: allowedBy('baseline') })).toEqual([])
    const before = hardware({ state: 'blocked' })
    expect(types(told(hardware(), { origin: 'baseline', change: 'changed', before }))).toEqual([
      'bluetooth-enabled',
    ])
  })

  it('that is a modem on USB was judged when it was plugged in', () => {
    expect(types(told(hardware({ kind: 'dialup-modem' })))).toEqual([])
    expect(types(told(hardware({ kind: 'dialup-modem', bus: 'pci' })))).toEqual(['modem-or-cellular-dialup'])
  })
})

describe('an interface', () => {
  it('is what it is for: a phone’s, a modem’s, or only an adapter', () => {
    expect(types(added())).toEqual(['phone-tethering'])
    expect(types(added(adapter({ medium: 'cellular' })))).toEqual(['modem-or-cellular-dialup'])
    expect(types(added(adapter({ nature: 'virtual', medium: 'ppp', busPath: null })))).toEqual([
      'modem-or-cellular-dialup',
    ])
    expect(types(added(adapter({ medium: 'wired', tether: 'ecm' })))).toEqual([
      'unregistered-network-adapter',
    ])
  })

  it('that only joins others is no adapter: a bridge of containers, a veth, each time they come', () => {
    for (const medium of ['bridge', 'veth', 'bond'] as const)
      expect(types(added(adapter({ nature: 'virtual', busPath: null, medium })))).toEqual([])
    expect(types(added(adapter({ nature: 'virtual', busPath: null, medium: 'vlan' })))).toEqual([
      'unregistered-network-adapter',
    ])
  })

  it('that is approved or of the baseline is none, whatever carries it', () => {
    const approved = { mac: '02:1a:2b:3c:4d:5e', busPath: null, note: '' }
    expect(types(added(), {}, policy({ approvedInterfaces: [approved] }))).toEqual([])
    expect(types(added(tether, 'baseline'))).toEqual([])
  })

  it('of an agent that tells no conditions is wireless by its link', () => {
    const radio = adapter({ isWireless: true })
    expect(types(added(radio))).toEqual(['unregistered-network-adapter', 'wireless-link-up'])
    expect(types(added({ ...radio, operState: 'down' }))).toEqual(['unregistered-network-adapter'])
    expect(types(added({ ...radio, medium: 'wireless' }))).toEqual(['unregistered-network-adapter'])
  })
})

describe('what was so while nobody looked', () => {
  const unit = policy(
    { network: rules() },
    { interfaces: [{ name: 'eth0', mac: '52:54:00:12:34:56', busPath: '0000:00:03.0' }] },
  )
  it('is another network where a trace is certain and not of the unit’s own', () => {
    expect(types(traces([trace()]), {}, unit)).toEqual(['nonclassified-network-connection'])
    expect(
      judged(traces([trace(), trace({ kind: 'wifi-association', text: 'home', peer: null })]), {}, unit)[0]
        ?.evidence,
    ).toMatchObject({
      interface: null,
      ssid: 'home',
      startedAtMs: 1_000,
      durationMs: 4_000,
      found: { traces: [{ kind: 'dhcp-lease' }, { kind: 'wifi-association' }] },
    })
  })

  it.each([
    ['before enrolment', traces([trace()], 'enrolment')],
    ['only likely', traces([trace({ certainty: 'likely' })])],
    ['of the unit’s own DHCP server', traces([trace({ peer: '10.1.0.67' })])],
    ['of an address in the unit’s networks', traces([trace({ kind: 'remote-login', peer: '10.1.7.7' })])],
    ['without a peer', traces([trace({ peer: null })])],
    ['a profile that was set up', traces([trace({ kind: 'wifi-profile' })])],
    ['a network that was only seen', traces([trace({ kind: 'wifi-seen' })])],
    ['a link of its own that came up', traces([trace({ kind: 'link-up', peer: null })])],
  ])('accuses nobody where it was %s', (_what, fact) => {
    expect(types(fact, {}, unit)).toEqual([])
  })

  it('is judged by public and private where the policy names no network, and by anything on a standalone computer', () => {
    expect(types(traces([trace()]))).toEqual([])
    expect(types(traces([trace({ peer: '8.8.8.8' })]))).toEqual(['nonclassified-network-connection'])
    const alone = policy({ networkMode: 'standalone' })
    expect(types(traces([trace({ kind: 'link-up', peer: null })]), {}, alone)).toHaveLength(1)
    expect(types(traces([trace({ kind: 'remote-login', peer: null })]), {}, alone)).toEqual([])
  })

  const changed = (...differences: FactNamed<'network.changed-while-away'>['differences']): Fact => ({
    kind: 'network.changed-while-away',
    sinceWallMs: 1,
    sinceBootId: 'b0',
    hasRebooted: true,
    differences,
    omitted: 0,
  })
  const one = (
    what: 'mac' | 'address' | 'gateway',
    after: string | null,
    interfaceName: string | null = 'eth0',
  ) => ({
    what,
    interfaceName,
    before: 'x',
    after,
  })
  it('is drift where a known adapter differs from the policy, once for each adapter', () => {
    const drifts = judged(
      changed(
        one('mac', '52:54:00:aa:bb:cc'),
        one('address', '192.168.7.7/24'),
        one('gateway', '10.1.0.254'),
      ),
      {},
      unit,
    )
    expect(drifts).toHaveLength(1)
    expect(drifts[0]?.evidence).toMatchObject({
      interfaceName: 'eth0',
      differences: [
        { field: 'mac', registered: '52:54:00:12:34:56', observed: '52:54:00:aa:bb:cc' },
        { field: 'address', observed: '192.168.7.7/24' },
        { field: 'gateway', registered: '10.1.0.1' },
      ],
    })
  })

  it('is none where it is as the policy has it, went away, or is of an adapter that is judged by itself', () => {
    expect(
      types(
        changed(one('mac', '52:54:00:12:34:56'), one('address', '10.1.3.3/16'), one('gateway', '10.1.0.1')),
        {},
        unit,
      ),
    ).toEqual([])
    expect(types(changed(one('address', 'fe80::1/64'), one('gateway', null)), {}, unit)).toEqual([])
    expect(types(changed(one('mac', '02:00:00:00:00:09', 'usb0')), {}, unit)).toEqual([])
    expect(types(changed(one('gateway', '10.7.7.7')), {}, policy({}, unit.baseline))).toEqual([])
  })
})

describe('control of the network', () => {
  const enforcing = policy({
    modes: { media: 'observe', network: 'enforce', files: 'observe' },
    network: rules(),
  })
  it('that somebody altered is tampering, restored or not', () => {
    const altered: Fact = {
      kind: 'control.tampered',
      group: 'network',
      layer: 'packet-table',
      what: 'rules-flushed',
      detail: null,
      isRestored: true,
      openMs: 140,
    }
    expect(judged(altered)[0]).toMatchObject({
      type: 'agent-tamper',
      evidence: { what: 'control-altered', alteration: 'rules-flushed', isRestored: true, openMs: 140 },
    })
  })

  it('that was released at the computer is tampering where the policy orders it', () => {
    const released = (cause: string): Fact => ({
      kind: 'control.state',
      group: 'network',
      state: 'released',
      cause,
      reason: 'x',
      layers: [],
    })
    expect(judged(released('administrator'), {}, enforcing)[0]?.evidence).toMatchObject({
      what: 'control-released',
      group: 'network',
    })
    expect(types(released('policy'), {}, enforcing)).toEqual([])
    expect(types(released('administrator'))).toEqual([])
  })
})

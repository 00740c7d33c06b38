import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import type { NetworkInterface } from '../events/shapes.ts'
import { HOSTILE_TEXTS } from '../fixtures/hostile-texts.ts'
import type { Flow, Program } from '../network/shapes.ts'
import { type RawText, rawTextOf } from '../raw-text.ts'
import { type EvidenceOf, VIOLATIONS } from '../violations.ts'
import { type Headlined, headline } from './headline.ts'

const where = { level: 'secret', computer: 'JM-0231' } as const
const both = (violation: Headlined): [string, string] => {
  expect([...Compile(VIOLATIONS[violation.id].evidence).Errors(violation.evidence)], violation.id).toEqual([])
  return [headline(violation, 'zh'), headline(violation, 'en')]
}
const isolated = (text: string): string => `\u2068${text}\u2069`

const link = (name: RawText = 'usb0'): NetworkInterface => ({
  index: 7,
  name,
  mac: '02:1a:2b:3c:4d:5e',
  hardwareType: 1,
  nature: 'physical',
  linkKind: null,
  busPath: '1-1:1.0',
  usbPath: '1-1',
  driver: 'rndis_host',
  isWireless: false,
  isAdminUp: true,
  hasCarrier: true,
  operState: 'up',
  addresses: [],
})
const flow = (more: Partial<Flow> = {}): Flow => ({
  act: 'connect',
  pid: 2201,
  family: 'ipv4',
  protocol: 6,
  local: null,
  peer: { address: '8.8.4.4', port: 443 },
  interface: null,
  count: 1,
  refused: 0,
  firstWallMs: 1,
  lastWallMs: 2,
  confidence: 'attempt',
  rule: 'public-address',
  ...more,
})
const program = (name: RawText = 'curl'): Program => ({
  name,
  path: '/usr/bin/curl',
  uid: 1000,
  account: 'user',
  sessionAccount: 'user',
  unit: null,
  container: null,
  isOtherNamespace: false,
})
type Found = NonNullable<EvidenceOf<'internet-connection'>['found']>
const found = (more: Partial<Found> = {}): Found => ({
  condition: null,
  confidence: 'attempt',
  rule: 'public-address',
  outcome: 'detected',
  wouldBlock: true,
  text: null,
  expected: null,
  program: null,
  flows: [],
  traces: [],
  picture: null,
  ...more,
})

const internet = (more: Partial<EvidenceOf<'internet-connection'>> = {}): [string, string] =>
  both({
    ...where,
    id: 'internet-connection',
    evidence: {
      interface: link(),
      gateways: [],
      dnsServers: [],
      peer: { address: '8.8.4.4', port: 443 },
      startedAtMs: 1,
      endedAtMs: null,
      confidence: 'confirmed-reachability',
      found: found({ flows: [flow({ count: 3 })], program: program() }),
      ...more,
    },
  })
const attempt = (more: Partial<EvidenceOf<'external-connection-attempt'>> = {}): [string, string] =>
  both({
    ...where,
    id: 'external-connection-attempt',
    evidence: {
      destination: { address: '2001:4860:4860::8888', port: 53 },
      destinationName: null,
      protocol: 'udp',
      process: { pid: 9, name: 'curl', path: null },
      account: 'user',
      attempts: 4,
      firstAtMs: 1,
      lastAtMs: 2,
      found: found({ outcome: 'blocked', flows: [flow({ count: 4, refused: 4 })] }),
      ...more,
    },
  })

describe('the headline of an Internet connection', () => {
  it('says who answered, how often, by which program and interface, and that it was seen', () => {
    expect(internet()).toEqual([
      `机密计算机 JM-0231 已连通互联网，对端 8.8.4.4:443（3 次），已检测到：${isolated('curl')}，${isolated('usb0')}`,
      `JM-0231 (Secret 机密) reached the Internet: 8.8.4.4:443 answered (3 times); detected: ${isolated('curl')}, ${isolated('usb0')}`,
    ])
  })

  it('does not say that anything answered where only an address is there', () => {
    const [zh, en] = internet({
      confidence: 'link-up',
      peer: null,
      found: found({ condition: 'public-address' }),
    })
    expect(zh).toContain('的网络接口获得公网地址')
    expect(en).toContain('has a public address on an interface')
    expect(`${zh}${en}`).not.toMatch(/连通|answered|reached/)
  })
})

describe('the headline of an attempt', () => {
  it('says to whom, how often and by what, and that it was blocked only where all of it was', () => {
    expect(attempt()).toEqual([
      `机密计算机 JM-0231 尝试外联 [2001:4860:4860::8888]:53（udp，4 次），已阻断：${isolated('curl')}`,
      `JM-0231 (Secret 机密) tried to connect to [2001:4860:4860::8888]:53 (udp, 4 times); blocked: ${isolated('curl')}`,
    ])
    const some = found({ flows: [flow({ count: 4, refused: 1 })] })
    expect(attempt({ found: some })[1]).toContain('; 1 of them blocked')
    expect(attempt({ found: found({ flows: [flow({ count: 4 })] }) })[1]).toContain('; detected')
    expect(attempt({ found: found({ flows: [flow({ count: 4 })] }) })[1]).not.toContain('blocked')
  })

  it('does not say that the computer connected where another connected to it', () => {
    const peer = { address: '10.9.9.9', port: null }
    const accepted = found({ flows: [flow({ act: 'accepted', peer })] })
    const [zh, en] = attempt({ destination: peer, attempts: 1, found: accepted })
    expect(zh).toContain('接受了来自 10.9.9.9 的未批准连接')
    expect(en).toContain('accepted a connection that is not approved from 10.9.9.9')
    expect(`${zh}${en}`).not.toMatch(/尝试外联|tried/)
  })

  it('names how many others there were, and frames that have no peer', () => {
    const others = found({ flows: [flow(), flow({ peer: { address: '1.1.1.1', port: 53 } })] })
    expect(attempt({ found: others })[1]).toContain(' and 1 more ')
    expect(attempt({ destination: null, protocol: 'ethertype 0x88b5' })[1]).toContain(
      'sent frames past the IP layer',
    )
  })
})

describe('the headline of what a network is', () => {
  it('names another network by how it is known', () => {
    const other = (more: Partial<EvidenceOf<'nonclassified-network-connection'>>) =>
      both({
        ...where,
        id: 'nonclassified-network-connection',
        evidence: {
          interface: link(),
          ssid: null,
          prefixes: ['192.168.42.9/24'],
          gatewayMac: null,
          startedAtMs: 1,
          durationMs: null,
          ...more,
        },
      })
    expect(other({ found: found({ condition: 'foreign-network' }) })).toEqual([
      `机密计算机 JM-0231 接入未批准的网络，地址 192.168.42.9/24，已检测到：${isolated('usb0')}`,
      `JM-0231 (Secret 机密) joined a network that is not approved, address 192.168.42.9/24; detected: ${isolated('usb0')}`,
    ])
    const gateway = { condition: 'unapproved-gateway', text: '192.168.42.1' } as const
    expect(other({ found: found(gateway) })).toEqual([
      `机密计算机 JM-0231 使用未批准的网关（192.168.42.1），已检测到：${isolated('usb0')}`,
      `JM-0231 (Secret 机密) uses a gateway that is not approved (192.168.42.1); detected: ${isolated('usb0')}`,
    ])
    expect(other({ found: found({ ...gateway, text: '\u202e\n' }) })[1]).toContain('not approved; detected')
    const traces = [
      {
        kind: 'wifi-association',
        source: 'systemd-journal',
        path: null,
        text: 'home',
        interfaceName: null,
        peer: null,
        firstWallMs: 1,
        lastWallMs: 2,
        certainty: 'certain',
      } as const,
    ]
    expect(other({ interface: null, ssid: 'home', prefixes: [], found: found({ traces }) })[1]).toBe(
      `JM-0231 (Secret 机密) was connected to another network while it was not watched (1 trace in its own records): ${isolated('home')}`,
    )
    expect(other({})[0]).toContain('接入非涉密网络')
  })

  it('says two networks, a wireless network, sharing, and what differs from the register', () => {
    expect(
      both({
        ...where,
        id: 'dual-homing',
        evidence: {
          interfaces: [link('eth0'), link()],
          routes: [],
          overlapMs: null,
          found: found({ condition: 'second-default-route' }),
        },
      }),
    ).toEqual([
      `机密计算机 JM-0231 同时存在两条默认路由，已检测到：${isolated('eth0')}，${isolated('usb0')}`,
      `JM-0231 (Secret 机密) has two default routes at once; detected: ${isolated('eth0')}, ${isolated('usb0')}`,
    ])
    expect(
      both({
        ...where,
        id: 'wireless-link-up',
        evidence: {
          interface: link('wlan0'),
          ssid: 'guest',
          bssid: '02:00:00:00:01:00',
          associatedAtMs: 1,
          found: found({ outcome: 'blocked' }),
        },
      })[1],
    ).toBe(
      `JM-0231 (Secret 机密) is associated with a wireless network (access point 02:00:00:00:01:00); blocked: ${isolated('guest')}, ${isolated('wlan0')}`,
    )
    const sharing = (more: Partial<EvidenceOf<'connection-sharing'>>) =>
      both({
        ...where,
        id: 'connection-sharing',
        evidence: { service: 'forwarding', interface: null, process: null, port: null, clients: [], ...more },
      })
    expect(sharing({ service: 'hotspot', clients: ['02:00:00:00:00:01'] })[1]).toBe(
      'JM-0231 (Secret 机密) is a wireless access point, 1 client',
    )
    expect(sharing({ service: 'proxy', port: 3128, process: { pid: 1, name: 'squid', path: null } })[0]).toBe(
      `机密计算机 JM-0231 有代理服务在监听（端口 3128）：${isolated('squid')}`,
    )
    expect(sharing({ found: found({ flows: [flow({ act: 'forwarded', count: 9 })] }) })[1]).toContain(
      'passed on 9 packets of others',
    )
    expect(sharing({ found: found({ condition: 'address-translation', text: 'masquerade' }) })[1]).toContain(
      'translates addresses for others',
    )
    expect(
      both({
        ...where,
        id: 'network-config-drift',
        evidence: {
          interfaceName: 'eth0',
          differences: [{ field: 'mac', registered: '52:54:00:12:34:56', observed: '52:54:00:aa:bb:cc' }],
          account: null,
        },
      }),
    ).toEqual([
      `机密计算机 JM-0231 的MAC 地址（登记 52:54:00:12:34:56，实际 52:54:00:aa:bb:cc）与登记不符：${isolated('eth0')}`,
      `The MAC address (registered 52:54:00:12:34:56, found 52:54:00:aa:bb:cc) of JM-0231 (Secret 机密) differs from the register: ${isolated('eth0')}`,
    ])
  })

  it('says of a name server that only stands in a file that it is not the registered one', () => {
    const differences = [{ field: 'dns' as const, registered: '10.1.0.53', observed: '8.8.8.8' }]
    const evidence = { interfaceName: '', differences, account: null, found: found({ flows: [] }) }
    const [zh, en] = both({ ...where, id: 'network-config-drift', evidence })
    expect(zh).toContain('机密计算机 JM-0231 的域名服务器（登记 10.1.0.53，实际 8.8.8.8）与登记不符')
    expect(en).toContain(
      'The name server (registered 10.1.0.53, found 8.8.8.8) of JM-0231 (Secret 机密) differs',
    )
  })

  it('names the interface of a modem or a phone where no device is known', () => {
    const bus = { busPath: null, vendorId: null, productId: null, serial: null, model: null }
    const modem = both({
      ...where,
      id: 'modem-or-cellular-dialup',
      evidence: {
        device: bus,
        interface: link('ppp0'),
        link: 'ppp',
        logLines: [],
        startedAtMs: 1,
        endedAtMs: null,
        found: found(),
      },
    })
    expect(modem[1]).toBe(
      `A dial-up (PPP) interface is on JM-0231 (Secret 机密); detected: ${isolated('ppp0')}`,
    )
    const phone = both({
      ...where,
      id: 'phone-tethering',
      evidence: {
        vendorId: null,
        productId: null,
        product: null,
        function: 'rndis',
        interface: link(),
        durationMs: null,
      },
    })
    expect(phone[1]).toBe(`A phone offered its network to JM-0231 (Secret 机密): ${isolated('usb0')}`)
  })
})

describe('the headline of hardware', () => {
  const device = { busPath: '1-6', vendorId: '8087', productId: '0029', serial: null, model: 'AX200' }
  it('says what is on, by its own name', () => {
    const hardware = {
      kind: 'wifi',
      bus: 'pci',
      busPath: '0000:02:00.0',
      usbPath: null,
      vendorId: '8086',
      productId: '2723',
      model: 'AX200',
      driver: 'iwlwifi',
      state: 'on',
      detail: null,
      names: [],
    } as const
    expect(
      both({
        ...where,
        id: 'wireless-hardware-present',
        evidence: { device, isEnabled: true, hardware: { ...hardware, names: [] } },
      }),
    ).toEqual([
      `机密计算机 JM-0231 装有无线网卡且处于启用状态：${isolated('AX200')}`,
      `JM-0231 (Secret 机密) has a wireless adapter, and it is on: ${isolated('AX200')}`,
    ])
    expect(
      both({ ...where, id: 'bluetooth-enabled', evidence: { device, isPowered: true, pairedNames: [] } })[1],
    ).toBe(`Bluetooth is on at JM-0231 (Secret 机密): ${isolated('AX200')}`)
    expect(
      both({
        ...where,
        id: 'av-device-enabled',
        evidence: {
          device: { ...device, model: null },
          function: 'microphone',
          isEnabled: true,
          lastUsedAtMs: null,
        },
      }),
    ).toEqual([
      `机密计算机 JM-0231 的麦克风处于启用状态：${isolated('8087:0029')}`,
      `A microphone is enabled on JM-0231 (Secret 机密): ${isolated('8087:0029')}`,
    ])
  })
})

describe('the headline of tampering', () => {
  const tamper = (more: Partial<EvidenceOf<'agent-tamper'>>) =>
    both({
      ...where,
      id: 'agent-tamper',
      evidence: {
        what: 'control-altered',
        group: 'network',
        layer: 'packet-table',
        alteration: 'rules-flushed',
        isRestored: true,
        openMs: 2_000,
        path: null,
        expectedHash: null,
        observedHash: null,
        serviceState: null,
        account: null,
        ...more,
      },
    })
  it('says which layer, how, for how long, and whether it stands again', () => {
    expect(tamper({})).toEqual([
      '机密计算机 JM-0231 的数据包规则表被清空，失效 2 秒，已恢复',
      'On JM-0231 (Secret 机密), the packet table was flushed, open for 2 seconds; put back',
    ])
    expect(tamper({ layer: 'x', alteration: 'y', isRestored: false, openMs: null })[1]).toBe(
      'On JM-0231 (Secret 机密), network control was altered; it could not be put back',
    )
    expect(tamper({ what: 'control-released' })[1]).toContain('Network control was released')
    expect(tamper({ what: 'control-released', group: 'media' })[0]).toContain('介质管控在本机被解除')
  })
})

describe('names that a network or a program chose', () => {
  it.each(HOSTILE_TEXTS)('leave one harmless line: $name', ({ bytes }) => {
    const name = rawTextOf(bytes)
    const texts = [
      ...internet({
        interface: link(name),
        found: found({ program: program(name) }),
        peer: { address: '\u202e8.8', port: 1 },
      }),
      ...attempt({ process: { pid: 1, name, path: null }, protocol: '\u0007' }),
      ...both({
        ...where,
        id: 'wireless-link-up',
        evidence: { interface: link(name), ssid: name, bssid: null, associatedAtMs: 1 },
      }),
      ...both({
        ...where,
        id: 'network-config-drift',
        evidence: {
          interfaceName: name,
          differences: [{ field: 'gateway', registered: '\u2028', observed: '\u0000' }],
          account: null,
        },
      }),
    ]
    for (const text of texts) {
      expect(text.replaceAll(/[\u2068\u2069]/g, '')).not.toMatch(
        /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
      )
    }
  })
})

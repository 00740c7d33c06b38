import type { NetworkInterface, Route } from '@shoukou/protocol'
import { LIMITS } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { busPlaceOf, interfaceKey } from './interface-place.ts'
import { applyMessages, diffInterfaces, type InterfaceDetails, tableOf } from './interface-state.ts'
import type { AddressMessage, LinkMessage, RouteMessage } from './net-messages.ts'
import { parseIpv4Routes, parseIpv6Routes } from './parse-proc-routes.ts'
import { applyRoutes, diffRoutes, routeFacts, routeTableOf } from './routes.ts'

const details: InterfaceDetails = {
  nature: 'physical',
  busPath: '0000:00:03.0',
  usbPath: null,
  driver: 'e1000e',
  isWireless: false,
  deviceType: null,
  usb: null,
  isRead: true,
}
const UP = 0x1
const LOWER_UP = 0x10000
const link = (more: Partial<LinkMessage> = {}): LinkMessage => ({
  kind: 'link',
  isRemoval: false,
  index: 2,
  name: Buffer.from('eth0'),
  mac: '02:00:00:00:00:01',
  permanentMac: null,
  hardwareType: 1,
  flags: 0,
  operState: 2,
  linkKind: null,
  lowerIndex: null,
  masterIndex: null,
  parentName: null,
  parentBus: null,
  ...more,
})
const address = (text: string, isRemoval = false): AddressMessage => ({
  kind: 'address',
  isRemoval,
  index: 2,
  family: 'ipv4',
  address: text,
  prefixLength: 24,
  scope: 'global',
})
const table = (...links: LinkMessage[]): Map<number, NetworkInterface> => tableOf(links, [], () => details)

describe('between two snapshots', () => {
  it('a rename is one change, not removed plus added', () => {
    const changes = diffInterfaces(table(link()), table(link({ name: Buffer.from('enp3s0') })))
    expect(changes.map((change) => change.kind)).toEqual(['changed'])
  })

  it('flags without effect are no change', () => {
    const PROMISC_AND_MULTICAST = 0x100 | 0x1000
    expect(diffInterfaces(table(link()), table(link({ flags: PROMISC_AND_MULTICAST })))).toEqual([])
  })

  it('the order of addresses is no change', () => {
    const [a, b] = [address('192.0.2.1'), address('192.0.2.2')]
    const left = tableOf([link()], [a, b], () => details)
    const right = tableOf([link()], [b, a], () => details)
    expect(diffInterfaces(left, right)).toEqual([])
  })

  it('another interface at the same name is one removed and one added', () => {
    const changes = diffInterfaces(table(link()), table(link({ index: 3 })))
    expect(changes.map((change) => change.kind)).toEqual(['removed', 'added'])
  })
})

describe('played message by message', () => {
  const play = (messages: readonly (LinkMessage | AddressMessage)[]) => {
    const after = table(link())
    return { table: after, changes: applyMessages(after, messages, () => details) }
  }

  it('a cable that was in for a moment is told with both of its states', () => {
    const { changes } = play([link({ flags: UP | LOWER_UP, operState: 6 }), link()])
    expect(changes.map((change) => change.kind === 'changed' && change.after.hasCarrier)).toEqual([
      true,
      false,
    ])
  })

  it('an address that was there for a moment is told', () => {
    const { changes, table: after } = play([address('192.0.2.9'), address('192.0.2.9', true)])
    expect(changes.map((change) => change.kind === 'changed' && change.after.addresses.length)).toEqual([
      1, 0,
    ])
    expect(diffInterfaces(table(link()), after)).toEqual([])
  })

  it('a message that says nothing new is no change, and one that leaves something out changes nothing of it', () => {
    expect(play([link(), link()]).changes).toEqual([])
    expect(play([link({ mac: null, name: null, operState: null })]).changes).toEqual([])
  })

  it('an interface that came and went is told as added and removed', () => {
    const changes = applyMessages(new Map(), [link(), link({ isRemoval: true })], () => ({
      ...details,
      isRead: false,
    }))
    expect(changes).toMatchObject([{ kind: 'added', isRead: false }, { kind: 'removed' }])
  })
})

describe('routes', () => {
  const message = (more: Partial<RouteMessage> = {}): RouteMessage => ({
    kind: 'route',
    isRemoval: false,
    family: 'ipv4',
    destination: '0.0.0.0',
    prefixLength: 0,
    gateway: '192.0.2.254',
    index: 2,
    table: 254,
    metric: null,
    ...more,
  })

  it('are told by interface name as well as index', () => {
    const routes = routeTableOf([message()], table(link()))
    expect([...routes.values()][0]).toMatchObject({ interfaceIndex: 2, interfaceName: 'eth0' })
  })

  it('that stood for a moment are told', () => {
    const after = new Map<string, Route>()
    const changes = applyRoutes(after, [message(), message({ isRemoval: true })], table(link()))
    expect(changes.map(({ added, removed }) => [added.length, removed.length])).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(diffRoutes(new Map(), after)).toEqual({ added: [], removed: [] })
  })

  it('fit one fact up to its limit, and go on in the next beyond it', () => {
    const many = (count: number): Route[] =>
      Array.from({ length: count }, (_, index) => ({
        family: 'ipv4',
        destination: `10.${index >> 8}.${index & 255}.0`,
        prefixLength: 24,
        gateway: null,
        interfaceIndex: 2,
        interfaceName: 'eth0',
        table: 254,
        metric: null,
      }))
    const max = LIMITS.routesPerFactMax
    const sizes = (count: number) =>
      routeFacts({ added: many(count), removed: [] }, 'appeared').map((fact) => [
        fact.added.length,
        fact.continues,
      ])
    expect(sizes(max)).toEqual([[max, false]])
    expect(sizes(max + 1)).toEqual([
      [max, true],
      [1, false],
    ])
    expect(sizes(0)).toEqual([])
  })

  it('are read from /proc/net too, where there is no rtnetlink', () => {
    const ipv4 =
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n' +
      'eth0\t00000000\t010200C0\t0003\t0\t0\t50\t00000000\t0\t0\t0\n' +
      'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'
    expect(parseIpv4Routes(ipv4, () => 2)).toEqual([
      message({ gateway: '192.0.2.1', metric: 50 }),
      message({ destination: '192.0.2.0', prefixLength: 24, gateway: null }),
    ])
    const ipv6 =
      'fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n' +
      '00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001       lo\n' +
      'ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000003 00000000 00000001     eth0\n'
    expect(parseIpv6Routes(ipv6, () => 2)).toMatchObject([
      { destination: 'fe80::', prefixLength: 64, metric: 256 },
    ])
  })
})

describe('the place of an interface', () => {
  it.each([
    ['/sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0', { busPath: '0000:02:00.0', usbPath: null }],
    [
      '/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.2/1-1.2:2.0',
      { busPath: '1-1.2:2.0', usbPath: '1-1.2' },
    ],
    ['/sys/devices/pci0000:00/0000:00:03.0/virtio1', { busPath: '0000:00:03.0', usbPath: null }],
    ['/sys/devices/platform/soc/fe300000.ethernet', { busPath: 'fe300000.ethernet', usbPath: null }],
  ])('%s', (path, place) => {
    expect(busPlaceOf(path)).toEqual(place)
  })

  it('and its address make the key of a real adapter, the name that of a virtual one', () => {
    const real = { name: 'eth0', mac: '02:00:00:00:00:01', busPath: '0000:00:03.0' }
    expect(interfaceKey(real)).toBe(interfaceKey({ ...real, name: 'enp0s3' }))
    expect(interfaceKey(real)).not.toBe(interfaceKey({ ...real, mac: '02:00:00:00:00:02' }))
    const virtual = { name: 'veth0', mac: '02:00:00:00:00:01', busPath: null }
    expect(interfaceKey(virtual)).toBe(interfaceKey({ ...virtual, mac: '02:00:00:00:00:02' }))
  })
})

import { LIMITS, type Picture, type Sharing, type WirelessState } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { diffPictures } from './diff-pictures.ts'
import { listsMax } from './order-picture.ts'
import { isPictureNews } from './picture-matters.ts'
import { eth0, samplePicture, usb0 } from './testing/sample-picture.ts'

const differences = (before: Picture, after: Picture): unknown[] => [
  ...diffPictures(before, after).differences,
]
const [defaultRoute, ownRoute] = samplePicture.routes
const [gateway, colleague] = samplePicture.neighbours
const [lease] = samplePicture.leases
if (!defaultRoute || !ownRoute || !gateway || !colleague || !lease) throw new Error('the sample is not whole')

it('finds nothing between a picture and itself, and that is no news', () => {
  expect(diffPictures(samplePicture, samplePicture)).toEqual({ differences: [], omitted: 0 })
  expect(isPictureNews(samplePicture, samplePicture)).toBe(false)
})

it('tells of a phone that was plugged in while nobody looked: interface, address, hardware address, route, gateway', () => {
  const route = {
    ...defaultRoute,
    gateway: '192.168.42.1',
    interfaceIndex: 7,
    interfaceName: 'usb0',
    metric: 20,
  }
  const after = {
    ...samplePicture,
    interfaces: [eth0, usb0],
    routes: [route, ...samplePicture.routes],
    neighbours: [
      ...samplePicture.neighbours,
      { ...gateway, address: '192.168.42.1', mac: '02:bb:bb:bb:bb:01', interfaceIndex: 7 },
    ],
  }
  expect(differences(samplePicture, after)).toEqual([
    {
      what: 'interface',
      interfaceName: 'usb0',
      before: null,
      after: 'usb0: usb-tether, rndis_host, usb 1-1.2, up, carrier',
    },
    { what: 'address', interfaceName: 'usb0', before: null, after: '192.168.42.129/24' },
    { what: 'mac', interfaceName: 'usb0', before: null, after: 'da:00:00:00:00:07' },
    { what: 'route', interfaceName: 'usb0', before: null, after: 'default (ipv4) via 192.168.42.1' },
    { what: 'gateway', interfaceName: 'usb0', before: null, after: '192.168.42.1 at 02:bb:bb:bb:bb:01' },
  ])
  expect(differences(after, samplePicture)).toHaveLength(5)
  expect(isPictureNews(samplePicture, after)).toBe(true)
})

it('tells one change of what stayed: the hardware address, the link, the gateway behind its address', () => {
  const after = {
    ...samplePicture,
    interfaces: [{ ...eth0, mac: '52:54:00:ff:ff:ff', hasCarrier: false }],
    neighbours: [{ ...gateway, mac: '02:ee:ee:ee:ee:ee' }, colleague],
  }
  expect(differences(samplePicture, after)).toEqual([
    {
      what: 'interface',
      interfaceName: 'eth0',
      before: 'eth0: wired, e1000e, 0000:00:03.0, up, carrier',
      after: 'eth0: wired, e1000e, 0000:00:03.0, up, no carrier',
    },
    { what: 'mac', interfaceName: 'eth0', before: '52:54:00:00:00:01', after: '52:54:00:ff:ff:ff' },
    {
      what: 'gateway',
      interfaceName: 'eth0',
      before: '10.1.0.1 at 02:aa:aa:aa:aa:01',
      after: '10.1.0.1 at 02:ee:ee:ee:ee:ee',
    },
  ])
})

it('takes an interface for the same where only its index is another after a start', () => {
  const moved = { ...eth0, index: 9 }
  const after = {
    ...samplePicture,
    interfaces: [moved],
    routes: samplePicture.routes.map((route) => ({ ...route, interfaceIndex: 9 })),
    neighbours: samplePicture.neighbours.map((one) => ({ ...one, interfaceIndex: 9 })),
  }
  expect(differences(samplePicture, after)).toEqual([])
})

it('does not tell of what changes by itself: other neighbours, times of leases, sockets, who is signed in', () => {
  const after: Picture = {
    ...samplePicture,
    neighbours: [
      { ...gateway, state: 'reachable' },
      { ...colleague, address: '10.1.0.77' },
    ],
    leases: [
      { ...lease, obtainedAtMs: 9_000_000, expiresAtMs: 12_600_000, source: '/run/systemd/netif/leases/9' },
    ],
    sockets: [
      { protocol: 6, family: 'ipv4', state: 'listen', local: null, peer: null, pid: 1, uid: 0, program: 'x' },
    ],
    sessionAccount: null,
    unread: ['sockets', 'socket-owners'],
    omitted: 40,
  }
  expect(differences(samplePicture, after)).toEqual([])
  expect(isPictureNews(samplePicture, after)).toBe(false)
})

it('takes a gateway that answered for the first time for news, and one that was forgotten for none', () => {
  const forgotten = { ...samplePicture, neighbours: [{ ...gateway, mac: null, state: 'failed' }] }
  expect(isPictureNews(samplePicture, forgotten)).toBe(false)
  expect(isPictureNews(forgotten, samplePicture)).toBe(true)
  expect(differences(forgotten, samplePicture)).toEqual([])
})

it('tells of rules, leases, name servers, wireless and sharing', () => {
  const wireless: WirelessState = {
    interfaceName: 'wlan0',
    interfaceIndex: 3,
    mode: 'station',
    isAssociated: true,
    ssid: { b64: '/wE=' },
    bssid: '02:00:00:00:00:00',
    frequencyMhz: 2_437,
    stations: [],
  }
  const proxy: Sharing = {
    service: 'proxy',
    detail: 'usual-port tcp 0.0.0.0:3128',
    port: 3_128,
    pid: 9,
    program: null,
  }
  const after: Picture = {
    ...samplePicture,
    rules: [{ family: 'ipv4', priority: 100, text: 'from all to 10.9.0.0/16 lookup 77', table: 77 }],
    leases: [{ ...lease, server: '10.1.0.66' }],
    dnsServers: ['8.8.8.8'],
    wireless: [wireless],
    sharing: [
      { ...proxy, service: 'forwarding-ipv4', detail: 'net.ipv4.ip_forward=1', port: null, pid: null },
      proxy,
    ],
  }
  expect(differences(samplePicture, after)).toEqual([
    { what: 'rule', interfaceName: null, before: null, after: 'ipv4 100: from all to 10.9.0.0/16 lookup 77' },
    {
      what: 'lease',
      interfaceName: 'eth0',
      before: '10.1.0.44; from 10.1.0.2; routers 10.1.0.1; dns 10.1.0.2',
      after: '10.1.0.44; from 10.1.0.66; routers 10.1.0.1; dns 10.1.0.2',
    },
    { what: 'dns', interfaceName: null, before: '10.1.0.2', after: null },
    { what: 'dns', interfaceName: null, before: null, after: '8.8.8.8' },
    {
      what: 'wireless',
      interfaceName: 'wlan0',
      before: null,
      after: {
        b64: Buffer.from('station, associated, ssid \xff\x01, bssid 02:00:00:00:00:00', 'latin1').toString(
          'base64',
        ),
      },
    },
    { what: 'sharing', interfaceName: null, before: null, after: 'forwarding-ipv4: net.ipv4.ip_forward=1' },
    { what: 'sharing', interfaceName: null, before: null, after: 'proxy: usual-port tcp 0.0.0.0:3128' },
  ])
  const restarted = { ...after, sharing: after.sharing.map((one) => ({ ...one, pid: 4_711 })) }
  expect(differences(after, restarted)).toEqual([])
})

it('tells that the connections of others began to be translated, and not that the last of them ended', () => {
  const flow: Sharing = {
    service: 'address-translation',
    detail: 'conntrack: from 192.168.42.10',
    port: null,
    pid: null,
    program: null,
  }
  const translating = { ...samplePicture, sharing: [flow] }
  expect(differences(samplePicture, translating)).toMatchObject([{ what: 'sharing', before: null }])
  expect(differences(translating, samplePicture)).toEqual([])
  const rule = { ...flow, detail: 'ip nat post: masquerade' }
  expect(differences({ ...samplePicture, sharing: [rule] }, samplePicture)).toHaveLength(1)
})

it('does not compare what one of the two could not read, and tells that it could not as news', () => {
  const after = { ...samplePicture, leases: [], dnsServers: [], unread: ['dns', 'leases'] }
  expect(differences(samplePicture, after)).toEqual([])
  expect(isPictureNews(samplePicture, after)).toBe(true)
  expect(isPictureNews(after, { ...after, unread: ['leases', 'dns'] })).toBe(false)
})

it('does not take for gone what a full list had no room for', () => {
  const many = Array.from({ length: listsMax.routes }, (_, index) => ({
    ...ownRoute,
    destination: `10.2.${index}.0`,
  }))
  const full = { ...samplePicture, routes: many, omitted: 1 }
  const what = differences(samplePicture, full).map((one) => (one as { before: unknown }).before)
  expect(what.every((before) => before === null)).toBe(true)
  expect(differences({ ...full, omitted: 0 }, samplePicture)).not.toEqual([])
})

it('cuts at the limit of one fact and counts the rest', () => {
  const dnsServers = Array.from(
    { length: LIMITS.differencesPerFactMax + 9 },
    (_, index) => `2001:db8::${index}`,
  )
  const told = diffPictures({ ...samplePicture, dnsServers: [] }, { ...samplePicture, dnsServers })
  expect([told.differences.length, told.omitted]).toEqual([LIMITS.differencesPerFactMax, 9])
})

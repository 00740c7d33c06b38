import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Picture, PictureSchema } from '@shoukou/protocol'
import { Value } from 'typebox/value'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { needRoot } from '../../testing/recording-context.ts'
import type { PictureTables } from '../picture-tables.ts'
import { readPicture } from './read-picture-linux.ts'
import { eth0, samplePicture, usb0 } from './testing/sample-picture.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'picture-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (path: string | Buffer, text: string | Buffer): void => {
  const place = Buffer.concat([Buffer.from(root), Buffer.from(path)])
  mkdirSync(dirname(place.toString('latin1')), { recursive: true })
  writeFileSync(place, text)
  utimesSync(place, 1_000, 1_000)
}
const tables: PictureTables = { ...samplePicture, interfaces: [eth0, usb0], unread: ['rules'] }
const nowWallMs = 2_000_000
const head = '  sl  local_address rem_address\n'
const socketTables = (): void => {
  for (const table of ['tcp', 'udp', 'raw', 'packet']) write(`/proc/net/${table}`, head)
}

it('reads an empty computer as an empty picture in which only the socket tables are missing', async () => {
  const picture = await readPicture(tables, { root, nowWallMs })
  expect(Value.Check(PictureSchema, picture)).toBe(true)
  expect(picture).toMatchObject({
    leases: [],
    dnsServers: [],
    wireless: [],
    sharing: [],
    sockets: [],
    sessionAccount: null,
  })
  expect(picture.interfaces.map(({ name }) => name)).toEqual(['eth0', 'usb0'])
  expect([...picture.unread].sort()).toEqual(['rules', 'sockets'])
})

it('reads leases of every client, each with its interface, and none that has run out', async () => {
  socketTables()
  const pairs = (address: string, lifetime: number): string => `ADDRESS=${address}\nLIFETIME=${lifetime}\n`
  write('/run/systemd/netif/leases/2', pairs('10.1.0.44', 3_600))
  write('/run/systemd/netif/leases/99', pairs('10.1.0.45', 10))
  const id = '0f8fad5b-d9cb-469f-a165-70867728950e'
  write(`/var/lib/NetworkManager/internal-${id}-usb0.lease`, pairs('192.168.42.129', 7_200))
  write(`/var/lib/NetworkManager/internal-${id}-wlan0.lease`, pairs('172.20.10.2', 7_200))
  write('/var/lib/NetworkManager/secret_key', 'ADDRESS=6.6.6.6\n')
  write(
    '/var/lib/dhcp/dhclient.leases',
    'lease {\n  interface "eth1";\n  fixed-address 10.9.0.4;\n  expire never;\n}\n',
  )
  const packet = Buffer.alloc(250)
  packet[0] = 2
  packet.set([10, 8, 0, 4], 16)
  packet.set([0x63, 0x82, 0x53, 0x63, 255], 236)
  write(Buffer.from('/var/lib/dhcpcd/usb0-Caf\xe9.lease', 'latin1'), packet)
  const { leases } = await readPicture(tables, { root, nowWallMs })
  const seen = new Map(leases.map(({ address, interfaceName, source }) => [address, [interfaceName, source]]))
  expect(seen).toEqual(
    new Map([
      ['10.1.0.44', ['eth0', '/run/systemd/netif/leases/2']],
      ['10.9.0.4', ['eth1', '/var/lib/dhcp/dhclient.leases']],
      ['192.168.42.129', ['usb0', `/var/lib/NetworkManager/internal-${id}-usb0.lease`]],
      ['172.20.10.2', ['wlan0', `/var/lib/NetworkManager/internal-${id}-wlan0.lease`]],
    ]),
  )
  expect(leases.find(({ interfaceName }) => interfaceName === 'eth0')).toMatchObject({
    obtainedAtMs: 1_000_000,
    expiresAtMs: 4_600_000,
  })
})

it('names the servers behind the stub of systemd-resolved', async () => {
  socketTables()
  write('/run/systemd/resolve/stub-resolv.conf', 'nameserver 127.0.0.53\n')
  write('/run/systemd/resolve/resolv.conf', 'nameserver 114.114.114.114\nnameserver 10.1.0.2\n')
  mkdirSync(`${root}/etc`)
  symlinkSync(`${root}/run/systemd/resolve/stub-resolv.conf`, `${root}/etc/resolv.conf`)
  expect((await readPicture(tables, { root })).dnsServers).toEqual(['114.114.114.114', '10.1.0.2'])
})

it('tells of forwarding by the switch that does it, not by one that does nothing', async () => {
  socketTables()
  write('/proc/sys/net/ipv4/ip_forward', '0\n')
  write('/proc/sys/net/ipv4/conf/all/forwarding', '0\n')
  write('/proc/sys/net/ipv4/conf/default/forwarding', '1\n')
  write('/proc/sys/net/ipv4/conf/usb0/forwarding', '1\n')
  write('/proc/sys/net/ipv4/conf/eth0/forwarding', '0\n')
  write('/proc/sys/net/ipv6/conf/all/forwarding', '0\n')
  write('/proc/sys/net/ipv6/conf/eth0/forwarding', '1\n')
  write('/proc/sys/net/ipv6/conf/usb0/force_forwarding', '1\n')
  const told = async (): Promise<unknown[]> =>
    (await readPicture(tables, { root })).sharing.map(({ service, detail }) => [service, detail])
  expect(await told()).toEqual([
    ['forwarding-ipv4', 'net.ipv4.conf.usb0.forwarding=1'],
    ['forwarding-ipv6', 'net.ipv6.conf.usb0.force_forwarding=1'],
  ])
  write('/proc/sys/net/ipv4/ip_forward', '1\n')
  write('/proc/sys/net/ipv6/conf/all/forwarding', '1\n')
  expect(await told()).toEqual([
    ['forwarding-ipv4', 'net.ipv4.ip_forward=1'],
    ['forwarding-ipv6', 'net.ipv6.conf.all.forwarding=1'],
  ])
})

it('names a proxy with all that /proc knows of its program', async () => {
  socketTables()
  const line = (port: string, address: string, inode: number): string =>
    `   0: ${address}:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0 0 10 0\n`
  // 10.1.0.44:3128, and 127.0.0.1:1080, which nobody else can speak to.
  write('/proc/net/tcp', head + line('0C38', '2C00010A', 501) + line('0438', '0100007F', 502))
  write('/proc/77/comm', 'squid\n')
  write('/proc/77/cgroup', '0::/system.slice/squid.service\n')
  write('/proc/77/loginuid', '1000\n')
  write('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nzhang:x:1000:1000::/home/zhang:/bin/sh\n')
  mkdirSync(`${root}/proc/77/fd`)
  symlinkSync('socket:[501]', `${root}/proc/77/fd/4`)
  symlinkSync('/usr/sbin/squid', `${root}/proc/77/exe`)
  const { sharing, sockets } = await readPicture(tables, { root, withSockets: false })
  expect(sockets).toEqual([])
  expect(sharing).toEqual([
    {
      service: 'proxy',
      detail: 'known-program tcp 10.1.0.44:3128',
      port: 3_128,
      pid: 77,
      program: {
        name: 'squid',
        path: '/usr/sbin/squid',
        uid: 1_000,
        account: 'zhang',
        sessionAccount: 'zhang',
        unit: 'squid.service',
        container: null,
        isOtherNamespace: null,
      },
    },
  ])
})

it('names who is signed in', async () => {
  socketTables()
  write('/run/systemd/sessions/3', 'UID=1000\nUSER=zhang\nACTIVE=1\nREMOTE=0\nCLASS=user\nTYPE=x11\n')
  expect((await readPicture(tables, { root })).sessionAccount).toBe('zhang')
})

it('names a part that is there and cannot be read, and goes on with the others', async () => {
  socketTables()
  // Neither a file nor absent: whoever reads is refused, root too.
  mkdirSync(`${root}/etc/resolv.conf`, { recursive: true })
  symlinkSync('loop', `${root}/run`)
  symlinkSync('run', `${root}/loop`)
  write('/proc/sys/net/ipv4/ip_forward', '1\n')
  const picture = await readPicture(tables, { root })
  expect([...picture.unread].sort()).toEqual(['dns', 'leases', 'rules'])
  expect(picture.sharing).toHaveLength(1)
})

it('says that wireless could not be read where an interface is wireless and the kernel tells nothing of it', async () => {
  const silent = { ...eth0, index: 2_000_000_000, name: 'wlan9', isWireless: true }
  expect((await readPicture({ ...tables, interfaces: [silent] })).unread).toContain('wireless')
  expect((await readPicture({ ...tables, interfaces: [eth0] })).unread).not.toContain('wireless')
})

it('sees in a real kernel what others share: rules of nftables but its own, forwarding, a proxy', () => {
  needRoot()
  const script = join(import.meta.dirname, 'testing/picture-in-namespace.ts')
  const output = execFileSync('unshare', ['-n', process.execPath, script], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  const told = JSON.parse(output) as { pid: number; withSockets: Picture; without: Picture }
  expect(Value.Check(PictureSchema, told.withSockets)).toBe(true)
  const { sharing, sockets, unread } = told.withSockets
  expect(sharing.map(({ service, detail }) => [service, detail])).toEqual([
    ['forwarding-ipv4', 'net.ipv4.conf.v0.forwarding=1'],
    ['forwarding-ipv6', 'net.ipv6.conf.all.forwarding=1'],
    ['proxy', 'known-program tcp 0.0.0.0:9999'],
    ['address-translation', 'ip other post: masquerade'],
    ['address-translation', 'ip other pre: dnat to 10.1.2.3'],
  ])
  expect(sharing[2]).toMatchObject({
    pid: told.pid,
    program: { name: 'squid', path: process.execPath, uid: 0, isOtherNamespace: false },
  })
  expect(sockets.map(({ local, pid }) => [local?.address, local?.port, pid])).toEqual([
    ['0.0.0.0', 9_999, told.pid],
    ['127.0.0.1', 3_128, told.pid],
  ])
  expect(unread).toEqual([])
  expect(told.without).toEqual({ ...told.withSockets, sockets: [] })
})

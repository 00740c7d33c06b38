import { expect, it } from 'vitest'
import { type LeaseFound, leaseFrom, newestLeases } from './lease-found.ts'
import { parseDhclientLeases } from './parse-dhclient-leases.ts'
import { parseDhcpPacket } from './parse-dhcp-packet.ts'
import { parseLeasePairs } from './parse-lease-pairs.ts'

const networkd = `# This is private data. Do not parse.
ADDRESS=10.1.0.44
NETMASK=255.255.255.0
ROUTER=10.1.0.1
SERVER_ADDRESS=10.1.0.2
NEXT_SERVER=0.0.0.0
T1=1800
T2=3150
LIFETIME=3600
DNS=10.1.0.2 10.1.0.3
DOMAINNAME=unit.example
CLIENTID=ff2b4e0b1300020000ab11
`

it('reads what systemd-networkd keeps: the file tells how long, its time since when', () => {
  expect(parseLeasePairs(networkd, 1_000_000)).toEqual({
    interfaceName: null,
    address: '10.1.0.44',
    server: '10.1.0.2',
    routers: ['10.1.0.1'],
    dnsServers: ['10.1.0.2', '10.1.0.3'],
    obtainedAtMs: 1_000_000,
    expiresAtMs: 4_600_000,
  })
})

it('says null of what the file does not tell, as NetworkManager writes it, and of a lease for ever', () => {
  const lease = parseLeasePairs('# This is private data. Do not parse.\nADDRESS=192.168.5.7\n', 5)
  expect(lease).toMatchObject({
    address: '192.168.5.7',
    server: null,
    routers: [],
    dnsServers: [],
    expiresAtMs: null,
  })
  expect(parseLeasePairs('ADDRESS=10.0.0.1\nLIFETIME=4294967295\n', 5)?.expiresAtMs).toBeNull()
})

it('finds no lease where no address stands', () => {
  expect(parseLeasePairs('', 1)).toBeNull()
  expect(parseLeasePairs('ADDRESS=10.0.0\nROUTER=10.0.0.1\n', 1)).toBeNull()
  expect(parseLeasePairs('ADDRESS=10.0.0.2\nROUTER=evil,10.0.0.1;rm\n', 1)?.routers).toEqual([])
})

const dhclient = `lease {
  interface "eth0";
  fixed-address 10.1.0.40;
  option subnet-mask 255.255.255.0;
  option dhcp-lease-time 3600;
  option routers 10.1.0.1;
  option dhcp-server-identifier 10.1.0.2;
  renew 4 2026/01/29 09:30:00;
  expire 4 2026/01/29 10:00:00;
}
lease {
  interface "usb0";
  fixed-address 192.168.42.129;
  option host-name "} lease { fixed-address 6.6.6.6;";
  option dhcp-lease-time 7200;
  option routers 192.168.42.1,192.168.42.2;
  option domain-name-servers 192.168.42.1, 8.8.8.8;
  option dhcp-server-identifier 192.168.42.1;
  expire epoch 1769680800; # Thu Jan 29 10:00:00 2026
}
default-duid "\\000\\001\\000\\001";
lease6 {
  interface "eth0";
  ia-na 52:54:00:12 {
    starts 1769677200;
    renew 1800;
    iaaddr 2001:db8:1::40 {
      starts 1769677200;
      preferred-life 1800;
      max-life 3600;
    }
  }
  option dhcp6.name-servers 2001:db8:1::2;
}
`

it('reads every block of dhclient, one server text that looks like a block included', () => {
  const leases = parseDhclientLeases(dhclient)
  expect(leases).toEqual([
    {
      interfaceName: 'eth0',
      address: '10.1.0.40',
      server: '10.1.0.2',
      routers: ['10.1.0.1'],
      dnsServers: [],
      obtainedAtMs: Date.UTC(2026, 0, 29, 9),
      expiresAtMs: Date.UTC(2026, 0, 29, 10),
    },
    {
      interfaceName: 'usb0',
      address: '192.168.42.129',
      server: '192.168.42.1',
      routers: ['192.168.42.1', '192.168.42.2'],
      dnsServers: ['192.168.42.1', '8.8.8.8'],
      obtainedAtMs: Date.UTC(2026, 0, 29, 8),
      expiresAtMs: Date.UTC(2026, 0, 29, 10),
    },
    {
      interfaceName: 'eth0',
      address: '2001:db8:1::40',
      server: null,
      routers: [],
      dnsServers: ['2001:db8:1::2'],
      obtainedAtMs: Date.UTC(2026, 0, 29, 9),
      expiresAtMs: Date.UTC(2026, 0, 29, 10),
    },
  ])
})

it('begins within a block where the start of the log is cut off, and waits for no end', () => {
  expect(parseDhclientLeases('  fixed-address 10.0.0.1;\n}\nlease {\n  fixed-address 10.0.0.2;\n')).toEqual(
    [],
  )
  expect(parseDhclientLeases('lease {\n  fixed-address 10.0.0.2;\n  expire never;\n}\n')).toMatchObject([
    { address: '10.0.0.2', expiresAtMs: null, obtainedAtMs: null },
  ])
})

/** A DHCPACK: BOOTP header, cookie, options. */
function ack(...options: readonly (readonly number[])[]): Buffer {
  const header = Buffer.alloc(240)
  header.set([2, 1, 6, 0], 0)
  header.set([192, 168, 42, 130], 16)
  header.set([0x63, 0x82, 0x53, 0x63], 236)
  return Buffer.concat([header, Buffer.from([53, 1, 5, ...options.flat(), 255])])
}

it('reads the packet that dhcpcd keeps, an option in two parts joined', () => {
  const packet = ack(
    [0],
    [3, 4, 192, 168, 42, 1],
    [6, 4, 192, 168, 42, 1],
    [6, 4, 8, 8, 8, 8],
    [51, 4, 0, 0, 14, 16],
    [54, 4, 192, 168, 42, 3],
  )
  expect(parseDhcpPacket(packet, 1_000)).toEqual({
    interfaceName: null,
    address: '192.168.42.130',
    server: '192.168.42.3',
    routers: ['192.168.42.1'],
    dnsServers: ['192.168.42.1', '8.8.8.8'],
    obtainedAtMs: 1_000,
    expiresAtMs: 3_601_000,
  })
})

it('takes no packet for a lease that is none, and stops at an option that lies about its length', () => {
  expect(parseDhcpPacket(Buffer.alloc(300), 1)).toBeNull()
  expect(parseDhcpPacket(ack().subarray(0, 239), 1)).toBeNull()
  const liar = Buffer.concat([ack([3, 4, 10, 0, 0, 1]).subarray(0, -1), Buffer.from([6, 200, 8, 8])])
  expect(parseDhcpPacket(liar, 1)).toMatchObject({ routers: ['10.0.0.1'], dnsServers: [], expiresAtMs: null })
})

it('keeps the newest lease of an interface and family, and none that has run out', () => {
  const found = (address: string, obtainedAtMs: number, expiresAtMs: number | null): LeaseFound => ({
    interfaceName: null,
    address,
    server: null,
    routers: Array.from({ length: 20 }, (_, index) => `10.0.0.${index}`),
    dnsServers: [],
    obtainedAtMs,
    expiresAtMs,
  })
  const leases = [
    leaseFrom(found('10.0.0.1', 10, 100), 'eth0', '/a'),
    leaseFrom(found('10.0.0.2', 30, 100), 'eth0', '/b'),
    leaseFrom(found('10.0.0.3', 40, 50), 'eth0', '/c'),
    leaseFrom(found('2001:db8::1', 5, null), 'eth0', '/d'),
    leaseFrom(found('10.0.0.9', 20, null), 'wlan0', '/e'),
  ]
  const kept = newestLeases(leases, 50)
  expect(kept.map(({ address }) => address)).toEqual(['10.0.0.2', '10.0.0.9', '2001:db8::1'])
  expect(kept[0]?.routers).toHaveLength(16)
})

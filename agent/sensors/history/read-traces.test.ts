import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { showRawText, type Trace, TraceSchema } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ReadTracesOptions, readTraces } from './read-traces-linux.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shoukou-history-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const fixtures = join(import.meta.dirname, 'fixtures')
const writtenMs = Date.UTC(2026, 10, 20, 12)
const nowMs = Date.UTC(2026, 10, 23)
const put = (path: string, content: string | Buffer, atMs = writtenMs): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
  utimesSync(join(root, path), atMs / 1_000, atMs / 1_000)
}
const check = Compile(TraceSchema)
const read = async (options: Partial<ReadTracesOptions> = {}) => {
  const found = await readTraces({ root, fromWallMs: null, toWallMs: nowMs, ...options })
  for (const trace of found.traces) expect(check.Check(trace)).toBe(true)
  return found
}
const line = ({ kind, source, text, interfaceName, certainty }: Trace): string =>
  `${kind} ${source} ${certainty} ${interfaceName === null ? '-' : showRawText(interfaceName)} ${showRawText(text)}`
const lines = async (options: Partial<ReadTracesOptions> = {}): Promise<string[]> =>
  (await read(options)).traces.map(line).sort()

const SECRET = 'hunter2-Geheim'
const wifi = (ssid: string, uuid: string): string =>
  `[connection]\nid=Pixel\nuuid=${uuid}\ntype=wifi\ninterface-name=wlan0\n\n[wifi]\nmode=infrastructure\nssid=${ssid}\n\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=${SECRET}\n`

describe('profiles', () => {
  it('of NetworkManager are certain where it keeps when they were used, and likely where not', async () => {
    put('etc/NetworkManager/system-connections/Pixel.nmconnection', wifi('手机热点', 'aaaa-1'))
    put('etc/NetworkManager/system-connections/Old', wifi('72;79;77;69;', 'aaaa-2'))
    put(
      'etc/NetworkManager/system-connections/vpn.nmconnection',
      `[connection]\nid=home\nuuid=aaaa-3\ntype=vpn\n\n[vpn]\nremote=vpn.example.net\nservice-type=org.freedesktop.NetworkManager.openvpn\n\n[vpn-secrets]\npassword=${SECRET}\n`,
    )
    put(
      'etc/NetworkManager/system-connections/gsm.nmconnection',
      `[connection]\nid=4G\nuuid=aaaa-4\ntype=gsm\n\n[gsm]\napn=cmnet\npassword=${SECRET}\npin=1234\n`,
    )
    put('run/NetworkManager/system-connections/lo.nmconnection', '[connection]\nid=lo\ntype=loopback\n')
    put('var/lib/NetworkManager/timestamps', '[timestamps]\naaaa-1=1795000000\n')
    put('var/lib/NetworkManager/seen-bssids', '[seen-bssids]\naaaa-1=02:1A:11:FB:9C:01,no,\n')
    expect(await lines()).toEqual([
      'modem networkmanager likely - 4G, gsm, cmnet',
      'vpn-profile networkmanager likely - home, openvpn, vpn.example.net',
      'wifi-profile networkmanager certain wlan0 手机热点',
      'wifi-profile networkmanager likely wlan0 HOME',
      'wifi-seen networkmanager likely - 02:1a:11:fb:9c:01',
    ])
    const { traces } = await read()
    expect(traces.find(({ certainty }) => certainty === 'certain')).toMatchObject({
      firstWallMs: 1_795_000_000_000,
      lastWallMs: 1_795_000_000_000,
      path: '/etc/NetworkManager/system-connections/Pixel.nmconnection',
    })
    expect(traces.find(({ kind }) => kind === 'vpn-profile')?.lastWallMs).toBe(writtenMs)
  })

  it('of wpa_supplicant, netplan, iwd, connman, ifupdown and ifcfg are found too', async () => {
    put(
      'etc/wpa_supplicant/wpa_supplicant.conf',
      `ctrl_interface=/run\nnetwork={\n  ssid="cafe"\n  psk="${SECRET}"\n}\nnetwork={\n ssid=e6898b\n key_mgmt=NONE\n}\n`,
    )
    put(
      'etc/netplan/50-cloud-init.yaml',
      `network:\n  version: 2\n  ethernets:\n    eth0:\n      dhcp4: true\n  wifis:\n    wlan0:\n      access-points:\n        "guest net":\n          password: "${SECRET}"\n        plain:\n          auth: {password: x}\n`,
    )
    put('var/lib/iwd/Hotel.psk', `[Security]\nPassphrase=${SECRET}\n`)
    put('var/lib/iwd/=e6898be69cba.psk', `[Security]\nPreSharedKey=${SECRET}\n`)
    put(
      'var/lib/connman/wifi_0c5b8f279a64_6162_managed_psk/settings',
      `[wifi_0c5b8f279a64_6162_managed_psk]\nName=ab\nSSID=6162\nFavorite=true\nModified=2026-11-18T07:00:00Z\nPassphrase=${SECRET}\n`,
    )
    put(
      'etc/network/interfaces',
      `auto wlan1\niface wlan1 inet dhcp\n  wpa-ssid "shop"\n  wpa-psk ${SECRET}\n`,
    )
    put('etc/sysconfig/network-scripts/ifcfg-dorm', 'TYPE=Wireless\nDEVICE=wlan0\nESSID="dorm 4"\n')
    put('etc/sysconfig/network-scripts/ifcfg-lo', 'DEVICE=lo\n')
    expect(await lines()).toEqual(
      [
        'wifi-profile connman certain - ab',
        'wifi-profile ifcfg likely wlan0 dorm 4',
        'wifi-profile ifupdown likely wlan1 shop',
        'wifi-profile iwd likely - Hotel',
        'wifi-profile iwd likely - 手机',
        'wifi-profile netplan likely wlan0 guest net',
        'wifi-profile netplan likely wlan0 plain',
        'wifi-profile wpa-supplicant likely - cafe',
        'wifi-profile wpa-supplicant likely - 手',
      ].sort(),
    )
  })

  it('of tunnels, dial-up and Bluetooth are found, and their keys are not', async () => {
    put(
      'etc/wireguard/wg0.conf',
      `[Interface]\nPrivateKey = ${SECRET}\n[Peer]\nPresharedKey = ${SECRET}\nEndpoint = 198.51.100.7:51820\n`,
    )
    put('etc/openvpn/client/out.ovpn', `client\nremote vpn.example.org 1194\n<key>\n${SECRET}\n</key>\n`)
    put('etc/ipsec.conf', 'conn %default\n  left=%any\nconn branch\n  right=203.0.113.4\n')
    put('etc/ppp/peers/provider', `user "x"\npassword ${SECRET}\n/dev/ttyUSB0\nconnect "/usr/sbin/chat"\n`)
    put(
      'var/lib/bluetooth/5C:87:9C:00:11:22/A4:C1:38:00:00:01/info',
      `[General]\nName=Pixel 8\n\n[LinkKey]\nKey=${SECRET}\n`,
    )
    put('var/lib/bluetooth/5C:87:9C:00:11:22/A4:C1:38:00:00:02/info', '[General]\nName=passer-by\n')
    expect(await lines()).toEqual([
      'bluetooth-paired bluetoothd certain - Pixel 8, A4:C1:38:00:00:01',
      'bluetooth-paired bluetoothd hint - passer-by, A4:C1:38:00:00:02',
      'ppp-session ppp likely - provider, /dev/ttyUSB0',
      'vpn-profile ipsec likely - branch, ipsec, 203.0.113.4',
      'vpn-profile openvpn likely - out, openvpn, vpn.example.org',
      'vpn-profile wireguard likely - wg0, wireguard, 198.51.100.7:51820',
    ])
    expect(JSON.stringify(await read())).not.toContain(SECRET)
  })
})

describe('leases', () => {
  it('of dhclient are all told, past ones too, with when they began', async () => {
    const lease = (address: string, expire: string): string =>
      `lease {\n  interface "usb0";\n  fixed-address ${address};\n  option routers 192.168.42.129;\n  option dhcp-lease-time 3600;\n  option dhcp-server-identifier 192.168.42.129;\n  renew 5 2026/11/20 08:30:00;\n  expire ${expire};\n}\n`
    put(
      'var/lib/dhcp/dhclient.usb0.leases',
      lease('192.168.42.17', '5 2026/11/20 09:00:00') + lease('192.168.42.18', 'epoch 1795000000; # Wed'),
    )
    const { traces } = await read()
    expect(traces.map(line)).toEqual([
      'dhcp-lease dhclient-lease certain usb0 192.168.42.17, router 192.168.42.129, server 192.168.42.129',
      'dhcp-lease dhclient-lease certain usb0 192.168.42.18, router 192.168.42.129, server 192.168.42.129',
    ])
    expect(traces.map(({ firstWallMs, peer }) => [firstWallMs, peer])).toEqual([
      [Date.UTC(2026, 10, 20, 8), '192.168.42.129'],
      [1_795_000_000_000 - 3_600_000, '192.168.42.129'],
    ])
  })

  it('of networkd, NetworkManager and dhcpcd are told by their files’ times', async () => {
    put(
      'run/systemd/netif/leases/3',
      '# This is private data. Do not parse.\nADDRESS=10.9.8.7\nNETMASK=255.255.255.0\nROUTER=10.9.8.1\nSERVER_ADDRESS=10.9.8.1\n',
    )
    put(
      'var/lib/NetworkManager/internal-5f0c1d6e-3c0f-4a35-9a3c-0d9f4c7a9f11-wlan0.lease',
      'ADDRESS=192.168.43.17\nSERVER_ADDRESS=192.168.43.1\n',
    )
    const reply = Buffer.alloc(300)
    reply[0] = 2
    Buffer.from([172, 20, 10, 3]).copy(reply, 16)
    Buffer.from([0x63, 0x82, 0x53, 0x63, 54, 4, 172, 20, 10, 1, 3, 4, 172, 20, 10, 1, 255]).copy(reply, 236)
    put('var/lib/dhcpcd/wlan0-my-phone.lease', reply)
    expect(await lines()).toEqual([
      'dhcp-lease dhcpcd-lease certain wlan0 172.20.10.3, router 172.20.10.1, network my-phone',
      'dhcp-lease networkd-lease certain - 10.9.8.7, router 10.9.8.1, server 10.9.8.1',
      'dhcp-lease networkmanager-lease certain wlan0 192.168.43.17, server 192.168.43.1',
    ])
  })
})

describe('logs', () => {
  const kernel = [
    'Nov 20 08:00:01 desk kernel: [  12.345678] usb 1-4: new high-speed USB device number 5 using xhci_hcd',
    "Nov 20 08:00:01 desk kernel: [  12.4] rndis_host 1-4:1.0 usb0: register 'rndis_host' at usb-0000:00:14.0-4, RNDIS device, 02:aa:bb:cc:dd:ee",
    'Nov 20 08:00:02 desk kernel: [  13.4] wlan0: associated',
    'Nov 20 08:00:02 desk kernel: [  13.4] e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex',
    'Nov 20 08:00:02 desk kernel: [  13.5] IPv6: ADDRCONF(NETDEV_CHANGE): lo: link becomes ready',
    'Nov 20 08:00:03 desk kernel: [  14.1] usb 1-3: GSM modem (1-port) converter now attached to ttyUSB0',
    'Nov 20 08:05:00 desk kernel: [ 300.1] wlan0: associated',
  ].join('\n')

  it('tell links, associations and devices once each, with first and last time, packed files too', async () => {
    put('var/log/kern.log', `${kernel}\n`)
    put('var/log/kern.log.2.gz', gzipSync(`Nov 19 08:00:02 desk kernel: [  13.4] wlan0: associated\n`))
    put('var/log/syslog', `2026-11-20T08:00:09.5+08:00 desk pppd[812]: remote IP address 10.64.64.64\n`)
    const { traces } = await read()
    expect(traces.map(line).sort()).toEqual([
      'link-up kernel-log certain eno1 e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex',
      'modem kernel-log likely - usb 1-3: GSM modem (1-port) converter now attached to ttyUSB0',
      'ppp-session syslog certain - remote IP address 10.64.64.64',
      "usb-network-device kernel-log likely usb0 rndis_host 1-4:1.0 usb0: register 'rndis_host' at usb-0000:00:14.0-4, RNDIS device, 02:aa:bb:cc:dd:ee",
      'wifi-association kernel-log certain wlan0 wlan0: associated',
    ])
    const association = traces.find(({ kind }) => kind === 'wifi-association')
    expect(association?.firstWallMs).toBe(new Date(2026, 10, 19, 8, 0, 2).getTime())
    expect(association?.lastWallMs).toBe(new Date(2026, 10, 20, 8, 5, 0).getTime())
    expect(traces.find(({ kind }) => kind === 'ppp-session')).toMatchObject({
      peer: '10.64.64.64',
      lastWallMs: Date.parse('2026-11-20T00:00:09.5Z'),
    })
  })

  it('are told for an absence alone where that is asked', async () => {
    put('var/log/kern.log', `${kernel}\n`)
    put('etc/NetworkManager/system-connections/Pixel', wifi('new', 'b'))
    put('etc/NetworkManager/system-connections/Older', wifi('old', 'c'), Date.UTC(2026, 0, 1))
    const fromWallMs = new Date(2026, 10, 20, 8, 4, 0).getTime()
    expect(await lines({ fromWallMs })).toEqual([
      'wifi-association kernel-log certain wlan0 wlan0: associated',
      'wifi-profile networkmanager likely wlan0 new',
    ])
    expect(await lines({ fromWallMs: nowMs - 1, toWallMs: nowMs })).toEqual([])
  })

  it('keep a password that a program wrote out to themselves', async () => {
    put(
      'var/log/syslog',
      `Nov 20 08:00:01 desk NetworkManager[9]: <info>  [1795.1] device (wlan0): Activation: starting connection 'x' psk="${SECRET}" password: ${SECRET}\n`,
    )
    const found = await read()
    expect(found.traces).toHaveLength(1)
    expect(JSON.stringify(found)).not.toContain(SECRET)
  })

  it('say which of them could not be read', async () => {
    put('var/log/messages-20261101.xz', 'x')
    put('var/log/kern.log.1.gz', 'no gzip at all')
    put('var/lib/wtmpdb/wtmp.db', 'SQLite')
    mkdirSync(join(root, 'var/lib/iwd'), { recursive: true })
    symlinkSync('/nowhere', join(root, 'var/log/syslog'))
    expect((await read()).unread).toEqual([
      'wtmpdb: /var/lib/wtmpdb/wtmp.db is a database that is not read',
      'kernel-log: /var/log/kern.log.1.gz cannot be unpacked (Z_DATA_ERROR)',
      'syslog: /var/log/messages-20261101.xz is packed in a way that is not read',
    ])
  })

  it('do not wait for a pipe, and are cut where they are endless', async () => {
    mkdirSync(join(root, 'var/log'), { recursive: true })
    execFileSync('mkfifo', [join(root, 'var/log/syslog')])
    put('var/log/kern.log', Buffer.alloc(40_000_000, 0x41))
    put('var/log/messages.1.gz', gzipSync(Buffer.alloc(40_000_000, 0x41)))
    const sinceMs = performance.now()
    const { traces, unread } = await read()
    expect(performance.now() - sinceMs).toBeLessThan(10_000)
    expect(traces).toEqual([])
    expect(unread).toEqual([
      'kernel-log: /var/log/kern.log is longer than 33554432 bytes; the rest was not read',
      'syslog: /var/log/messages.1.gz too long when unpacked',
    ])
  })

  it('end when they are told to', async () => {
    put('var/log/kern.log', `${kernel}\n`)
    const { traces, unread } = await read({ signal: AbortSignal.abort() })
    expect(traces).toEqual([])
    expect(unread).toContain('syslog: reading was ended')
  })
})

describe('the journal', () => {
  // Written by systemd-journald 252; read by the journalctl of this computer.
  const journal = (): void => {
    const bytes = gunzipSync(readFileSync(join(fixtures, 'system.journal.gz')))
    put('var/log/journal/0123456789abcdef0123456789abcdef/system.journal', bytes)
  }

  it('tells what network programs wrote, and nothing that others wrote in their words', async () => {
    journal()
    const { traces, unread } = await read()
    expect(unread).toEqual([])
    expect(traces.map(line).sort()).toEqual([
      "connection-profile systemd-journal likely wlan0 device (wlan0): Activation: starting connection 'Pixel' (5f0c1d6e-3c0f-4a35-9a3c-0d9f4c7a9f11)",
      'dhcp-lease systemd-journal certain wlan0 dhcp4 (wlan0): state changed new lease, address=192.168.43.17',
      'link-up systemd-journal certain wlan0 device (wlan0): Activation: successful, device activated.',
      "link-up systemd-journal certain wlan0 policy: set 'Pixel' (wlan0) as default for IPv4 routing and DNS",
      'modem systemd-journal certain - [modem0] state changed (connecting -> connected)',
      'ppp-session systemd-journal certain - remote IP address 10.64.64.64',
      'ppp-session systemd-journal likely ppp0 Connect: ppp0 <--> /dev/ttyUSB0',
      'wifi-association systemd-journal certain wlan0 wlan0: Associated with 02:1a:11:fb:9c:01',
      'wifi-association systemd-journal certain wlan0 wlan0: CTRL-EVENT-CONNECTED - Connection to 02:1a:11:fb:9c:01 completed [id=0 id_str=]',
      "wifi-seen systemd-journal likely wlan0 wlan0: Trying to associate with 02:1a:11:fb:9c:01 (SSID='手机热点' freq=2437 MHz)",
    ])
    const lease = traces.find(({ kind }) => kind === 'dhcp-lease')
    expect((lease?.lastWallMs ?? 0) - (lease?.firstWallMs ?? 0)).toBeGreaterThan(0)
  })

  it('and the text logs made from it are one', async () => {
    journal()
    put(
      'var/log/syslog',
      'Nov 21 08:00:01 desk wpa_supplicant[9]: wlan0: Associated with 02:1a:11:fb:9c:01\n',
      nowMs,
    )
    const found = (await read()).traces.filter(({ kind }) => kind === 'wifi-association')
    expect(found).toHaveLength(2)
    expect(found.map(({ firstWallMs }) => firstWallMs)).toContain(new Date(2026, 10, 21, 8, 0, 1).getTime())
  })

  it('that is damaged is named', async () => {
    put('var/log/journal/0123456789abcdef0123456789abcdef/system.journal', Buffer.alloc(4_096, 0x5a))
    const { traces, unread } = await read()
    expect(traces).toEqual([])
    expect(unread.join()).toMatch(/systemd-journal: /)
  })
})

describe('wtmp', () => {
  it.each(['x86-64', 'arm64'])(
    'of %s tells who came in from elsewhere, until when, and from where',
    async (layout) => {
      put('var/log/wtmp', readFileSync(join(fixtures, `wtmp-${layout}.bin`)))
      const { traces, unread } = await read()
      expect(unread).toEqual([])
      expect(traces.map((trace) => [line(trace), trace.peer, trace.firstWallMs, trace.lastWallMs])).toEqual([
        [
          'remote-login wtmp certain - carol on pts/1 from gate.example',
          '2001:db8:0:0:0:0:0:7',
          Date.UTC(2026, 10, 21, 10),
          Date.UTC(2026, 10, 21, 10),
        ],
        [
          'remote-login wtmp certain - alice on pts/0 from 203.0.113.9',
          '203.0.113.9',
          Date.UTC(2026, 10, 20, 8),
          Date.UTC(2026, 10, 20, 9, 30),
        ],
      ])
    },
  )

  it('of no known layout is named and not guessed at', async () => {
    put('var/log/wtmp', Buffer.alloc(4_000, 0xff))
    expect((await read()).unread).toEqual(['wtmp: /var/log/wtmp holds no records of a known layout'])
  })
})

it('leaves out what is the unit’s own', async () => {
  put(
    'var/log/kern.log',
    'Nov 20 08:00:02 desk kernel: [1.0] e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps\n',
  )
  expect(await lines({ isOwn: (trace) => trace.interfaceName === 'eno1' })).toEqual([])
})

it('keeps names that are no text and bounds what a hostile file makes of it', async () => {
  const ssid = Buffer.from([0xff, 0xfe, 0x1b])
  put(
    'etc/wpa_supplicant/w.conf',
    Buffer.concat([Buffer.from('network={\nssid="'), ssid, Buffer.from('"\n}\n')]),
  )
  put('etc/NetworkManager/system-connections/x', `[connection]\nid=${'a'.repeat(100_000)}\ntype=ethernet\n`)
  const many = Array.from(
    { length: 6_000 },
    (_, index) => `Nov 20 08:00:02 d kernel: [1.0] w${index}: associated`,
  )
  put('var/log/kern.log', many.join('\n'))
  const { traces, unread } = await read()
  expect(traces.find(({ source }) => source === 'wpa-supplicant')?.text).toEqual({
    b64: ssid.toString('base64'),
  })
  expect(traces).toHaveLength(4_000)
  expect(unread).toEqual(['all sources: 2002 more traces than are told'])
})

it('reads this very computer within its time', async () => {
  const sinceMs = performance.now()
  const found = await readTraces({ fromWallMs: null, toWallMs: Date.now() })
  expect(performance.now() - sinceMs).toBeLessThan(12_000)
  for (const trace of found.traces) expect(check.Check(trace)).toBe(true)
})

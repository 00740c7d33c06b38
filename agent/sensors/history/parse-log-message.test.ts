import { describe, expect, it } from 'vitest'
import { takeLogTime } from './log-time.ts'
import { parseJournalLine, parseSyslogLine } from './parse-log-line.ts'
import { parseLogMessage } from './parse-log-message.ts'
import { redactSecrets } from './redact-secrets.ts'

const told = (program: string, message: string) => {
  const found = parseLogMessage({ program, message, wallMs: 1_000 })
  return found === null ? null : [found.kind, found.certainty, found.interfaceName, found.peer]
}

describe('a line of the kernel', () => {
  it.each([
    [
      'wlp2s0: RX AssocResp from 02:1a:11:fb:9c:01 (capab=0x411 status=0 aid=1)',
      ['wifi-association', 'certain', 'wlp2s0', '02:1a:11:fb:9c:01'],
    ],
    ['wlp2s0: RX AssocResp from 02:1a:11:fb:9c:01 (capab=0x411 status=17 aid=0)', null],
    ['wlp2s0: authenticated', ['wifi-association', 'likely', 'wlp2s0', null]],
    [
      "cdc_ether 1-3:1.0 usb0: register 'cdc_ether' at usb-0000:00:14.0-3, CDC Ethernet Device, 0c:5b:8f:27:9a:64",
      ['usb-network-device', 'likely', 'usb0', null],
    ],
    [
      'ipheth 1-1:4.2: Apple iPhone USB Ethernet device attached',
      ['usb-network-device', 'likely', null, null],
    ],
    ['option 1-3:1.0: GSM modem (1-port) converter detected', null],
    ['usb 1-3: GSM modem (1-port) converter now attached to ttyUSB0', ['modem', 'likely', null, null]],
    ['cdc_acm 1-2:1.0: ttyACM0: USB ACM device', ['modem', 'hint', null, null]],
    [
      'igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX/TX',
      ['link-up', 'certain', 'eno1', null],
    ],
    [
      'r8169 0000:03:00.0 enp3s0: Link is Up - 1Gbps/Full - flow control rx/tx',
      ['link-up', 'certain', 'enp3s0', null],
    ],
    ['IPv6: ADDRCONF(NETDEV_CHANGE): wlan0: link becomes ready', ['link-up', 'certain', 'wlan0', null]],
    ['IPv6: ADDRCONF(NETDEV_CHANGE): lo: link becomes ready', null],
    ['PPP generic driver version 2.4.2', ['ppp-session', 'hint', null, null]],
    ['EXT4-fs (sda1): mounted filesystem with ordered data mode', null],
  ] as const)('%s', (message, expected) => {
    expect(told('kernel', message)).toEqual(expected)
  })
})

describe('a line of a program', () => {
  it.each([
    [
      'NetworkManager',
      '<info>  [1700000000.1234] device (wlp2s0): Activation: (wifi) Stage 2 of 5 (Device Configure) successful. Connected to wireless network "Pixel"',
      ['wifi-association', 'certain', 'wlp2s0', null],
    ],
    [
      'NetworkManager',
      "<info>  [1700000000.1234] device (wlp2s0): Activation: (wifi) access point 'Pixel' has security, but secrets are required.",
      null,
    ],
    [
      'NetworkManager',
      '<info>  [1700000000.1234] dhcp4 (usb0):   address 192.168.42.17',
      ['dhcp-lease', 'certain', 'usb0', null],
    ],
    [
      'NetworkManager',
      '<info>  [1700000000.1234] device (eno1): carrier: link connected',
      ['link-up', 'certain', 'eno1', null],
    ],
    [
      'NetworkManager',
      '<info>  [1700000000.1234] device (lo): Activation: successful, device activated.',
      null,
    ],
    [
      'NetworkManager',
      '<info>  [1700000000.1234] vpn[0x55d,home,"tun0"]: plugin: state changed: started',
      ['vpn-profile', 'certain', null, null],
    ],
    [
      'wpa_supplicant',
      'wlan0: CTRL-EVENT-CONNECTED - Connection to 02:1a:11:fb:9c:01 completed [id=0 id_str=]',
      ['wifi-association', 'certain', 'wlan0', '02:1a:11:fb:9c:01'],
    ],
    [
      'systemd-networkd',
      'eth0: DHCPv4 address 192.168.1.5/24 via 192.168.1.1',
      ['dhcp-lease', 'certain', 'eth0', '192.168.1.1'],
    ],
    [
      'systemd-networkd',
      'eth0: DHCPv4 address 192.168.1.5/24, gateway 192.168.1.1 acquired from 192.168.1.2',
      ['dhcp-lease', 'certain', 'eth0', '192.168.1.2'],
    ],
    ['systemd-networkd', 'eth0: Gained carrier', ['link-up', 'certain', 'eth0', null]],
    [
      'dhclient',
      'DHCPACK of 192.168.1.5 from 192.168.1.1 (xid=0x1f)',
      ['dhcp-lease', 'certain', null, '192.168.1.1'],
    ],
    ['dhcpcd', 'wlan0: leased 192.168.43.17 for 3600 seconds', ['dhcp-lease', 'certain', 'wlan0', null]],
    [
      'ModemManager',
      '<info>  [modem0] state changed (connecting -> connected)',
      ['modem', 'certain', null, null],
    ],
    [
      'ModemManager',
      "<info>  [device usb1/1-3] creating modem with plugin 'huawei' and '3' ports",
      ['modem', 'likely', null, null],
    ],
    ['pppd', 'Connect: ppp0 <--> /dev/ttyUSB0', ['ppp-session', 'likely', 'ppp0', null]],
    ['pppd', 'remote IP address 10.64.64.64', ['ppp-session', 'certain', null, '10.64.64.64']],
    ['pppd', 'Modem hangup', null],
    ['cron', 'wlan0: associated', null],
  ] as const)('%s: %s', (program, message, expected) => {
    expect(told(program, message)).toEqual(expected)
  })
})

it('reads the heads that syslog daemons write, and gives no line without one a time', () => {
  const at = new Date(2026, 10, 20, 8, 0, 1).getTime()
  const now = new Date(2026, 10, 22).getTime()
  expect(parseSyslogLine('Nov 20 08:00:01 desk pppd[81]: Modem', now)).toEqual({
    program: 'pppd',
    message: 'Modem',
    wallMs: at,
  })
  expect(parseSyslogLine('Nov  2 08:00:01 desk /usr/sbin/pppd: x', now)?.program).toBe('pppd')
  expect(parseSyslogLine('2026-11-20T08:00:01+0800 desk kernel: x', now)?.wallMs).toBe(
    Date.parse('2026-11-20T00:00:01Z'),
  )
  expect(parseSyslogLine('wlan0: associated', now)).toBeNull()
})

it('puts a time without a year into the last year before the file was written', () => {
  const written = new Date(2026, 0, 2, 12).getTime()
  expect(takeLogTime('Dec 31 23:00:00 x', written).wallMs).toBe(new Date(2025, 11, 31, 23).getTime())
  expect(takeLogTime('Jan  2 11:00:00 x', written).wallMs).toBe(new Date(2026, 0, 2, 11).getTime())
})

it('reads a message of the journal that is no UTF-8, and passes over what is none', () => {
  const line = (message: unknown): string =>
    JSON.stringify({ MESSAGE: message, _TRANSPORT: 'kernel', __REALTIME_TIMESTAMP: '1795316603349860' })
  expect(parseJournalLine(line([0x77, 0xff]))).toEqual({
    program: 'kernel',
    message: 'w\u00ff',
    wallMs: 1_795_316_603_349,
  })
  expect([line(null), line({}), '[]', 'null', '{', ''].map(parseJournalLine)).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

it.each([
  ['psk="geheim geheim" x', 'psk=[redacted] x'],
  ['password: geheim', 'password: [redacted]'],
  ["passphrase = 'geheim'", 'passphrase = [redacted]'],
  ['PIN is 1234, ok', 'PIN is [redacted], ok'],
  ['wep_key0=abc', 'wep_key0=[redacted]'],
])('takes the secret out of %s', (before, after) => {
  expect(redactSecrets(before)).toBe(after)
})

/** What the kernel and the system's files tell, into which others write names: events, sockets, leases, profiles, logs. */
import { readFileSync } from 'node:fs'
import { parseMountinfo } from '../../../agent/base/parse-mountinfo.ts'
import { parseNetlink } from '../../../agent/base/parse-netlink.ts'
import { parseInetDiag, parsePacketSockets, parseProcSockets } from '../../../agent/base/parse-sock-diag.ts'
import { parseUevent } from '../../../agent/base/parse-uevent.ts'
import { parseInotify } from '../../../agent/sensors/files/parse-inotify.ts'
import { parseJournalLine, parseSyslogLine } from '../../../agent/sensors/history/parse-log-line.ts'
import { parseLogMessage } from '../../../agent/sensors/history/parse-log-message.ts'
import { parseUtmp } from '../../../agent/sensors/history/parse-utmp.ts'
import { PROFILE_SOURCES } from '../../../agent/sensors/history/profile-sources.ts'
import { parseRtnetlink } from '../../../agent/sensors/network/parse-rtnetlink.ts'
import { parseDhclientLeases } from '../../../agent/sensors/network/picture/parse-dhclient-leases.ts'
import { parseDhcpPacket } from '../../../agent/sensors/network/picture/parse-dhcp-packet.ts'
import { parseIptablesSave } from '../../../agent/sensors/network/picture/parse-iptables-save.ts'
import { parseLeasePairs } from '../../../agent/sensors/network/picture/parse-lease-pairs.ts'
import { parseAlteringRule } from '../../../agent/sensors/network/picture/parse-nft-rules.ts'
import { parseResolvConf } from '../../../agent/sensors/network/picture/parse-resolv-conf.ts'
import type { FuzzTarget } from './run-target.ts'

const recorded = <T>(path: string): T =>
  JSON.parse(readFileSync(new URL(`../../../agent/${path}`, import.meta.url), 'utf8')) as T
const base64 = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'base64'))

const rtnetlink = recorded<{
  dumps: { links: string[]; addresses: string[]; routes: string[] }
  events: string[]
}>('sensors/network/fixtures/rtnetlink-6.18.json')
const uevents = recorded<{ uevents: string[] }>('sensors/usb/fixtures/qemu-6.1.json').uevents
const inotify = recorded<{ bytes: string }>('sensors/files/fixtures/inotify-6.18.json').bytes
const rules = recorded<Record<string, string>>('sensors/network/picture/fixtures/nft-rules-6.18.json')
const mounts = Buffer.from(
  '36 35 98:0 / /media/a\\040b rw,noatime master:1 - vfat /dev/sdb1 rw,errors=continue\n22 1 0:21 / /proc rw - proc proc rw\n',
)
const dhcp = Buffer.alloc(260)
dhcp[0] = 2
dhcp.set([0x63, 0x82, 0x53, 0x63, 3, 4, 10, 0, 0, 1, 51, 4, 0, 0, 14, 16, 255], 236)
const texts = [
  'ADDRESS=10.1.0.4\nLIFETIME=3600\nDNS=10.1.0.2 10.1.0.3\n',
  'lease {\n  interface "eth0";\n  fixed-address 10.1.0.4;\n  expire 4 2026/01/29 10:00:00;\n}\n',
  'nameserver 10.1.0.2\nsearch a.example\n',
  '-A POSTROUTING -o eth0 -j MASQUERADE\n',
  '   0: 0500010A:A9FE 0500010A:20FB 01 00000000:00000000 00:00000000 00000000     0        0 1077800 2 0\n',
  '00000000f984d791 3      3    0003   3     1 213632 0      1077806\n',
].map((text) => Buffer.from(text))
const profiles = [
  '[connection]\nid=a\nuuid=u\ntype=wifi\n[wifi]\nssid=72;79;\n[seen-bssids]\nu=02:1a:11:fb:9c:01\n',
  'network={\n ssid="a"\n}\nnetwork:\n  wifis:\n    wlan0:\n      access-points:\n        "x":\n',
  '[Interface]\nEndpoint = a:1\nremote b 1\nconn c\n  right=1.2.3.4\n/dev/ttyUSB0\nADDRESS=1.2.3.4\n',
].map((text) => Buffer.from(text))
const logs = [
  'Nov 20 08:00:02 d kernel: [1.0] wlan0: associated',
  "2026-11-20T08:00:09.5+08:00 d wpa_supplicant[1]: wlan0: Trying to associate with 02:1a:11:fb:9c:01 (SSID='a' freq=1)",
  '{"MESSAGE":[119,108,97,110,48,58,32,97,115,115,111,99],"_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"1795316603349860"}',
].map((text) => Buffer.from(text))
const wtmp = readFileSync(new URL('../../../agent/sensors/history/fixtures/wtmp-x86-64.bin', import.meta.url))
const nowMs = Date.UTC(2026, 10, 22)

export const SYSTEM_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'uevents',
    reach: 'device',
    corpus: uevents.map((text) => Buffer.from(text)),
    takesAll: true,
    parse: parseUevent,
  },
  {
    name: 'rtnetlink',
    reach: 'network',
    corpus: base64([...Object.values(rtnetlink.dumps).flat(), ...rtnetlink.events]),
    takesAll: true,
    parse: (bytes) => [parseRtnetlink(bytes), parseNetlink(bytes), parseInetDiag(bytes, 6)],
  },
  {
    name: 'rules of nftables',
    reach: 'system',
    corpus: Object.values(rules).map((hex) => Buffer.from(hex, 'hex')),
    takesAll: true,
    parse: parseAlteringRule,
  },
  {
    name: 'mounts and inotify',
    reach: 'medium',
    corpus: [mounts, Buffer.from(inotify, 'base64')],
    takesAll: true,
    parse: (bytes) => [parseMountinfo(bytes), parseInotify(bytes)],
  },
  {
    name: 'leases, resolvers, socket tables',
    reach: 'network',
    corpus: [dhcp, ...texts],
    takesAll: true,
    parse: (bytes) => {
      const text = bytes.toString('latin1')
      return [
        parseDhcpPacket(bytes, 1),
        parseLeasePairs(text, 1),
        parseDhclientLeases(text),
        parseResolvConf(text),
        parseIptablesSave(text),
        parseProcSockets(text, 6),
        parsePacketSockets(text),
      ]
    },
  },
  {
    name: 'profiles of networks',
    reach: 'system',
    corpus: profiles,
    takesAll: true,
    parse: (bytes) => {
      const memory = { lastUsedMs: new Map([['u', 1]]) }
      const text = bytes.toString('latin1')
      return PROFILE_SOURCES.map(({ parse }) =>
        parse({ text, name: 'wlan0-a.lease', parent: 'A4:C1:38:00:00:01' }, memory),
      )
    },
  },
  {
    name: 'lines of logs, records of logins',
    reach: 'system',
    corpus: [...logs, wtmp.subarray(0, 3_840)],
    takesAll: true,
    parse: (bytes) => {
      const line = bytes.toString('latin1')
      const message = parseSyslogLine(line, nowMs) ?? parseJournalLine(line)
      return [message === null ? null : parseLogMessage(message), parseUtmp(bytes)]
    },
  },
]

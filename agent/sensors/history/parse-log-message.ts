/**
 * What a line of a log says of a connection: the words of the kernel, NetworkManager, wpa_supplicant, systemd-networkd,
 * ModemManager, pppd, dhclient. Pure. Texts are Latin-1.
 */
import type { FoundTrace } from './found-trace.ts'
import { redactSecrets } from './redact-secrets.ts'

export interface LogMessage {
  /** `kernel`, `NetworkManager` …, without a pid. */
  readonly program: string
  readonly message: string
  readonly wallMs: number | null
}

interface Pattern {
  readonly programs: RegExp
  readonly pattern: RegExp
  readonly kind: FoundTrace['kind']
  readonly certainty: FoundTrace['certainty']
}

const address = String.raw`(?<peer>[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+)`
const usbNetwork =
  'cdc_ether|rndis_host|rndis_wlan|cdc_ncm|cdc_eem|cdc_mbim|cdc_subset|qmi_wwan|huawei_cdc_ncm|sierra_net|ipheth|asix|ax88179_178a|aqc111|r8152|smsc75xx|smsc95xx|lan78xx|dm9601|mcs7830|kalmia|hso'
const kernel = /^kernel$/
const manager = /^NetworkManager$/
const supplicant = /^wpa_supplicant$/
const networkd = /^systemd-networkd$/
const modems = /^ModemManager$/
const ppp = /^(?:pppd|pptp|xl2tpd|wvdial|chat)$/
const dhcp = /^(?:dhclient|dhcpcd|udhcpc)$/

/** The first that fits decides. `(?<if>…)` is the interface, `(?<peer>…)` the other side. */
const PATTERNS: readonly Pattern[] = [
  {
    programs: kernel,
    pattern: /^(?<if>\S{1,15}): associated$|^(?<if>\S{1,15}): RX AssocResp from (?<peer>\S+) .*status=0/,
    kind: 'wifi-association',
    certainty: 'certain',
  },
  {
    programs: kernel,
    pattern: /^(?<if>\S{1,15}): authenticated$/,
    kind: 'wifi-association',
    certainty: 'likely',
  },
  {
    programs: kernel,
    pattern: new RegExp(String.raw`\b(?<if>[^\s:]{1,15}): register '(?:${usbNetwork})' at `),
    kind: 'usb-network-device',
    certainty: 'likely',
  },
  {
    programs: kernel,
    pattern: /^ipheth \S+: Apple iPhone USB Ethernet device attached/,
    kind: 'usb-network-device',
    certainty: 'likely',
  },
  {
    programs: kernel,
    pattern: /^usb \S+: .*(?:GSM modem|Sierra USB modem|Qualcomm USB modem).* now attached to /,
    kind: 'modem',
    certainty: 'likely',
  },
  { programs: kernel, pattern: /^cdc_acm \S+: \S+: USB ACM device/, kind: 'modem', certainty: 'hint' },
  {
    programs: kernel,
    pattern: /(?:\s|^)(?<if>[^\s:]{1,15}):? (?:NIC )?Link is Up/i,
    kind: 'link-up',
    certainty: 'certain',
  },
  {
    programs: kernel,
    pattern: /ADDRCONF\(NETDEV_(?:CHANGE|UP)\): (?<if>\S{1,15}): link becomes ready/,
    kind: 'link-up',
    certainty: 'certain',
  },
  {
    programs: kernel,
    pattern: /^(?<if>ppp\d+): renamed from |^PPP generic driver|^pppoe?: /,
    kind: 'ppp-session',
    certainty: 'hint',
  },
  {
    programs: manager,
    pattern: /policy: set '.*' \((?<if>[^)]{1,15})\) as default for IPv[46]/,
    kind: 'link-up',
    certainty: 'certain',
  },
  {
    programs: manager,
    pattern: /device \((?<if>[^)]{1,15})\): Activation: \(wifi\) Stage 2 .*Connected to wireless network/,
    kind: 'wifi-association',
    certainty: 'certain',
  },
  {
    programs: manager,
    pattern: /device \((?<if>[^)]{1,15})\): Activation: \(wifi\).* connect(?:ed|ion) /,
    kind: 'wifi-association',
    certainty: 'likely',
  },
  {
    programs: manager,
    pattern: /device \((?<if>[^)]{1,15})\): Activation: starting connection '/,
    kind: 'connection-profile',
    certainty: 'likely',
  },
  {
    programs: manager,
    pattern: /device \((?<if>[^)]{1,15})\): Activation: successful, device activated/,
    kind: 'link-up',
    certainty: 'certain',
  },
  {
    programs: manager,
    pattern: /dhcp[46] \((?<if>[^)]{1,15})\): .*\baddress[= ]\s*[0-9a-fA-F]/,
    kind: 'dhcp-lease',
    certainty: 'certain',
  },
  {
    programs: manager,
    pattern: /modem\["?(?<if>[^\]"]{1,40})"?\].*(?:state changed|modem state).*connected/i,
    kind: 'modem',
    certainty: 'certain',
  },
  {
    programs: manager,
    pattern: /^vpn(?:-connection)?\[.*(?:state changed: (?:connected|started)|Config Get\) complete)/i,
    kind: 'vpn-profile',
    certainty: 'certain',
  },
  {
    programs: manager,
    pattern: /device \((?<if>[^)]{1,15})\): (?:link connected|carrier: link connected)/,
    kind: 'link-up',
    certainty: 'certain',
  },
  {
    programs: supplicant,
    pattern: /^(?<if>\S{1,15}): CTRL-EVENT-CONNECTED - Connection to (?<peer>[0-9a-fA-F:]{17}) completed/,
    kind: 'wifi-association',
    certainty: 'certain',
  },
  {
    programs: supplicant,
    pattern: /^(?<if>\S{1,15}): Associated with (?<peer>[0-9a-fA-F:]{17})/,
    kind: 'wifi-association',
    certainty: 'certain',
  },
  {
    programs: supplicant,
    pattern: /^(?<if>\S{1,15}): Trying to associate with (?:SSID '|(?<peer>[0-9a-fA-F:]{17}) )/,
    kind: 'wifi-seen',
    certainty: 'likely',
  },
  {
    programs: networkd,
    pattern: new RegExp(
      String.raw`^(?<if>\S{1,15}): DHCPv?[46] (?:address|lease)\b.*? (?:via|from) ${address}|^(?<if2>\S{1,15}): DHCPv?[46] address `,
    ),
    kind: 'dhcp-lease',
    certainty: 'certain',
  },
  {
    programs: networkd,
    pattern: /^(?<if>\S{1,15}): (?:Gained carrier|Connected WiFi access point)/,
    kind: 'link-up',
    certainty: 'certain',
  },
  {
    programs: modems,
    pattern: /state changed \(\S+ -> connected\)|bearer.*connected/i,
    kind: 'modem',
    certainty: 'certain',
  },
  {
    programs: modems,
    pattern: /creating modem with plugin|modem .*successfully added|new modem/i,
    kind: 'modem',
    certainty: 'likely',
  },
  {
    programs: ppp,
    pattern: new RegExp(String.raw`^remote\s+(?:IP|LL) address ${address}`),
    kind: 'ppp-session',
    certainty: 'certain',
  },
  { programs: ppp, pattern: /^Connect: (?<if>\S{1,15}) <--> /, kind: 'ppp-session', certainty: 'likely' },
  {
    programs: dhcp,
    pattern: new RegExp(
      String.raw`^DHCPACK (?:of \S+ )?from ${address}|^bound to [0-9]|^(?<if>\S{1,15}): leased [0-9]`,
    ),
    kind: 'dhcp-lease',
    certainty: 'certain',
  },
  {
    programs: /^bluetoothd$/,
    pattern: /\b(?<if>bnep\d{1,4}) connected|Connected to .*(?:NAP|PANU)/i,
    kind: 'link-up',
    certainty: 'certain',
  },
]

/** Words of which every telling line has one: most lines of a log are passed over by this alone. */
export const TELLING =
  /assoc|authenticated|device attached|register '|attached to tty|USB ACM|link is up|link becomes ready|renamed from|PPP|as default for IPv|activation|dhcp|address|modem|vpn|link connected|CTRL-EVENT-CONNECTED|carrier|access point|bearer|Connect|bound to|leased/i

/** Returns what a message tells; null where it tells nothing of a connection. */
export function parseLogMessage(log: LogMessage): FoundTrace | null {
  const message = stripHead(log.message)
  if (!TELLING.test(message)) return null
  for (const { programs, pattern, kind, certainty } of PATTERNS) {
    if (!programs.test(log.program)) continue
    const match = pattern.exec(message)
    if (match === null) continue
    const interfaceName = match.groups?.['if'] ?? match.groups?.['if2'] ?? null
    // A loopback link is no connection.
    if (interfaceName === 'lo') return null
    const peer = match.groups?.['peer'] ?? null
    const text = redactSecrets(message)
    return { kind, text, interfaceName, peer, firstWallMs: log.wallMs, lastWallMs: log.wallMs, certainty }
  }
  return null
}

/** Takes away what differs from time to time: the kernel's clock, NetworkManager's level and clock. */
function stripHead(message: string): string {
  return message.replace(/^\[\s*\d+\.\d+\]\s*/, '').replace(/^<[a-z]+>\s+(?:\[\d+\.\d+\]\s*)?/, '')
}

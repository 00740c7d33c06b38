/** What passes traffic on, listens below IP or routes by other rules than the usual. Pure. */
import {
  bytesOfRawText,
  type ConditionCode,
  type NetworkInterface,
  type Program,
  type RawText,
  rawTextKey,
  type Sharing,
  type SocketSeen,
} from '@shoukou/protocol'
import { isLive, leadsOut, mediumOf } from './adapters.ts'
import type { Found } from './condition.ts'
import type { View } from './view.ts'

export function findSharing(view: View): Found[] {
  return [
    ...view.picture.sharing.map((each) => sharingOf(each, view)),
    ...findPacketSockets(view),
    ...findRules(view),
  ]
}

const codes = {
  'forwarding-ipv4': 'forwarding',
  'forwarding-ipv6': 'forwarding',
  'address-translation': 'address-translation',
  proxy: 'proxy-listening',
  bridge: 'bridged',
} as const satisfies Record<Sharing['service'], ConditionCode>

function sharingOf(each: Sharing, view: View): Found {
  const { service, detail, port, program } = each
  const code = codes[service]
  const adapter = named(detail, view)
  const isInner = code === 'bridged' && adapter !== null && !leadsOut(adapter, view.adapters)
  return {
    code,
    // A bridge stays the same one when its ports change.
    parts: [service, code === 'bridged' && adapter !== null ? adapter.index : rawTextKey(detail), port],
    lastingParts: [service, rawTextKey(code === 'bridged' && adapter !== null ? adapter.name : detail), port],
    interface: adapter,
    others: adapter === null ? [] : portsOf(adapter, view),
    text: detail,
    peer: null,
    program,
    // One live link passes nothing on: it could, were there another.
    confidence: code === 'proxy-listening' || liveLinks(view) > 1 ? 'link-up' : 'attempt',
    response: 'none',
    // A bridge that no adapter is a port of joins what is inside the computer.
    allowedBy: isInner ? 'inner-bridge' : null,
  }
}

/** The interface that the words begin with: `br0`, or `br0: eth0 vnet0`. */
function named(detail: RawText, { picture }: View): NetworkInterface | null {
  const words = bytesOfRawText(detail)
  const found = picture.interfaces.find(({ name }) => {
    const bytes = bytesOfRawText(name)
    const isPrefix = bytes.every((byte, index) => words[index] === byte)
    return isPrefix && (words.length === bytes.length || words[bytes.length] === colon)
  })
  return found ?? null
}

const colon = 0x3a

function portsOf(bridge: NetworkInterface, { picture }: View): NetworkInterface[] {
  return picture.interfaces.filter(({ masterIndex }) => masterIndex === bridge.index).slice(0, 16)
}

function liveLinks({ picture }: View): number {
  return picture.interfaces.filter((adapter) => isLive(adapter) && mediumOf(adapter) !== 'loopback').length
}

/**
 * Programs that serve the link itself: addresses by DHCP, wireless keys, link-layer discovery. They need packet sockets,
 * and are allowed them where they run as the system; a program that only bears such a name is still watched by the net
 * that sees its frames.
 */
const linkServices: readonly unknown[] = [
  'dhclient',
  'dhcpcd',
  'udhcpc',
  'NetworkManager',
  'systemd-network',
  'systemd-networkd',
  'wpa_supplicant',
  'iwd',
  'connmand',
  'wicked',
  'wickedd-dhcp4',
  'lldpd',
  'lldpad',
  'keepalived',
  'ndisc',
  'rdisc',
  'arpd',
]
const systemUidMax = 999

/** One finding for each program and account: a capture that is started again is the same story. */
function findPacketSockets({ picture }: View): Found[] {
  const found = new Map<string, Found>()
  for (const socket of picture.sockets) {
    if (socket.family !== 'packet') continue
    const name = socket.program === null ? '' : rawTextKey(socket.program)
    const key = `${name}|${socket.uid ?? ''}`
    if (found.has(key)) continue
    found.set(key, {
      code: 'packet-socket',
      parts: [name, socket.uid],
      text: socket.program,
      program: programOf(socket),
      confidence: 'attempt',
      response: 'none',
      allowedBy: isLinkService(socket) ? 'link-service' : null,
    })
  }
  return [...found.values()]
}

function isLinkService({ program, uid }: SocketSeen): boolean {
  return uid !== null && uid <= systemUidMax && linkServices.includes(program)
}

function programOf({ program, uid }: SocketSeen): Program | null {
  if (program === null) return null
  return {
    name: program,
    path: null,
    uid,
    account: null,
    sessionAccount: null,
    unit: null,
    container: null,
    isOtherNamespace: null,
  }
}

function findRules({ picture }: View): Found[] {
  return picture.rules.map((rule) => ({
    code: 'routing-rule',
    parts: [rule.family, rule.priority, rule.text],
    text: rule.text,
    confidence: 'attempt',
    response: 'none',
  }))
}

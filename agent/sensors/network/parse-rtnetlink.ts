/**
 * rtnetlink's bytes to messages (rtnetlink(7), linux/rtnetlink.h, linux/if_link.h). Pure, never throws.
 *
 * A message that is too short or lies about its length is counted and left out; an attribute that is not there is null
 * and means "not said", because the kernel sends partial messages too (wireless events for one).
 */
export interface LinkMessage {
  readonly kind: 'link'
  readonly isRemoval: boolean
  readonly index: number
  readonly name: Buffer | null
  readonly mac: string | null
  readonly hardwareType: number
  readonly flags: number
  readonly operState: number | null
  readonly linkKind: Buffer | null
  /** Name of the device behind it and of its bus, where the kernel says so (Linux 5.14). */
  readonly parentName: string | null
  readonly parentBus: string | null
}

export interface AddressMessage {
  readonly kind: 'address'
  readonly isRemoval: boolean
  readonly index: number
  readonly family: 'ipv4' | 'ipv6'
  readonly address: string
  readonly prefixLength: number
  readonly scope: 'global' | 'site' | 'link' | 'host' | 'other'
}

export interface RouteMessage {
  readonly kind: 'route'
  readonly isRemoval: boolean
  readonly family: 'ipv4' | 'ipv6'
  readonly destination: string
  readonly prefixLength: number
  readonly gateway: string | null
  readonly index: number | null
  readonly table: number
  readonly metric: number | null
}

export type NetMessage = LinkMessage | AddressMessage | RouteMessage

export interface ParsedDatagram {
  readonly messages: readonly NetMessage[]
  /** End of a dump (NLMSG_DONE). */
  readonly isDone: boolean
  /** What was dumped changed meanwhile (NLM_F_DUMP_INTR): ask again. */
  readonly wasInterrupted: boolean
  /** errno of an NLMSG_ERROR, 0 where none. */
  readonly errno: number
  readonly faults: number
}

const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_DUMP_INTR = 0x10
const RTM_NEWLINK = 16
const RTM_DELLINK = 17
const RTM_NEWADDR = 20
const RTM_DELADDR = 21
const RTM_NEWROUTE = 24
const RTM_DELROUTE = 25
const AF_UNSPEC = 0
const AF_INET = 2
const AF_INET6 = 10
const RT_TABLE_LOCAL = 255
const RTM_F_CLONED = 0x200
const RTN_UNICAST = 1

/** Reads one datagram: any number of messages. */
export function parseRtnetlink(bytes: Uint8Array): ParsedDatagram {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const messages: NetMessage[] = []
  let [isDone, wasInterrupted, errno, faults] = [false, false, 0, 0]
  let at = 0
  while (at + 16 <= view.length) {
    const length = view.readUInt32LE(at)
    if (length < 16 || at + length > view.length) {
      faults += 1
      break
    }
    const type = view.readUInt16LE(at + 4)
    if ((view.readUInt16LE(at + 6) & NLM_F_DUMP_INTR) !== 0) wasInterrupted = true
    const body = view.subarray(at + 16, at + length)
    if (type === NLMSG_DONE) {
      isDone = true
      if (body.length >= 4) errno = -body.readInt32LE(0)
    } else if (type === NLMSG_ERROR) {
      if (body.length >= 4) errno = -body.readInt32LE(0)
      else faults += 1
    } else {
      const parsed = parseBody(type, body)
      if (parsed === null) faults += 1
      else messages.push(...parsed)
    }
    at += align4(length)
  }
  return { messages, isDone, wasInterrupted, errno, faults }
}

/** Returns null for a message that is too short; an empty list for one that is of no concern. */
function parseBody(type: number, body: Buffer): NetMessage[] | null {
  switch (type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return parseLink(body, type === RTM_DELLINK)
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return parseAddress(body, type === RTM_DELADDR)
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return parseRoute(body, type === RTM_DELROUTE)
    default:
      return []
  }
}

function parseLink(body: Buffer, isRemoval: boolean): NetMessage[] | null {
  if (body.length < 16) return null
  // AF_BRIDGE messages speak of a port of a bridge, and their removal is not the interface's.
  if (body[0] !== AF_UNSPEC) return []
  const attributes = readAttributes(body, 16)
  const info = attributes.get(18)
  const mac = attributes.get(1)
  const operState = attributes.get(16)
  return [
    {
      kind: 'link',
      isRemoval,
      hardwareType: body.readUInt16LE(2),
      index: body.readInt32LE(4),
      flags: body.readUInt32LE(8),
      name: text(attributes.get(3)),
      mac: mac === undefined || mac.length === 0 || mac.length > 32 ? null : macOf(mac),
      operState: operState?.[0] ?? null,
      linkKind: info === undefined ? null : text(readAttributes(info, 0).get(1)),
      parentName: text(attributes.get(56))?.toString('latin1') ?? null,
      parentBus: text(attributes.get(57))?.toString('latin1') ?? null,
    },
  ]
}

function parseAddress(body: Buffer, isRemoval: boolean): NetMessage[] | null {
  if (body.length < 8) return null
  const family = familyOf(body[0])
  if (family === null) return []
  const attributes = readAttributes(body, 8)
  // IFA_LOCAL is the interface's own address; IFA_ADDRESS is the peer's on a point-to-point link.
  const address = attributes.get(2) ?? attributes.get(1)
  const shown = address === undefined ? null : ipOf(family, address)
  if (shown === null) return null
  return [
    {
      kind: 'address',
      isRemoval,
      family,
      prefixLength: Math.min(body[1] ?? 0, family === 'ipv4' ? 32 : 128),
      scope: scopeOf(body[3]),
      index: body.readUInt32LE(4),
      address: shown,
    },
  ]
}

function parseRoute(body: Buffer, isRemoval: boolean): NetMessage[] | null {
  if (body.length < 12) return null
  const family = familyOf(body[0])
  if (family === null || (body.readUInt32LE(8) & RTM_F_CLONED) !== 0) return []
  const attributes = readAttributes(body, 12)
  const table = u32(attributes.get(15)) ?? body[4] ?? 0
  if (table === RT_TABLE_LOCAL || body[7] !== RTN_UNICAST) return []
  const destination = attributes.get(1)
  const shown = destination === undefined ? (family === 'ipv4' ? '0.0.0.0' : '::') : ipOf(family, destination)
  if (shown === null) return null
  const common = {
    kind: 'route' as const,
    isRemoval,
    family,
    destination: shown,
    prefixLength: Math.min(body[1] ?? 0, family === 'ipv4' ? 32 : 128),
    table,
    metric: u32(attributes.get(6)),
  }
  const multipath = attributes.get(9)
  if (multipath !== undefined) return nextHops(multipath, family).map((hop) => ({ ...common, ...hop }))
  return [{ ...common, gateway: gatewayOf(attributes, family), index: u32(attributes.get(4)) }]
}

/** RTA_MULTIPATH: `struct rtnexthop` { u16 length, u8 flags, u8 hops, i32 index } with attributes, again and again. */
function nextHops(
  bytes: Buffer,
  family: 'ipv4' | 'ipv6',
): { gateway: string | null; index: number | null }[] {
  const hops: { gateway: string | null; index: number | null }[] = []
  let at = 0
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt16LE(at)
    if (length < 8 || at + length > bytes.length) break
    const attributes = readAttributes(bytes.subarray(at, at + length), 8)
    hops.push({ gateway: gatewayOf(attributes, family), index: bytes.readInt32LE(at + 4) })
    at += align4(length)
  }
  return hops
}

function gatewayOf(attributes: ReadonlyMap<number, Buffer>, family: 'ipv4' | 'ipv6'): string | null {
  const gateway = attributes.get(5)
  if (gateway !== undefined) return ipOf(family, gateway)
  // RTA_VIA: a gateway of the other family.
  const via = attributes.get(18)
  if (via === undefined || via.length < 6) return null
  const viaFamily = familyOf(via.readUInt16LE(0))
  return viaFamily === null ? null : ipOf(viaFamily, via.subarray(2))
}

function readAttributes(bytes: Buffer, start: number): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>()
  let at = start
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) break
    // The two highest bits are flags (nested, byte order).
    attributes.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length))
    at += align4(length)
  }
  return attributes
}

function text(bytes: Buffer | undefined): Buffer | null {
  if (bytes === undefined) return null
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end))
}

function u32(bytes: Buffer | undefined): number | null {
  return bytes !== undefined && bytes.length >= 4 ? bytes.readUInt32LE(0) : null
}

function macOf(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

function familyOf(code: number | undefined): 'ipv4' | 'ipv6' | null {
  if (code === AF_INET) return 'ipv4'
  return code === AF_INET6 ? 'ipv6' : null
}

const scopes: ReadonlyMap<number, AddressMessage['scope']> = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
])

function scopeOf(code: number | undefined): AddressMessage['scope'] {
  return scopes.get(code ?? -1) ?? 'other'
}

function ipOf(family: 'ipv4' | 'ipv6', bytes: Buffer): string | null {
  if (family === 'ipv4') return bytes.length < 4 ? null : [...bytes.subarray(0, 4)].join('.')
  return bytes.length < 16 ? null : ipv6Text(bytes)
}

/** Writes an IPv6 address as RFC 5952 has it: lower case, the longest run of two or more zero groups as `::`. */
export function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2))
  let [bestStart, bestLength] = [-1, 1]
  for (let start = 0; start < 8; start += 1) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length += 1
    if (length > bestLength) [bestStart, bestLength] = [start, length]
  }
  const hex = groups.map((group) => group.toString(16))
  if (bestStart < 0) return hex.join(':')
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`
}

function align4(length: number): number {
  return (length + 3) & ~3
}

/** Internet addresses and prefixes: text to bytes, containment, and what kind of address one is. Pure. */
import ipaddr from 'ipaddr.js'

export interface Address {
  readonly family: 'ipv4' | 'ipv6'
  /** 4 or 16 bytes in network order. */
  readonly bytes: readonly number[]
}

export interface Prefix extends Address {
  readonly length: number
}

export const ADDRESS_KINDS = [
  'unspecified',
  'loopback',
  'link-local',
  'link-multicast',
  'multicast',
  'broadcast',
  'private',
  'special',
  'public',
] as const
/**
 * What the address registries of IANA say of it (RFC 6890 and its successors). `private` is RFC 1918, RFC 6598 and
 * RFC 4193; `link-multicast` is 224.0.0.0/24 and ff01::/16, ff02::/16; `special` is documentation, benchmarking and the like;
 * `public` is what is left: routed on the Internet.
 */
export type AddressKind = (typeof ADDRESS_KINDS)[number]

/**
 * Reads an address; an IPv4 address mapped into IPv6 (RFC 4291 §2.5.5.2) is read as the IPv4 address that the kernel
 * will speak to. Null for what is not one: no octal, no short forms, no zone.
 */
export function parseAddress(text: string): Address | null {
  if (text.length > 45) return null
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) {
    const bytes = text.split('.').map(Number)
    const isPlain = text.split('.').every((part) => part === '0' || !part.startsWith('0'))
    return isPlain && bytes.every((byte) => byte <= 255) ? { family: 'ipv4', bytes } : null
  }
  const groups = withoutDots(text)
  if (groups === null || !/^[0-9a-fA-F:]+$/.test(groups) || !ipaddr.IPv6.isValid(groups)) return null
  return fromBytes(ipaddr.IPv6.parse(groups).toByteArray())
}

/** Four decimal parts at the end as two groups: what the library reads there is always a mapped address. */
function withoutDots(text: string): string | null {
  if (!text.includes(':')) return null
  const end = /(?<=:)[0-9.]*\.[0-9.]*$/.exec(text)?.[0]
  if (end === undefined) return text
  const address = parseAddress(end)
  if (address === null) return null
  const [a = 0, b = 0, c = 0, d = 0] = address.bytes
  return `${text.slice(0, -end.length)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

/** Returns the address of 4 or 16 bytes; mapped IPv4 as IPv4. @throws RangeError for another number of bytes. */
export function fromBytes(bytes: Iterable<number>): Address {
  const all = [...bytes]
  if (all.length === 4) return { family: 'ipv4', bytes: all }
  if (all.length !== 16) throw new RangeError(`An address has 4 or 16 bytes, not ${all.length}.`)
  const isMapped = all.slice(0, 10).every((byte) => byte === 0) && all[10] === 255 && all[11] === 255
  return isMapped ? { family: 'ipv4', bytes: all.slice(12) } : { family: 'ipv6', bytes: all }
}

/** Writes an address in its canonical form (RFC 5952). */
export function formatAddress({ bytes }: Address): string {
  return ipaddr.fromByteArray([...bytes]).toString()
}

/** Reads `10.1.0.0/16`; null for what is no prefix. Bits beyond the length are cleared. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.lastIndexOf('/')
  const lengthText = text.slice(slash + 1)
  if (slash < 0 || !/^\d{1,3}$/.test(lengthText)) return null
  const address = parseAddress(text.slice(0, slash))
  const wasMapped = address?.family === 'ipv4' && text.includes(':')
  const length = Number(lengthText) - (wasMapped ? 96 : 0)
  if (address === null || length < 0 || length > address.bytes.length * 8) return null
  const bytes = address.bytes.map((byte, index) => byte & maskByte(length, index))
  return { family: address.family, bytes, length }
}

/** Writes a prefix: address, slash, length. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix)}/${prefix.length}`
}

/** The prefix that holds this address alone. */
export function hostPrefix({ family, bytes }: Address): Prefix {
  return { family, bytes, length: bytes.length * 8 }
}

/** Reports whether an address lies in a prefix; families never meet. */
export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false
  return address.bytes.every((byte, index) => (byte & maskByte(prefix.length, index)) === prefix.bytes[index])
}

/** Reports whether `inner` lies wholly in `outer`. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && contains(outer, inner)
}

/** Tells what kind of address it is. */
export function kindOf(address: Address): AddressKind {
  const table = address.family === 'ipv4' ? ipv4Kinds : ipv6Kinds
  for (const [prefix, kind] of table) if (contains(prefix, address)) return kind
  return 'public'
}

function maskByte(length: number, index: number): number {
  const bits = Math.min(8, Math.max(0, length - index * 8))
  return (0xff << (8 - bits)) & 0xff
}

function kinds(
  rows: readonly (readonly [string, AddressKind])[],
): readonly (readonly [Prefix, AddressKind])[] {
  return rows.map(([text, kind]) => {
    const prefix = parsePrefix(text)
    if (prefix === null) throw new RangeError(`${text} is no prefix`)
    return [prefix, kind] as const
  })
}

/** The first that matches holds. */
const ipv4Kinds = kinds([
  ['0.0.0.0/8', 'unspecified'],
  ['127.0.0.0/8', 'loopback'],
  ['255.255.255.255/32', 'broadcast'],
  ['169.254.0.0/16', 'link-local'],
  ['224.0.0.0/24', 'link-multicast'],
  ['239.255.255.250/32', 'link-multicast'],
  ['224.0.0.0/4', 'multicast'],
  ['10.0.0.0/8', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['100.64.0.0/10', 'private'],
  ['192.0.0.0/24', 'special'],
  ['192.0.2.0/24', 'special'],
  ['198.51.100.0/24', 'special'],
  ['203.0.113.0/24', 'special'],
  ['198.18.0.0/15', 'special'],
  ['240.0.0.0/4', 'special'],
])

const ipv6Kinds = kinds([
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fe80::/10', 'link-local'],
  ['ff01::/16', 'link-multicast'],
  ['ff02::/16', 'link-multicast'],
  ['ff00::/8', 'multicast'],
  ['fc00::/7', 'private'],
  ['100::/64', 'special'],
  ['2001:db8::/32', 'special'],
  ['3fff::/20', 'special'],
])

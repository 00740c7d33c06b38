/** RTM_NEWROUTE, RTM_DELROUTE (linux/rtnetlink.h): unicast routes of all tables but the local one. Pure, never throws. */
import type { IpFamily, RouteMessage } from './net-messages.ts'
import {
  type Attributes,
  align4,
  bitsOf,
  familyOf,
  ipOf,
  readAttributes,
  u32Of,
} from './netlink-attributes.ts'

const RT_TABLE_LOCAL = 255
const RTM_F_CLONED = 0x200
const RTN_UNICAST = 1
const RTA_DST = 1
const RTA_OIF = 4
const RTA_GATEWAY = 5
const RTA_PRIORITY = 6
const RTA_MULTIPATH = 9
const RTA_TABLE = 15
const RTA_VIA = 18

interface Hop {
  readonly gateway: string | null
  readonly index: number | null
}

/** `struct rtmsg` and attributes: a message for each hop. Null where it can't be read. */
export function parseRoute(body: Buffer, isRemoval: boolean): readonly RouteMessage[] | null {
  if (body.length < 12) return null
  const family = familyOf(body[0])
  if (family === null || (body.readUInt32LE(8) & RTM_F_CLONED) !== 0) return []
  const attributes = readAttributes(body, 12)
  if (attributes === null) return null
  const table = u32Of(attributes.get(RTA_TABLE)) ?? body[4] ?? 0
  if (table === RT_TABLE_LOCAL || body[7] !== RTN_UNICAST) return []
  const destination = attributes.get(RTA_DST)
  const shown = destination === undefined ? (family === 'ipv4' ? '0.0.0.0' : '::') : ipOf(family, destination)
  if (shown === null) return null
  const common = {
    kind: 'route' as const,
    isRemoval,
    family,
    destination: shown,
    prefixLength: Math.min(body[1] ?? 0, bitsOf(family)),
    table,
    metric: u32Of(attributes.get(RTA_PRIORITY)),
  }
  const multipath = attributes.get(RTA_MULTIPATH)
  if (multipath === undefined) {
    return [{ ...common, gateway: gatewayOf(attributes, family), index: u32Of(attributes.get(RTA_OIF)) }]
  }
  return nextHops(multipath, family)?.map((hop) => ({ ...common, ...hop })) ?? null
}

/** RTA_MULTIPATH: `struct rtnexthop` { u16 length, u8 flags, u8 hops, i32 index } with attributes, again and again. */
function nextHops(bytes: Buffer, family: IpFamily): readonly Hop[] | null {
  const hops: Hop[] = []
  let at = 0
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt16LE(at)
    if (length < 8 || at + length > bytes.length) return null
    const attributes = readAttributes(bytes.subarray(at, at + length), 8)
    if (attributes === null) return null
    hops.push({ gateway: gatewayOf(attributes, family), index: bytes.readUInt32LE(at + 4) })
    at += align4(length)
  }
  return hops
}

function gatewayOf(attributes: Attributes, family: IpFamily): string | null {
  const gateway = attributes.get(RTA_GATEWAY)
  if (gateway !== undefined) return ipOf(family, gateway)
  // RTA_VIA: a gateway of the other family.
  const via = attributes.get(RTA_VIA)
  if (via === undefined || via.length < 6) return null
  const viaFamily = familyOf(via.readUInt16LE(0))
  return viaFamily === null ? null : ipOf(viaFamily, via.subarray(2))
}

/** RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR (linux/if_link.h, linux/if_addr.h). Pure, never throws. */
import type { AddressMessage, LinkMessage } from './net-messages.ts'
import { bitsOf, familyOf, indexOf, ipOf, macOf, readAttributes, textOf } from './netlink-attributes.ts'

const AF_UNSPEC = 0
const IFLA_ADDRESS = 1
const IFLA_IFNAME = 3
const IFLA_LINK = 5
const IFLA_MASTER = 10
const IFLA_OPERSTATE = 16
const IFLA_LINKINFO = 18
const IFLA_LINK_NETNSID = 37
const IFLA_PERM_ADDRESS = 54
const IFLA_PARENT_DEV_NAME = 56
const IFLA_PARENT_DEV_BUS_NAME = 57
const IFLA_INFO_KIND = 1
const IFA_ADDRESS = 1
const IFA_LOCAL = 2

/** `struct ifinfomsg` and attributes. Null where it can't be read. */
export function parseLink(body: Buffer, isRemoval: boolean): readonly LinkMessage[] | null {
  if (body.length < 16) return null
  // AF_BRIDGE messages speak of a port of a bridge, and their removal is not the interface's.
  if (body[0] !== AF_UNSPEC) return []
  const attributes = readAttributes(body, 16)
  const index = body.readInt32LE(4)
  if (attributes === null || index < 0) return null
  const info = attributes.get(IFLA_LINKINFO)
  const infoAttributes = info === undefined ? undefined : readAttributes(info, 0)
  if (infoAttributes === null) return null
  const linkKind = textOf(infoAttributes?.get(IFLA_INFO_KIND))
  // An index of another namespace would name a stranger here; a veth's is its other end, on which it does not stand.
  const isElsewhere = attributes.has(IFLA_LINK_NETNSID) || isPair(linkKind)
  const lower = isElsewhere ? null : indexOf(attributes.get(IFLA_LINK))
  return [
    {
      kind: 'link',
      isRemoval,
      hardwareType: body.readUInt16LE(2),
      index,
      flags: body.readUInt32LE(8),
      name: textOf(attributes.get(IFLA_IFNAME)),
      mac: macOf(attributes.get(IFLA_ADDRESS)),
      permanentMac: macOf(attributes.get(IFLA_PERM_ADDRESS)),
      operState: attributes.get(IFLA_OPERSTATE)?.[0] ?? null,
      linkKind,
      lowerIndex: lower === index ? null : lower,
      masterIndex: indexOf(attributes.get(IFLA_MASTER)),
      parentName: textOf(attributes.get(IFLA_PARENT_DEV_NAME))?.toString('latin1') ?? null,
      parentBus: textOf(attributes.get(IFLA_PARENT_DEV_BUS_NAME))?.toString('latin1') ?? null,
    },
  ]
}

/** `struct ifaddrmsg` and attributes. Null where it can't be read. */
export function parseAddress(body: Buffer, isRemoval: boolean): readonly AddressMessage[] | null {
  if (body.length < 8) return null
  const family = familyOf(body[0])
  if (family === null) return []
  const attributes = readAttributes(body, 8)
  // IFA_LOCAL is the interface's own address; IFA_ADDRESS is the peer's on a point-to-point link.
  const address = attributes?.get(IFA_LOCAL) ?? attributes?.get(IFA_ADDRESS)
  const shown = address === undefined ? null : ipOf(family, address)
  if (shown === null) return null
  return [
    {
      kind: 'address',
      isRemoval,
      family,
      prefixLength: Math.min(body[1] ?? 0, bitsOf(family)),
      scope: scopes.get(body[3] ?? -1) ?? 'other',
      index: body.readUInt32LE(4),
      address: shown,
    },
  ]
}

const scopes: ReadonlyMap<number, AddressMessage['scope']> = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
])

function isPair(linkKind: Buffer | null): boolean {
  const kind = linkKind?.toString('latin1')
  return kind === 'veth' || kind === 'vxcan' || kind === 'netkit'
}

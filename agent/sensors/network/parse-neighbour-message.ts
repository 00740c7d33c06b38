/** RTM_NEWNEIGH, RTM_DELNEIGH (linux/neighbour.h): who answers at which hardware address. Pure, never throws. */
import type { NeighbourMessage } from './net-messages.ts'
import { familyOf, ipOf, macOf, readAttributes } from './netlink-attributes.ts'

const NDA_DST = 1
const NDA_LLADDR = 2
const NTF_PROXY = 0x08
const NTF_ROUTER = 0x80
const NUD_NOARP = 0x40
/** Bits of `ndm_state`, the one that says most first. */
const states = [
  [0x80, 'permanent'],
  [0x02, 'reachable'],
  [0x08, 'delay'],
  [0x10, 'probe'],
  [0x04, 'stale'],
  [0x20, 'failed'],
  [0x01, 'incomplete'],
] as const

/**
 * `struct ndmsg` { u8 family, 3 bytes, i32 index, u16 state, u8 flags, u8 type } and attributes. Null where it can't be
 * read. Left out: entries of a bridge's own table, proxies, and those that need no resolving (NUD_NOARP: loopback,
 * multicast), which speak of nobody.
 */
export function parseNeighbour(body: Buffer, isRemoval: boolean): readonly NeighbourMessage[] | null {
  if (body.length < 12) return null
  const family = familyOf(body[0])
  const [index, state, flags] = [body.readInt32LE(4), body.readUInt16LE(8), body[10] ?? 0]
  if (family === null || (flags & NTF_PROXY) !== 0 || (state & NUD_NOARP) !== 0) return []
  const attributes = readAttributes(body, 12)
  const destination = attributes?.get(NDA_DST)
  if (attributes === null || destination === undefined || index < 0) return null
  const address = ipOf(family, destination)
  if (address === null) return null
  const neighbour = {
    address,
    mac: macOf(attributes.get(NDA_LLADDR)),
    interfaceIndex: index,
    state: states.find(([bit]) => (state & bit) !== 0)?.[1] ?? 'none',
    isRouter: (flags & NTF_ROUTER) !== 0,
  }
  return [{ kind: 'neighbour', isRemoval, neighbour }]
}

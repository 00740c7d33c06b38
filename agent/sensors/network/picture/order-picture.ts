/** What comes first in a picture, and what is left out where not all of it fits: what is live stays. Pure. */
import { LIMITS, type Neighbour, type NetworkInterface, type Picture, type Route } from '@shoukou/protocol'
import { isNextHop, nextHopsOf } from './gateways.ts'

/** A picture without its count of what was left out. */
export type PictureParts = Omit<Picture, 'omitted'>

const addressesPerInterfaceMax = 32
/** As JSON: a record holds one picture beside its own fields, and any text may double in the record's own escapes. */
const pictureBytesMax = 196_608
/** How many of each a picture holds. */
export const listsMax = {
  interfaces: LIMITS.pictureItemsMax,
  routes: LIMITS.pictureItemsMax,
  neighbours: LIMITS.pictureItemsMax,
  rules: LIMITS.pictureItemsMax,
  sockets: LIMITS.pictureItemsMax,
  leases: 32,
  dnsServers: 32,
  wireless: 32,
  sharing: 64,
  unread: 16,
} as const
/** These give way where a picture is too long, the first of them first. */
const yielding = ['sockets', 'neighbours', 'routes', 'rules', 'sharing', 'leases', 'interfaces'] as const

/** Puts each list in order, cuts it at its limit and the whole at its length; `omittedBefore` counts what readers left out. */
export function orderPicture(parts: PictureParts, omittedBefore = 0): Picture {
  let omitted = omittedBefore
  const cut = <T>(list: readonly T[], max: number): T[] => {
    omitted += Math.max(0, list.length - max)
    return list.slice(0, max)
  }
  const gateways = nextHopsOf(parts.routes)
  const ordered = {
    interfaces: cut(sorted(parts.interfaces, rankInterface), listsMax.interfaces).map((one) => ({
      ...one,
      addresses: cut(one.addresses, addressesPerInterfaceMax),
    })),
    routes: cut(sorted(parts.routes, rankRoute), listsMax.routes),
    neighbours: cut(
      sorted(parts.neighbours, (one) => rankNeighbour(one, gateways)),
      listsMax.neighbours,
    ),
    rules: cut(parts.rules, listsMax.rules),
    leases: cut(parts.leases, listsMax.leases),
    dnsServers: cut(parts.dnsServers, listsMax.dnsServers),
    wireless: cut(parts.wireless, listsMax.wireless),
    sharing: cut(parts.sharing, listsMax.sharing),
    sockets: cut(parts.sockets, listsMax.sockets),
    sessionAccount: parts.sessionAccount,
    unread: cut([...new Set(parts.unread)], listsMax.unread),
  }
  return fit({ ...ordered, omitted })
}

function rankInterface({ nature, isAdminUp, hasCarrier }: NetworkInterface): number {
  if (nature === 'loopback') return 4
  if (isAdminUp && hasCarrier) return nature === 'physical' ? 0 : 1
  return isAdminUp ? 2 : 3
}

function rankRoute({ prefixLength, gateway }: Route): number {
  if (prefixLength === 0) return 0
  return gateway === null ? 2 : 1
}

function rankNeighbour(neighbour: Neighbour, gateways: ReadonlySet<string>): number {
  if (isNextHop(neighbour, gateways)) return 0
  if (neighbour.isRouter) return 1
  if (neighbour.mac === null) return 5
  return ['reachable', 'delay', 'probe', 'permanent'].includes(neighbour.state) ? 2 : 3
}

function sorted<T>(list: readonly T[], rank: (one: T) => number): T[] {
  return [...list].sort((a, b) => rank(a) - rank(b))
}

/** Halves list after list until it fits; each half is counted as left out. */
function fit(picture: Picture): Picture {
  let fitted = picture
  for (let turn = 0; JSON.stringify(fitted).length * 3 > pictureBytesMax && turn < 64; turn += 1) {
    if (Buffer.byteLength(JSON.stringify(fitted)) <= pictureBytesMax) return fitted
    const longest =
      yielding.find((name) => fitted[name].length > 8) ?? yielding.find((name) => fitted[name].length > 0)
    if (longest === undefined) return fitted
    const list = fitted[longest]
    const kept = Math.floor(list.length / 2)
    fitted = { ...fitted, [longest]: list.slice(0, kept), omitted: fitted.omitted + list.length - kept }
  }
  return fitted
}

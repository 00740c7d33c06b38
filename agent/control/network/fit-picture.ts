/**
 * Cuts a picture, and what stands beside it, to what one record can hold: an interface with thousands of addresses, or
 * texts of the greatest length, must not keep the record about them from being written. Pure; what is left out is counted.
 */
import type { NetworkInterface, Picture } from '@shoukou/protocol'

/** A record holds half a MiB, and more than its picture. */
export const PICTURE_BYTES_MAX = 200_000
const addressesMax = 64
const addressesFewMax = 4

/** Returns an interface with so many addresses at most: those that lead furthest first. */
export function fitInterface(adapter: NetworkInterface, max = addressesMax): NetworkInterface {
  if (adapter.addresses.length <= max) return adapter
  const rank = { global: 0, site: 1, other: 2, link: 3, host: 4 }
  const addresses = adapter.addresses.toSorted((a, b) => rank[a.scope] - rank[b.scope]).slice(0, max)
  return { ...adapter, addresses }
}

/** Returns a picture of so many bytes at most: addresses are cut first, then sockets, sharing, routes and neighbours. */
export function fitPicture(picture: Picture, bytesMax = PICTURE_BYTES_MAX): Picture {
  const steps: readonly ((each: Picture) => Picture)[] = [
    (each) => each,
    (each) => withInterfaces(each, (adapter) => fitInterface(adapter)),
    (each) => withInterfaces(each, (adapter) => fitInterface(adapter, addressesFewMax)),
    (each) => without(each, 'sockets'),
    (each) => without(each, 'sharing'),
    (each) => without(each, 'rules'),
    (each) => without(each, 'leases'),
    (each) => without(each, 'routes'),
    (each) => without(each, 'neighbours'),
    (each) => without(each, 'wireless'),
    (each) => without(each, 'interfaces'),
  ]
  let fitted = picture
  for (const step of steps) {
    fitted = step(fitted)
    if (Buffer.byteLength(JSON.stringify(fitted)) <= bytesMax) return fitted
  }
  return { ...fitted, sessionAccount: null, dnsServers: [] }
}

function withInterfaces(picture: Picture, fit: (adapter: NetworkInterface) => NetworkInterface): Picture {
  const interfaces = picture.interfaces.map(fit)
  const left = interfaces.reduce((sum, { addresses }) => sum + addresses.length, 0)
  const had = picture.interfaces.reduce((sum, { addresses }) => sum + addresses.length, 0)
  return { ...picture, interfaces, omitted: picture.omitted + had - left }
}

type List = 'sockets' | 'sharing' | 'rules' | 'leases' | 'routes' | 'neighbours' | 'wireless' | 'interfaces'

function without(picture: Picture, list: List): Picture {
  return { ...picture, [list]: [], omitted: picture.omitted + picture[list].length }
}

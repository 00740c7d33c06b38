/** Which interface a picture's routes lead to an address by. Pure; policy rules are not followed, only the main tables. */
import {
  type Address,
  contains,
  type Picture,
  type Prefix,
  parseAddress,
  type Route,
} from '@shoukou/protocol'

/** Returns the interface's number; null where no route leads there. The longest prefix wins, then the lowest metric. */
export function interfaceToward(
  address: Address,
  picture: Pick<Picture, 'routes' | 'interfaces'>,
): number | null {
  const isOwn = picture.interfaces.some((adapter) =>
    adapter.addresses.some((own) => sameAddress(parseAddress(own.address), address)),
  )
  if (isOwn) return null
  let best: { readonly route: Route; readonly length: number; readonly metric: number } | null = null
  for (const route of picture.routes) {
    const prefix = prefixOf(route)
    if (route.interfaceIndex === null || prefix === null || !contains(prefix, address)) continue
    const metric = route.metric ?? 0
    const isBetter =
      best === null || prefix.length > best.length || (prefix.length === best.length && metric < best.metric)
    if (isBetter) best = { route, length: prefix.length, metric }
  }
  return best?.route.interfaceIndex ?? null
}

/** Returns where a route leads; null where the kernel's words are no address. */
export function prefixOf(route: Route): Prefix | null {
  const isDefault = route.prefixLength === 0
  const address = parseAddress(isDefault ? (route.family === 'ipv4' ? '0.0.0.0' : '::') : route.destination)
  return address === null ? null : { family: route.family, bytes: address.bytes, length: route.prefixLength }
}

export function sameAddress(a: Address | null, b: Address | null): boolean {
  if (a === null || b === null || a.family !== b.family) return false
  return a.bytes.every((byte, index) => byte === b.bytes[index])
}

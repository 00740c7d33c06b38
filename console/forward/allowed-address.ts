/**
 * Where this console may send to: the unit's own network, never the Internet.
 *
 * The name is resolved here, every address of it is judged, and the connection goes to the address that was judged: a
 * name that means another address a moment later leads nowhere.
 */
import { lookup } from 'node:dns/promises'
import { contains, kindOf, type Prefix, parseAddress } from '@shoukou/protocol'
import { ForwardError } from './failures.ts'

export type Resolve = (host: string) => Promise<readonly string[]>

/** Asks the system. */
export const resolveBySystem: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)

const ownKinds: ReadonlySet<string> = new Set(['loopback', 'link-local', 'private'])

/** Reports whether an address is the unit's own: private, this machine's, or in a prefix that the unit named. */
export function isAllowedAddress(text: string, prefixes: readonly Prefix[]): boolean {
  const address = parseAddress(text)
  if (address === null) return false
  return ownKinds.has(kindOf(address)) || prefixes.some((prefix) => contains(prefix, address))
}

/**
 * Returns the addresses of a host, all of them allowed.
 *
 * @throws ForwardError `address-not-allowed` where one is not, `name-unknown` where there is none.
 */
export async function allowedAddresses(
  host: string,
  prefixes: readonly Prefix[],
  resolve: Resolve = resolveBySystem,
): Promise<readonly string[]> {
  const literal = parseAddress(host) === null ? null : host
  const addresses = literal === null ? await resolve(host) : [literal]
  if (addresses.length === 0) throw new ForwardError('name-unknown', host)
  const foreign = addresses.find((address) => !isAllowedAddress(address, prefixes))
  if (foreign !== undefined) throw new ForwardError('address-not-allowed', foreign)
  return addresses
}

/** What one lease file tells, before it is known which leases still hold; and which those are. Pure. */
import { type Lease, type RawText, rawTextKey } from '@shoukou/protocol'

/** A lease without the file that it stands in. */
export type LeaseFound = Omit<Lease, 'source'>

const addressesMax = 16

/** Returns a lease as a picture holds it. */
export function leaseFrom(found: LeaseFound, interfaceName: RawText | null, source: RawText): Lease {
  return {
    ...found,
    interfaceName: found.interfaceName ?? interfaceName,
    routers: found.routers.slice(0, addressesMax),
    dnsServers: found.dnsServers.slice(0, addressesMax),
    source,
  }
}

/**
 * Returns the newest lease that has not run out, for each interface and family; newest first. Where a file does not say
 * until when, it holds.
 */
export function newestLeases(leases: readonly Lease[], nowWallMs: number): Lease[] {
  const newest = new Map<string, Lease>()
  for (const lease of leases) {
    if (lease.expiresAtMs !== null && lease.expiresAtMs <= nowWallMs) continue
    const family = lease.address?.includes(':') === true ? 'ipv6' : 'ipv4'
    const name = lease.interfaceName === null ? rawTextKey(lease.source) : rawTextKey(lease.interfaceName)
    const key = `${family} ${name}`
    const other = newest.get(key)
    if (other === undefined || timeOf(lease) > timeOf(other)) newest.set(key, lease)
  }
  return [...newest.values()].sort((a, b) => timeOf(b) - timeOf(a))
}

function timeOf({ obtainedAtMs, expiresAtMs }: Lease): number {
  return obtainedAtMs ?? expiresAtMs ?? 0
}

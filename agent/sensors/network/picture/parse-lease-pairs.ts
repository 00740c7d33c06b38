/**
 * Leases that are kept as `KEY=value` lines: systemd-networkd (/run/systemd/netif/leases) and NetworkManager's own DHCP
 * client (/var/lib/NetworkManager/internal-*.lease). Pure.
 *
 * Both say of the file that it is private: a key that is missing is null, never a fault.
 */
import { formatAddress, parseAddress } from '@shoukou/protocol'
import type { LeaseFound } from './lease-found.ts'

/** Reads the one lease of such a file; null where no address stands in it. `changedWallMs` is when it was written. */
export function parseLeasePairs(text: string, changedWallMs: number): LeaseFound | null {
  const pairs = new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=')
      return at > 0 && !line.startsWith('#') ? [[line.slice(0, at), line.slice(at + 1).trim()] as const] : []
    }),
  )
  const address = addressIn(pairs.get('ADDRESS'))
  if (address === null) return null
  const lifetime = Number(pairs.get('LIFETIME') ?? Number.NaN)
  return {
    interfaceName: null,
    address,
    server: addressIn(pairs.get('SERVER_ADDRESS')),
    routers: addressesIn(pairs.get('ROUTER')),
    dnsServers: addressesIn(pairs.get('DNS')),
    obtainedAtMs: changedWallMs,
    // 2^32-1 seconds is "for ever" (RFC 2131 §3.3).
    expiresAtMs:
      Number.isInteger(lifetime) && lifetime >= 0 && lifetime < 0xffffffff
        ? changedWallMs + lifetime * 1_000
        : null,
  }
}

/** Returns the one address that a text is, in canonical form; null for anything else. */
export function addressIn(text: string | undefined): string | null {
  const parsed = text === undefined ? null : parseAddress(text)
  return parsed === null ? null : formatAddress(parsed)
}

/** Returns the addresses of a list that is parted by blanks or commas; what is none is left out. */
export function addressesIn(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).flatMap((word) => addressIn(word) ?? [])
}

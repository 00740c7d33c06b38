/** Name servers and DHCP servers that are not the registered ones. Pure. */
import { kindOf, type Lease, type NetworkInterface, parseAddress, rawTextKey } from '@shoukou/protocol'
import { isLive } from './adapters.ts'
import type { Found } from './condition.ts'
import { sameAddress } from './route-lookup.ts'
import { responseTo, type View } from './view.ts'

export function findServers(view: View): Found[] {
  return view.rules === null ? [] : [...findDns(view), ...findDhcp(view)]
}

function findDns({ picture, rules }: View): Found[] {
  const approved = rules?.dnsServers ?? []
  return picture.dnsServers.flatMap((server): Found[] => {
    const address = parseAddress(server.split('%')[0] ?? server)
    if (address === null) return []
    const kind = kindOf(address)
    // A resolver of this computer's own asks others on its behalf; those are told by their connections.
    if (kind === 'loopback' || kind === 'unspecified') return []
    if (approved.some((each) => sameAddress(parseAddress(each), address))) return []
    return [
      {
        code: 'unapproved-dns',
        parts: [server],
        peer: { address: server, port: 53 },
        text: server,
        expected: listed(approved),
        // It stands in a file: whether anybody ever asked it is told by the connections.
        confidence: 'attempt',
        response: 'none',
        rule: kind === 'public' ? 'public-dns' : 'unapproved-dns',
      },
    ]
  })
}

function findDhcp(view: View): Found[] {
  const approved = view.rules?.dhcpServers ?? []
  return view.picture.leases.flatMap((lease): Found[] => {
    const adapter = holderOf(lease, view)
    const server = lease.server === null ? null : parseAddress(lease.server)
    if (adapter === null || server === null || lease.server === null) return []
    if (approved.some((each) => sameAddress(parseAddress(each), server))) return []
    return [
      {
        code: 'unapproved-dhcp',
        parts: [adapter.index, lease.server],
        interface: adapter,
        peer: { address: lease.server, port: server.family === 'ipv4' ? 67 : 547 },
        text: lease.server,
        expected: listed(approved),
        confidence: 'confirmed-reachability',
        response: responseTo(adapter, view),
      },
    ]
  })
}

/** The live interface that has the lease's address now; null for one that is only left in a file. */
function holderOf(lease: Lease, { picture }: View): NetworkInterface | null {
  const leased = lease.address === null ? null : parseAddress(lease.address)
  const found = picture.interfaces.find((adapter) => {
    if (!isLive(adapter)) return false
    if (leased !== null)
      return adapter.addresses.some((own) => sameAddress(parseAddress(own.address), leased))
    return lease.interfaceName !== null && rawTextKey(lease.interfaceName) === rawTextKey(adapter.name)
  })
  return found ?? null
}

function listed(addresses: readonly string[]): string | null {
  return addresses.length === 0 ? null : addresses.join(', ').slice(0, 1_000)
}

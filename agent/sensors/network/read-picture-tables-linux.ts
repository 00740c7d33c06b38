/** The kernel's tables for a picture: what the sensor holds, with neighbours and rules asked for at this moment. */
import { LIMITS, type NetworkInterface, type RouteRule } from '@shoukou/protocol'
import type { NetworkTables } from './network-tables.ts'
import type { PictureTableName, PictureTables } from './picture-tables.ts'
import type { Rtnetlink } from './rtnetlink-linux.ts'

/**
 * Reads the tables. A part that can't be read is named in `unread` and told to `onFault`; without rtnetlink these are
 * the neighbours and the rules.
 */
export function readPictureTables(
  tables: Pick<NetworkTables, 'interfaces' | 'routes'>,
  rtnetlink: Pick<Rtnetlink, 'dumpNeighbours' | 'dumpRules'> | undefined,
  onFault: (part: PictureTableName, error: unknown) => void,
): PictureTables {
  const unread: PictureTableName[] = []
  const read = <T>(part: PictureTableName, ask: (() => T[]) | undefined): T[] => {
    try {
      if (ask !== undefined) return ask()
    } catch (error) {
      onFault(part, error)
    }
    unread.push(part)
    return []
  }
  const neighbours = read('neighbours', rtnetlink && (() => rtnetlink.dumpNeighbours()))
  const rules = read('rules', rtnetlink && (() => rtnetlink.dumpRules()))
  return {
    interfaces: [...tables.interfaces.values()].map(bounded).sort((a, b) => a.index - b.index),
    routes: [...tables.routes.values()],
    neighbours,
    rules: rules.filter((rule) => !isOrdinary(rule)),
    unread,
  }
}

function bounded(subject: NetworkInterface): NetworkInterface {
  const addressesOmitted = subject.addresses.length - LIMITS.interfaceAddressesMax
  if (addressesOmitted <= 0) return subject
  return { ...subject, addresses: subject.addresses.slice(0, LIMITS.interfaceAddressesMax), addressesOmitted }
}

/** The rules that the kernel itself makes: three for IPv4, two for IPv6 (net/ipv4/fib_rules.c, net/ipv6/fib6_rules.c). */
function isOrdinary({ family, priority, text }: RouteRule): boolean {
  switch (priority) {
    case 0:
      return text === 'from all lookup local'
    case 32_766:
      return text === 'from all lookup main'
    case 32_767:
      return text === 'from all lookup default' && family === 'ipv4'
    default:
      return false
  }
}

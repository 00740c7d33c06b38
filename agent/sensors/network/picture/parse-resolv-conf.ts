/** resolv.conf(5) to name servers, and which of several such files say who is really asked. Pure. */
import { formatAddress, kindOf, parseAddress } from '@shoukou/protocol'

const linesMax = 1_000

/** Reads the `nameserver` lines, in order; zones (`%eth0`) are left out of the address. */
export function parseResolvConf(text: string): string[] {
  return text.split('\n', linesMax).flatMap((line): string[] => {
    const word = /^nameserver[ \t]+(\S+)/.exec(line)?.[1]?.replace(/%.*$/, '')
    const parsed = word === undefined ? null : parseAddress(word)
    return parsed === null ? [] : [formatAddress(parsed)]
  })
}

/**
 * Returns the servers that names are asked of. A stub on this computer (127.0.0.53 and any other loopback address) only hands
 * on: those behind it are named in its place, and it itself only where nothing tells who they are and it is no stub of
 * systemd-resolved.
 */
export function effectiveServers(configured: readonly string[], behind: readonly string[]): string[] {
  const direct = configured.filter((address) => !isHere(address))
  if (direct.length === configured.length) return unique(direct)
  const others = unique([...direct, ...behind.filter((address) => !isHere(address))])
  return others.length > 0
    ? others
    : unique(configured).filter((address) => !/^127\.0\.0\.5[34]$/.test(address))
}

function isHere(text: string): boolean {
  const address = parseAddress(text)
  return address !== null && kindOf(address) === 'loopback'
}

function unique(addresses: readonly string[]): string[] {
  return [...new Set(addresses)]
}

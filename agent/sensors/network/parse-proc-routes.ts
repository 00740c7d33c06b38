/** /proc/net/route and /proc/net/ipv6_route to route messages: the way without rtnetlink. Main table only. Pure. */
import type { RouteMessage } from './net-messages.ts'
import { ipv6Text } from './netlink-attributes.ts'

const RT_TABLE_MAIN = 254
const RTF_UP = 0x1
const RTF_GATEWAY = 0x2
const RTF_REJECT = 0x200
const RTF_ANYCAST = 0x0010_0000
const RTF_LOCAL = 0x8000_0000

/** `indexOf` names an interface's index; null where it is not known any more. */
export function parseIpv4Routes(text: string, indexOf: (name: string) => number | null): RouteMessage[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line): RouteMessage[] => {
      const [name, destination, gateway, flagsText, , , metric, mask] = line
        .split('\t')
        .map((field) => field.trim())
      const flags = Number.parseInt(flagsText ?? '', 16)
      if (!name || !destination || !gateway || !mask || !isWanted(flags)) return []
      return [
        {
          kind: 'route',
          isRemoval: false,
          family: 'ipv4',
          destination: ipv4Of(destination),
          prefixLength: bitCount(Number.parseInt(mask, 16)),
          gateway: (flags & RTF_GATEWAY) === 0 ? null : ipv4Of(gateway),
          index: indexOf(name),
          table: RT_TABLE_MAIN,
          // rtnetlink leaves a metric of 0 out, and so it is "none" here too.
          metric: Number(metric) || null,
        },
      ]
    })
}

export function parseIpv6Routes(text: string, indexOf: (name: string) => number | null): RouteMessage[] {
  return text.split('\n').flatMap((line): RouteMessage[] => {
    const [destination, prefix, , , gateway, metric, , , flagsText, name] = line.trim().split(/\s+/)
    const flags = Number.parseInt(flagsText ?? '', 16)
    if (!name || destination?.length !== 32 || gateway?.length !== 32 || !isWanted(flags)) return []
    if (((flags & RTF_LOCAL) | (flags & RTF_ANYCAST)) !== 0 || destination.startsWith('ff')) return []
    return [
      {
        kind: 'route',
        isRemoval: false,
        family: 'ipv6',
        destination: ipv6Text(Buffer.from(destination, 'hex')),
        prefixLength: Math.min(Number.parseInt(prefix ?? '0', 16), 128),
        gateway: (flags & RTF_GATEWAY) === 0 ? null : ipv6Text(Buffer.from(gateway, 'hex')),
        index: indexOf(name),
        table: RT_TABLE_MAIN,
        metric: Number.parseInt(metric ?? '', 16) || null,
      },
    ]
  })
}

function isWanted(flags: number): boolean {
  return !Number.isNaN(flags) && (flags & RTF_UP) !== 0 && (flags & RTF_REJECT) === 0
}

/** Written as the number in memory, so the bytes are the other way round on little-endian machines. */
function ipv4Of(hex: string): string {
  return [...Buffer.from(hex, 'hex')].reverse().join('.')
}

function bitCount(value: number): number {
  let count = 0
  for (let rest = value >>> 0; rest !== 0; rest >>>= 1) count += rest & 1
  return count
}

/** DHCP leases, past ones too: dhclient.leases(5), and the key=value files of systemd-networkd and NetworkManager. Pure. */
import { boundedLines } from './bounded-lines.ts'
import type { FoundTrace } from './found-trace.ts'

const leasesMax = 2_000

/** Reads all leases of a dhclient file: it keeps them one after the other. */
export function parseDhclientLeases(text: string): FoundTrace[] {
  const found: FoundTrace[] = []
  for (const block of text.split(/^lease6? \{/m).slice(1)) {
    if (found.length >= leasesMax) break
    const body = block.split(/^\}/m, 1)[0] ?? ''
    const address = /^[ \t]*(?:fixed-address|iaaddr)\s+([0-9A-Fa-f.:]+)/m.exec(body)?.[1]
    if (address === undefined) continue
    const server = /^[ \t]*option dhcp-server-identifier\s+([0-9.]+)/m.exec(body)?.[1] ?? null
    const routers = /^[ \t]*option routers\s+([0-9., ]+)/m.exec(body)?.[1]?.trim() ?? null
    found.push({
      kind: 'dhcp-lease',
      text: leaseText(address, routers, server),
      interfaceName: /^[ \t]*interface\s+"([^"]{0,64})"/m.exec(body)?.[1] ?? null,
      peer: server,
      ...leaseTimes(body),
      certainty: 'certain',
    })
  }
  return found
}

/** It says when a lease ends and how long it is: that it began is arithmetic. */
function leaseTimes(body: string): Pick<FoundTrace, 'firstWallMs' | 'lastWallMs'> {
  const endMs = timeOf(/^[ \t]*expire\s+(.+);/m.exec(body)?.[1])
  const renewMs = timeOf(/^[ \t]*renew\s+(.+);/m.exec(body)?.[1])
  const seconds = Number(/^[ \t]*option dhcp-lease-time\s+(\d{1,10})/m.exec(body)?.[1] ?? '')
  if (endMs !== null && seconds > 0) {
    const beganMs = endMs - seconds * 1_000
    return { firstWallMs: beganMs, lastWallMs: beganMs }
  }
  return { firstWallMs: null, lastWallMs: renewMs ?? null }
}

/** `4 2026/11/22 02:36:46` in UTC, or `epoch 1793328000` where it was told to write local time. */
function timeOf(text: string | undefined): number | null {
  const epoch = /^epoch (\d{1,11})/.exec(text ?? '')?.[1]
  if (epoch !== undefined) return Number(epoch) * 1_000
  const parts = /^\d (\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text ?? '')
  if (parts === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** Reads a lease of systemd-networkd (/run/systemd/netif/leases) or of NetworkManager's own client. */
export function parseKeyValueLease(text: string, interfaceName: string | null): FoundTrace[] {
  const keys = new Map(
    boundedLines(text, 200).flatMap((line) => {
      const at = line.indexOf('=')
      return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const] : []
    }),
  )
  const address = keys.get('ADDRESS')
  if (address === undefined || !/^[0-9A-Fa-f.:]+$/.test(address)) return []
  const server = keys.get('SERVER_ADDRESS') ?? null
  return [
    {
      kind: 'dhcp-lease',
      text: leaseText(address, keys.get('ROUTER') ?? null, server),
      interfaceName,
      peer: server,
      certainty: 'certain',
    },
  ]
}

/** NetworkManager names its leases `internal-UUID-INTERFACE.lease`. */
export function interfaceOfLeaseName(fileName: string): string | null {
  return (
    /^(?:internal|dhclient|dhcp)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(.+)\.lease$/.exec(
      fileName,
    )?.[1] ?? null
  )
}

function leaseText(address: string, routers: string | null, server: string | null): string {
  const parts = [address]
  if (routers !== null) parts.push(`router ${routers}`)
  if (server !== null) parts.push(`server ${server}`)
  return parts.join(', ')
}

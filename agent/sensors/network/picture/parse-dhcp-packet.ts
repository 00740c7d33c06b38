/**
 * A lease that is kept as the very packet that brought it: dhcpcd (/var/lib/dhcpcd/IFACE.lease) writes the server's DHCPACK
 * as it came (RFC 2131 §2, RFC 2132). Pure; the bytes are a server's and may say anything.
 */
import { formatAddress, fromBytes } from '@shoukou/protocol'
import type { LeaseFound } from './lease-found.ts'

const cookie = Buffer.from([0x63, 0x82, 0x53, 0x63])
const optionsAt = 240
const OPTION_ROUTER = 3
const OPTION_DNS = 6
const OPTION_LEASE_TIME = 51
const OPTION_SERVER = 54
const OPTION_END = 255

/** Reads such a packet; null for what is none. `changedWallMs` is when the file was written. */
export function parseDhcpPacket(bytes: Buffer, changedWallMs: number): LeaseFound | null {
  if (bytes.length < optionsAt || bytes[0] !== 2 || !bytes.subarray(236, optionsAt).equals(cookie))
    return null
  const options = optionsIn(bytes)
  const lifetime = options.get(OPTION_LEASE_TIME)
  const seconds = lifetime?.length === 4 ? lifetime.readUInt32BE(0) : 0xffffffff
  return {
    interfaceName: null,
    address: formatAddress(fromBytes(bytes.subarray(16, 20))),
    server: addressesOf(options.get(OPTION_SERVER))[0] ?? null,
    routers: addressesOf(options.get(OPTION_ROUTER)),
    dnsServers: addressesOf(options.get(OPTION_DNS)),
    obtainedAtMs: changedWallMs,
    expiresAtMs: seconds === 0xffffffff ? null : changedWallMs + seconds * 1_000,
  }
}

/** An option that comes more than once is one in parts (RFC 3396). */
function optionsIn(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const options = new Map<number, Buffer>()
  let at = optionsAt
  while (at < bytes.length) {
    const code = bytes[at] ?? OPTION_END
    if (code === OPTION_END) break
    at += 1
    if (code === 0) continue
    const length = bytes[at] ?? 0
    const value = bytes.subarray(at + 1, at + 1 + length)
    if (value.length < length) break
    options.set(code, Buffer.concat([options.get(code) ?? Buffer.alloc(0), value]))
    at += 1 + length
  }
  return options
}

function addressesOf(value: Buffer | undefined): string[] {
  const bytes = value ?? Buffer.alloc(0)
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) =>
    formatAddress(fromBytes(bytes.subarray(index * 4, index * 4 + 4))),
  )
}

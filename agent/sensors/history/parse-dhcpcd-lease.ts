/** dhcpcd keeps the server's answer as it came (RFC 2131 §2, options of RFC 2132). Pure, never throws. */
import type { FoundTrace } from './found-trace.ts'

const addressOffset = 16
const cookieOffset = 236
const COOKIE = 0x63825363
const OPTION_ROUTER = 3
const OPTION_SERVER = 54
const OPTION_END = 255

/** `fileName` is `IF.lease` or, with a radio, `IF-SSID.lease`. */
export function parseDhcpcdLease(bytes: Buffer, fileName: string): FoundTrace[] {
  if (bytes.length < cookieOffset + 4 || bytes[0] !== 2 || bytes.readUInt32BE(cookieOffset) !== COOKIE)
    return []
  const options = optionsOf(bytes.subarray(cookieOffset + 4))
  const [name = '', ...ssid] = fileName.replace(/\.lease\d?$/, '').split('-')
  const [server, router] = [options.get(OPTION_SERVER) ?? null, options.get(OPTION_ROUTER) ?? null]
  const parts = [bytes.subarray(addressOffset, addressOffset + 4).join('.')]
  if (router !== null) parts.push(`router ${router}`)
  if (ssid.length > 0) parts.push(`network ${ssid.join('-')}`)
  return [
    { kind: 'dhcp-lease', text: parts.join(', '), interfaceName: name, peer: server, certainty: 'certain' },
  ]
}

/** Returns the first address of each option that holds one. */
function optionsOf(bytes: Buffer): Map<number, string> {
  const found = new Map<number, string>()
  for (let at = 0; at < bytes.length; ) {
    const code = bytes[at] ?? OPTION_END
    if (code === OPTION_END) break
    if (code === 0) {
      at += 1
      continue
    }
    const length = bytes[at + 1] ?? 0
    if (length >= 4 && at + 6 <= bytes.length) found.set(code, bytes.subarray(at + 2, at + 6).join('.'))
    at += 2 + length
  }
  return found
}

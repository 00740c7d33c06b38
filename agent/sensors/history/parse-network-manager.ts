/**
 * NetworkManager's profiles and what it remembers of them: nm-settings-keyfile(5), and `timestamps` and `seen-bssids` in
 * /var/lib/NetworkManager. Pure. Only named keys are taken: a profile holds passwords beside them.
 */
import type { FoundTrace } from './found-trace.ts'
import { type Keyfile, parseKeyfile } from './parse-keyfile.ts'

export interface NetworkManagerMemory {
  /** When each profile was last in use, by uuid, ms. */
  readonly lastUsedMs: ReadonlyMap<string, number>
}

/** Reads `timestamps`: seconds by uuid. */
export function parseTimestamps(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const [uuid, value] of parseKeyfile(text).get('timestamps') ?? []) {
    if (/^\d{1,11}$/.test(value) && Number(value) > 0) found.set(uuid, Number(value) * 1_000)
  }
  return found
}

/** Reads `seen-bssids`: the access points that were used with each profile. */
export function parseSeenBssids(text: string): FoundTrace[] {
  const found: FoundTrace[] = []
  for (const [, value] of parseKeyfile(text).get('seen-bssids') ?? []) {
    for (const bssid of value.split(/[,;]/, 256)) {
      if (/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(bssid.trim()))
        found.push({ kind: 'wifi-seen', text: bssid.trim().toLowerCase(), certainty: 'likely' })
    }
  }
  return found
}

/** Reads one profile; nothing where it is none of a network. */
export function parseProfile(text: string, memory: NetworkManagerMemory): FoundTrace[] {
  const file = parseKeyfile(text)
  const connection = file.get('connection')
  const type = connection?.get('type')
  if (connection === undefined || type === undefined || type === 'loopback') return []
  const uuid = connection.get('uuid') ?? ''
  const own = Number(connection.get('timestamp') ?? '')
  const usedMs = memory.lastUsedMs.get(uuid) ?? (own > 0 ? own * 1_000 : null)
  const { kind, text: shown } = kindOf(type, file, unescape(connection.get('id') ?? ''))
  return [
    {
      kind,
      text: shown,
      interfaceName: connection.get('interface-name') ?? null,
      lastWallMs: usedMs,
      // It was in use at least once where a time of use is kept.
      certainty: usedMs === null ? 'likely' : 'certain',
    },
  ]
}

function kindOf(type: string, file: Keyfile, id: string): Pick<FoundTrace, 'kind' | 'text'> {
  switch (type) {
    case 'wifi':
    case '802-11-wireless': {
      const group = file.get('wifi') ?? file.get('802-11-wireless')
      return { kind: 'wifi-profile', text: ssidOf(group?.get('ssid') ?? '') || id }
    }
    case 'vpn': {
      const group = file.get('vpn')
      const service = (group?.get('service-type') ?? '').split('.').at(-1) ?? ''
      const peer = group?.get('remote') ?? group?.get('gateway') ?? group?.get('address') ?? ''
      return { kind: 'vpn-profile', text: words(id, service, peer) }
    }
    case 'wireguard':
    case 'tun':
    case 'ip-tunnel':
      return { kind: 'vpn-profile', text: words(id, type) }
    case 'gsm':
    case 'cdma':
      return { kind: 'modem', text: words(id, type, file.get('gsm')?.get('apn') ?? '') }
    case 'bluetooth': {
      const group = file.get('bluetooth')
      return {
        kind: 'connection-profile',
        text: words(id, `bluetooth ${group?.get('type') ?? ''}`.trim(), group?.get('bdaddr') ?? ''),
      }
    }
    default:
      return { kind: 'connection-profile', text: words(id, type) }
  }
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ')
}

/** An SSID is text, or its bytes in decimal: `72;111;109;101;`. */
function ssidOf(value: string): string {
  if (/^(?:\d{1,3};){1,32}$/.test(value)) {
    const bytes = value.split(';').slice(0, -1).map(Number)
    if (bytes.every((byte) => byte <= 255)) return String.fromCharCode(...bytes)
  }
  return unescape(value)
}

function unescape(value: string): string {
  return value.replaceAll(/\\([snrt\\;])/g, (_, letter: string) => {
    const known: Readonly<Record<string, string>> = { s: ' ', n: '\n', r: '\r', t: '\t' }
    return known[letter] ?? letter
  })
}

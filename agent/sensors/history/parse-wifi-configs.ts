/**
 * Wireless networks that were set up in other places than NetworkManager: wpa_supplicant, netplan, iwd, connman, ifupdown,
 * ifcfg. Pure. Only names are taken; every one of these files holds passwords beside them.
 */
import { boundedLines } from './bounded-lines.ts'
import type { FoundTrace } from './found-trace.ts'
import { parseKeyfile } from './parse-keyfile.ts'

const networksMax = 1_000
const linesMax = 20_000

/** Reads the `network={…}` blocks of wpa_supplicant.conf(5). */
export function parseWpaSupplicant(text: string): FoundTrace[] {
  const found: FoundTrace[] = []
  let isInside = false
  for (const line of boundedLines(text, linesMax)) {
    const trimmed = line.trim()
    if (/^network\s*=\s*\{/.test(trimmed)) isInside = true
    else if (trimmed === '}') isInside = false
    const value = isInside ? /^ssid\s*=\s*(.+)$/.exec(trimmed)?.[1] : undefined
    if (value !== undefined && found.length < networksMax) found.push(profile(ssidOfQuoted(value)))
  }
  return found
}

/** `"text"`, `P"escaped"`, or bytes in hexadecimal. */
function ssidOfQuoted(value: string): string {
  const quoted = /^P?"(.*)"/.exec(value)?.[1]
  if (quoted !== undefined) return quoted
  return /^(?:[0-9a-f]{2}){1,32}$/i.test(value) ? Buffer.from(value, 'hex').toString('latin1') : value
}

/** Finds `wifis: IF: access-points: SSID:` in netplan's YAML by its indentation: a scan, no YAML reader. */
export function parseNetplan(text: string): FoundTrace[] {
  const found: FoundTrace[] = []
  const stack: { indent: number; key: string }[] = []
  for (const line of boundedLines(text, linesMax)) {
    const match = /^(\s*)(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s#'"][^#]*?))\s*:(?:\s|$)/.exec(line)
    if (match === null) continue
    const indent = (match[1] ?? '').length
    const key = match[2] ?? match[3] ?? match[4] ?? ''
    while ((stack.at(-1)?.indent ?? -1) >= indent) stack.pop()
    const parents = stack.map((one) => one.key)
    stack.push({ indent, key })
    if (parents.at(-1) !== 'access-points' || !parents.includes('wifis')) continue
    if (found.length < networksMax) found.push(profile(key, parents.at(-2) ?? null))
  }
  return found
}

/** Reads what an iwd profile's file name says (iwd.network(5)): the SSID, or `=` and its bytes in hexadecimal. */
export function parseIwdName(fileName: string): FoundTrace[] {
  const stem = /^(.+)\.(?:psk|open|8021x)$/.exec(fileName)?.[1]
  if (stem === undefined) return []
  const bytes = /^=((?:[0-9a-f]{2}){1,32})$/i.exec(stem)?.[1]
  return [profile(bytes === undefined ? stem : Buffer.from(bytes, 'hex').toString('latin1'))]
}

/** Reads connman's `settings` of a wireless service; `Favorite` is set once it was connected. */
export function parseConnman(text: string): FoundTrace[] {
  const found: FoundTrace[] = []
  for (const [group, keys] of parseKeyfile(text)) {
    if (!group.startsWith('wifi_')) continue
    const bytes = keys.get('SSID') ?? ''
    const isHex = /^(?:[0-9a-f]{2}){1,32}$/i.test(bytes)
    const name = isHex ? Buffer.from(bytes, 'hex').toString('latin1') : (keys.get('Name') ?? '')
    if (name === '') continue
    const changedMs = Date.parse(keys.get('Modified') ?? '')
    const isUsed = keys.get('Favorite') === 'true'
    found.push({
      kind: 'wifi-profile',
      text: name,
      lastWallMs: Number.isNaN(changedMs) ? null : changedMs,
      certainty: isUsed ? 'certain' : 'likely',
    })
  }
  return found
}

/** Reads interfaces(5): wireless names, and interfaces that are dialled. */
export function parseInterfacesFile(text: string): FoundTrace[] {
  const found: FoundTrace[] = []
  let name: string | null = null
  for (const line of boundedLines(text, linesMax)) {
    const trimmed = line.trim()
    const stanza = /^iface\s+(\S+)\s+\S+\s+(\S+)/.exec(trimmed)
    if (stanza !== null) {
      name = stanza[1] ?? null
      if (stanza[2] === 'ppp' || stanza[2] === 'wvdial')
        found.push({ kind: 'ppp-session', text: trimmed, interfaceName: name, certainty: 'likely' })
      continue
    }
    const ssid = /^(?:wpa-ssid|wireless-essid)\s+(.+)$/.exec(trimmed)?.[1]
    if (ssid !== undefined && found.length < networksMax) found.push(profile(unquote(ssid), name))
  }
  return found
}

/** Reads ifcfg-* of the Red Hat family. */
export function parseIfcfg(text: string): FoundTrace[] {
  const keys = new Map(
    boundedLines(text, linesMax)
      .map((line) => /^\s*([A-Z_0-9]+)=(.*)$/.exec(line))
      .flatMap((match) =>
        match?.[1] === undefined ? [] : [[match[1], unquote((match[2] ?? '').trim())] as const],
      ),
  )
  const device = keys.get('DEVICE') ?? null
  if (device === 'lo') return []
  const ssid = keys.get('ESSID')
  if (ssid !== undefined && ssid !== '') return [profile(ssid, device)]
  const type = (keys.get('TYPE') ?? 'Ethernet').toLowerCase()
  const name = keys.get('NAME') ?? device
  if (name === null) return []
  const kind =
    type === 'modem' || type === 'xdsl'
      ? 'ppp-session'
      : type === 'wireless'
        ? 'wifi-profile'
        : 'connection-profile'
  return [{ kind, text: `${name}, ${type}`, interfaceName: device, certainty: 'likely' }]
}

function unquote(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value
}

function profile(text: string, interfaceName: string | null = null): FoundTrace {
  return { kind: 'wifi-profile', text, interfaceName, certainty: 'likely' }
}

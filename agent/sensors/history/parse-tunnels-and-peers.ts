/** What was set up to reach another network by tunnel, dial-up or Bluetooth. Pure. Keys and passwords are not taken. */
import { boundedLines } from './bounded-lines.ts'
import type { FoundTrace } from './found-trace.ts'
import { parseKeyfile } from './parse-keyfile.ts'

const linesMax = 20_000

/** Reads the peers of a WireGuard file (wg(8)). */
export function parseWireguard(text: string, name: string): FoundTrace[] {
  const ends = [...text.matchAll(/^[ \t]*Endpoint\s*=\s*(\S{1,255})/gim)].slice(0, 64)
  if (!/^[ \t]*\[Interface\]/im.test(text)) return []
  return [tunnel(words(name, 'wireguard', ...ends.map((match) => match[1] ?? '')), hostOf(ends[0]?.[1]))]
}

/** Reads the `remote` lines of an OpenVPN file (openvpn(8)). */
export function parseOpenvpn(text: string, name: string): FoundTrace[] {
  const ends = [...text.matchAll(/^[ \t]*remote\s+(\S{1,255})(?:\s+(\d{1,5}))?/gim)].slice(0, 64)
  return ends.length === 0
    ? []
    : [tunnel(words(name, 'openvpn', ...ends.map((match) => match[1] ?? '')), ends[0]?.[1] ?? null)]
}

/** Reads the connections of ipsec.conf(5). */
export function parseIpsec(text: string): FoundTrace[] {
  const found: FoundTrace[] = []
  let name: string | null = null
  for (const line of boundedLines(text, linesMax)) {
    const start = /^conn\s+(\S{1,100})/.exec(line)?.[1]
    if (start !== undefined) name = start === '%default' ? null : start
    const peer = /^\s+right\s*=\s*(\S{1,255})/.exec(line)?.[1]
    if (name !== null && peer !== undefined) found.push(tunnel(words(name, 'ipsec', peer), peer))
  }
  return found
}

/** Reads what a file in /etc/ppp/peers is for: its name and the line or program that it dials by. */
export function parsePppPeer(text: string, name: string): FoundTrace[] {
  const way = /^[ \t]*(\/dev\/\S{1,100}|tty\S{1,60}|plugin\s+\S{1,60}|nic-\S{1,15})/m.exec(text)?.[1]
  if (way === undefined && !/^[ \t]*(?:connect|pty)\s/m.test(text)) return []
  return [{ kind: 'ppp-session', text: words(name, way ?? ''), certainty: 'likely' }]
}

/** Reads bluetoothd's `info` of a device; that it was paired is known by there being a key, which is not read. */
export function parseBluetoothInfo(text: string, bdaddr: string): FoundTrace[] {
  const file = parseKeyfile(text)
  const general = file.get('General')
  if (general === undefined) return []
  const isPaired = ['LinkKey', 'LongTermKey', 'PeripheralLongTermKey', 'SlaveLongTermKey'].some((key) =>
    file.has(key),
  )
  const name = general.get('Alias') ?? general.get('Name') ?? ''
  return [
    {
      kind: 'bluetooth-paired',
      text: words(name, bdaddr),
      peer: bdaddr.toLowerCase(),
      certainty: isPaired ? 'certain' : 'hint',
    },
  ]
}

function tunnel(text: string, peer: string | null): FoundTrace {
  return { kind: 'vpn-profile', text, peer, certainty: 'likely' }
}

function hostOf(end: string | undefined): string | null {
  return end?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1') ?? null
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ')
}

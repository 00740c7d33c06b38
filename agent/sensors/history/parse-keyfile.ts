/**
 * Groups of `key=value` lines as NetworkManager, iwd, connman and bluetoothd write them (Desktop Entry Specification,
 * §3). Pure. Texts are Latin-1, one character per byte.
 */
import { boundedLines } from './bounded-lines.ts'
export type Keyfile = ReadonlyMap<string, ReadonlyMap<string, string>>

const linesMax = 10_000

/** Returns keys by group; lines before the first group are in the group ''. */
export function parseKeyfile(text: string): Keyfile {
  const groups = new Map<string, Map<string, string>>()
  let group = new Map<string, string>()
  groups.set('', group)
  for (const line of boundedLines(text, linesMax)) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue
    const name = /^\[(.*)\]$/.exec(trimmed)?.[1]
    if (name !== undefined) {
      group = groups.get(name) ?? new Map<string, string>()
      groups.set(name, group)
      continue
    }
    const at = trimmed.indexOf('=')
    if (at > 0) group.set(trimmed.slice(0, at).trim(), trimmed.slice(at + 1).trim())
  }
  return groups
}

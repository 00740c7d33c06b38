/**
 * The lease database of ISC dhclient (dhclient.leases(5)): a log of `lease { … }` and `lease6 { … }` blocks. Pure.
 *
 * Line by line, as the program writes it: a server's text in quotes may hold braces and semicolons, and no such line is
 * taken for another statement.
 */

import type { LeaseFound } from './lease-found.ts'
import { addressesIn, addressIn } from './parse-lease-pairs.ts'
import { rawOfLatin1 } from './raw-words.ts'

const leasesMax = 1_000

/** Reads all leases of the file, in its order; the text is latin1. */
export function parseDhclientLeases(text: string): LeaseFound[] {
  const leases: LeaseFound[] = []
  let statements: Map<string, string> | null = null
  let depth = 0
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (statements === null) {
      if (/^lease6? \{$/.test(line)) [statements, depth] = [new Map(), 1]
      continue
    }
    if (line.endsWith('{')) {
      depth += 1
      const inner = /^iaaddr (\S+) \{$/.exec(line)
      if (inner?.[1] !== undefined) statements.set('fixed-address', inner[1])
    } else if (line === '}') {
      depth -= 1
      if (depth === 0) {
        leases.push(leaseOf(statements))
        statements = null
      }
    } else {
      const found = /^((?:option )?[a-z0-9.-]+) (.*?);(?: #.*)?$/.exec(line)
      if (found?.[1] !== undefined) statements.set(found[1], found[2] ?? '')
    }
  }
  return leases.filter(({ address }) => address !== null).slice(-leasesMax)
}

function leaseOf(statements: ReadonlyMap<string, string>): LeaseFound {
  const name = /^"(.*)"$/.exec(statements.get('interface') ?? '')?.[1]
  const expiresAtMs = timeIn(statements.get('expire')) ?? expiryOfIaAddr(statements)
  const seconds = secondsIn(statements.get('option dhcp-lease-time'))
  const obtained =
    timeOfStart(statements) ??
    (expiresAtMs === null || seconds === null ? null : expiresAtMs - seconds * 1_000)
  return {
    interfaceName: name === undefined ? null : rawOfLatin1(name),
    address: addressIn(statements.get('fixed-address')),
    server: addressIn(statements.get('option dhcp-server-identifier')),
    routers: addressesIn(statements.get('option routers')),
    dnsServers: addressesIn(
      statements.get('option domain-name-servers') ?? statements.get('option dhcp6.name-servers'),
    ),
    obtainedAtMs: obtained === null ? null : Math.max(0, obtained),
    expiresAtMs,
  }
}

/** `4 2026/01/29 10:00:00` (UTC), or `epoch 1769680800; # …`; null for `never`. */
function timeIn(text: string | undefined): number | null {
  const epoch = /^epoch (\d{1,12})\b/.exec(text ?? '')?.[1]
  if (epoch !== undefined) return Number(epoch) * 1_000
  const parts = /^\d (\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text ?? '')
  if (parts === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function timeOfStart(statements: ReadonlyMap<string, string>): number | null {
  const seconds = secondsIn(statements.get('starts'))
  return seconds === null ? null : seconds * 1_000
}

function expiryOfIaAddr(statements: ReadonlyMap<string, string>): number | null {
  const [starts, life] = [secondsIn(statements.get('starts')), secondsIn(statements.get('max-life'))]
  return starts === null || life === null ? null : (starts + life) * 1_000
}

/** 2^32-1 is "for ever". */
function secondsIn(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,12}$/.test(text)) return null
  const seconds = Number(text)
  return seconds >= 0xffffffff && seconds < 0x100000000 ? null : seconds
}

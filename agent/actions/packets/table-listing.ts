/**
 * A listing of our tables by nft(8), made comparable. Pure.
 *
 * nft shows an interface's name where the kernel has its number, and takes a chain away with its interface: neither a
 * rename nor an unplugged adapter may look like tampering.
 */
import { createHash } from 'node:crypto'
import { bytesOfRawText } from '@shoukou/protocol'
import type { ResolvedInterface } from './packet-ruleset.ts'

/** Blocks of a listing (`chain output`, `set any_ipv4` …) and the table's own lines under the name ''. */
export type Listing = ReadonlyMap<string, string>

/** Splits a listing (latin1); what the kernel itself adds to and takes from a set of flows is left out. */
export function parseListing(text: string, links: readonly ResolvedInterface[]): Listing {
  const blocks = new Map<string, string>()
  let name = ''
  let lines: string[] = []
  const end = (): void => {
    const body = lines.filter((line) => line !== '').join('\n')
    blocks.set(name, (blocks.get(name) ?? '') + (name.startsWith('set seen_') ? withoutElements(body) : body))
    lines = []
    name = ''
  }
  for (const line of text.split('\n')) {
    const opened = /^\t(\S.*) \{$/.exec(line)
    if (opened !== null) {
      end()
      name = opened[1] ?? ''
    }
    lines.push(asNumbers(line, links))
    if (line === '\t}') end()
  }
  end()
  return blocks
}

/**
 * Reports the blocks that differ, at most ten. A chain at an interface that has gone or has another name may be missing,
 * or stand without its device: only those that are where they were are compared.
 */
export function differencesOf(
  expected: Listing,
  found: Listing,
  isUnmoved: (index: number) => boolean,
): string[] {
  const names = new Set([...expected.keys(), ...found.keys()])
  const differing = [...names].filter((name) => {
    if (expected.get(name) === found.get(name)) return false
    const index = deviceChain.exec(name)?.[1]
    return index === undefined || !expected.has(name) || isUnmoved(Number(index))
  })
  return differing.slice(0, 10)
}

/** One short text for what a listing says, chains at interfaces left out: to compare with over runs of the agent. */
export function digestOf(listing: Listing): string {
  const kept = [...listing]
    .filter(([name]) => !deviceChain.test(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(kept), 'latin1').digest('hex')
}

/** Names and beginning of the installation that a listing shows, its log group, and its chains at interfaces. */
export interface InstallationSeen {
  readonly chain: string
  readonly id: string
  readonly sinceWallMs: number
  readonly logGroup: number | null
}

/** Names the empty chain that keeps an installation's name and beginning. */
export function installationChain(id: string, sinceWallMs: number): string {
  return `installed_${sinceWallMs}_${id}`
}

/** Finds the installation in a listing of the inet table; null where it is none of ours. */
export function findInstallation(text: string): InstallationSeen | null {
  const found = /^\tchain (installed_(\d{1,15})_(\w{1,64})) \{$/m.exec(text)
  if (found === null) return null
  const group = /^\t\t.* log prefix "shoukou \w+ \w+" group (\d{1,5}) /m.exec(text)
  return {
    chain: found[1] ?? '',
    id: found[3] ?? '',
    sinceWallMs: Number(found[2]),
    logGroup: group === null ? null : Number(group[1]),
  }
}

/** Lists the chains of ours at interfaces. */
export function deviceChains(text: string): string[] {
  return [...text.matchAll(/^\tchain ((?:egress|ingress)_\d{1,10}) \{$/gm)].map((match) => match[1] ?? '')
}

const deviceChain = /^chain (?:egress|ingress)_(\d+)$/

function asNumbers(line: string, links: readonly ResolvedInterface[]): string {
  if (!/^\t\t(?:[io]if |type filter hook (?:e|in)gress )/.test(line)) return line
  return links.reduce((text, { index, name }) => {
    const quoted = `"${Buffer.from(bytesOfRawText(name)).toString('latin1')}"`
    return text.replaceAll(quoted, String(index))
  }, line)
}

function withoutElements(block: string): string {
  return block.replace(/\n\t\telements = \{[^}]*\}/, '')
}

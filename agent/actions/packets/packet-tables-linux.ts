/**
 * Our two tables in the kernel: put in force, compared with what was put there, restored. Knows nothing of packets.
 *
 * Nothing but a commit changes rules, and each commit has a number (the generation): as long as it is the one that we
 * left, there is nothing to compare.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { LinkNames } from './link-names-linux.ts'
import type { NfTables } from './nf-tables-linux.ts'
import type { Nft } from './nft-linux.ts'
import type { PacketRules } from './packet-net.ts'
import { type PacketAbilities, packetScript, TABLE } from './packet-ruleset.ts'
import {
  deviceChains,
  differencesOf,
  digestOf,
  findInstallation,
  installationChain,
  type Listing,
  parseListing,
} from './table-listing.ts'

export interface TablesOptions {
  readonly nft: Nft
  readonly kernel: NfTables
  readonly links: LinkNames
  readonly abilities: PacketAbilities
  readonly wallMs: () => number
  readonly newId: () => string
}

/** Tables that an earlier run has left in force. */
export interface KeptTables {
  readonly logGroup: number | null
  readonly digest: string
}

export interface Installation {
  readonly id: string
  readonly sinceWallMs: number
}

/** What was found, and what came of it. */
export interface Repair {
  readonly what: 'rules-flushed' | 'rules-altered'
  readonly detail: string
  readonly isRestored: boolean
  /** performance.now() when the rules stood again. */
  readonly restoredAtMs: number | null
}

/** Others may commit while ours is looked at: then it is done again. */
const attemptsMax = 5

export class PacketTables {
  readonly #options: TablesOptions
  #installation: Installation
  #staleChains: readonly string[]
  #rules: PacketRules | null = null
  #logGroup = 0
  #expected: Listing = new Map()
  #loadedAtMs = 0
  #generation: number | null = null

  private constructor(options: TablesOptions, installation: Installation, staleChains: readonly string[]) {
    this.#options = options
    this.#installation = installation
    this.#staleChains = staleChains
  }

  /** Finds what an earlier run has left; else an installation that is still to be made. */
  static async open(options: TablesOptions): Promise<{ tables: PacketTables; kept: KeptTables | null }> {
    const text = (await options.nft.list(`inet ${TABLE}`)) ?? ''
    const below = (await options.nft.list(`netdev ${TABLE}`)) ?? ''
    const found = findInstallation(text)
    const installation = found ?? { id: idText(options.newId()), sinceWallMs: options.wallMs() }
    const tables = new PacketTables(options, installation, deviceChains(below))
    if (found === null) return { tables, kept: null }
    const digest = digestOf(listingOf(text, below, options.links))
    return { tables, kept: { logGroup: found.logGroup, digest } }
  }

  get installation(): Installation {
    return this.#installation
  }

  /** Of the last commit that is known to leave our tables as they should be. */
  get generation(): number | null {
    return this.#generation
  }

  /** Of what we put there: another run compares with it. */
  get digest(): string {
    return digestOf(this.#expected)
  }

  /** Puts rules in force. @throws ShoukouError where nft or the kernel refuses; what stood before stands. */
  async apply(rules: PacketRules, logGroup: number): Promise<void> {
    this.#logGroup = logGroup
    const fault = (await this.#load(rules, false)) && (await this.#load(rules, true))
    if (fault === null) return
    throw new ShoukouError('internal-error', 'The packet tables could not be set.', { context: { fault } })
  }

  /** Compares, and restores what differs; null where nothing does. Nothing is asked of nft while nobody has committed. */
  async check(): Promise<Repair | null> {
    const rules = this.#rules
    const generation = this.#options.kernel.generation()
    if (rules === null || (generation !== null && generation === this.#generation)) return null
    // Without counters the table is not there: it is set before anything is listed.
    const isGone = this.#options.kernel.counters('inet', TABLE).size === 0
    const differing = isGone ? ['the tables were gone'] : await this.#differences()
    if (differing.length === 0) {
      // A commit that came while the listing ran is looked at next time.
      this.#generation = generation
      return null
    }
    const expected = this.#expected
    const soft = isGone ? 'gone' : await this.#load(rules, false)
    const isWhole = soft === null && differencesOf(expected, this.#expected, () => false).length === 0
    const fault = isWhole ? null : await this.#load(rules, true)
    const isRestored = fault === null
    const detail = [...differing.filter((name) => name !== ''), ...(isRestored ? [] : [fault])].join(', ')
    const restoredAtMs = isRestored ? this.#loadedAtMs : null
    return { what: isGone ? 'rules-flushed' : 'rules-altered', detail, isRestored, restoredAtMs }
  }

  /** Takes both tables away, at once. */
  async remove(): Promise<void> {
    const lines = ['inet', 'netdev'].map(
      (family) => `add table ${family} ${TABLE}\ndelete table ${family} ${TABLE}\n`,
    )
    this.#rules = null
    const { isDone, fault } = await this.#options.nft.run(lines.join(''))
    if (!isDone)
      throw new ShoukouError('internal-error', 'The packet tables could not be removed.', {
        context: { fault },
      })
  }

  /** Returns nft's words where it failed. */
  async #load(rules: PacketRules, isFresh: boolean): Promise<string | null> {
    const { nft, kernel, links, abilities, wallMs, newId } = this.#options
    const installation = isFresh ? { id: idText(newId()), sinceWallMs: wallMs() } : this.#installation
    for (let attempt = 1; ; attempt += 1) {
      const cut = links.resolve(rules.cut)
      const interfaces = links.resolve(rules.interfaces)
      const script = packetScript({
        rules,
        cut,
        interfaces,
        abilities,
        logGroup: this.#logGroup,
        installation: installationChain(installation.id, installation.sinceWallMs),
        staleChains: this.#staleChains,
        isFresh,
      })
      const before = kernel.generation()
      const { isDone, fault } = await nft.run(script)
      if (!isDone) return fault
      this.#rules = rules
      this.#installation = installation
      this.#loadedAtMs = performance.now()
      const listed = await this.#list()
      this.#expected = listed.listing
      this.#staleChains = listed.chains
      this.#generation = kernel.generation()
      if (before === null || this.#generation === before + 1 || attempt === attemptsMax) return null
    }
  }

  async #differences(): Promise<readonly string[]> {
    const { listing } = await this.#list()
    const there = new Set(this.#options.links.all().map(({ index }) => index))
    return differencesOf(this.#expected, listing, (index) => there.has(index))
  }

  async #list(): Promise<{ listing: Listing; chains: readonly string[] }> {
    const { nft, links, abilities } = this.#options
    const [inet, netdev] = await Promise.all([
      nft.list(`inet ${TABLE}`),
      abilities.hasEgress ? nft.list(`netdev ${TABLE}`) : '',
    ])
    return { listing: listingOf(inet ?? '', netdev ?? '', links), chains: deviceChains(netdev ?? '') }
  }
}

function listingOf(inet: string, netdev: string, links: LinkNames): Listing {
  const all = links.all()
  const below = [...parseListing(netdev, all)].map(([name, text]) => [belowIp(name), text] as const)
  return new Map([...parseListing(inet, all), ...below])
}

/** Both tables have sets and chains of the same names; those at interfaces keep theirs. */
function belowIp(name: string): string {
  return /^chain (?:egress|ingress)_/.test(name) ? name : `netdev ${name}`.trim()
}

/** A chain's name has letters, digits and underscores. */
function idText(id: string): string {
  return id.replaceAll(/\W/g, '_').slice(0, 64)
}

/**
 * Our two tables in the kernel: put in force, compared with what was put there, restored. Knows nothing of packets.
 *
 * Nothing but a commit changes rules, and each commit has a number (the generation): as long as it is the one that we
 * left, there is nothing to compare.
 */
import { rawTextKey, ShoukouError } from '@shoukou/protocol'
import type { LinkNames } from './link-names-linux.ts'
import type { NfTables } from './nf-tables-linux.ts'
import type { Nft } from './nft-linux.ts'
import type { PacketRules } from './packet-net.ts'
import { type PacketAbilities, packetScript, type ResolvedInterface, TABLE } from './packet-ruleset.ts'
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

interface Targets {
  readonly cut: readonly ResolvedInterface[]
  readonly interfaces: readonly ResolvedInterface[]
}

export class PacketTables {
  readonly #options: TablesOptions
  #installation: Installation
  #staleChains: readonly string[]
  #rules: PacketRules | null = null
  #logGroup = 0
  #expected: Listing = new Map()
  #loadedAtMs = 0
  #targets: Targets = { cut: [], interfaces: [] }
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
    const targets = this.#targetsOf(rules)
    const fault = (await this.#load(rules, targets, false)) && (await this.#load(rules, targets, true))
    if (fault === null) return
    throw new ShoukouError('internal-error', 'The packet tables could not be set.', { context: { fault } })
  }

  /** Compares, and restores what differs; null where nothing does. Nothing is asked of nft while nobody has committed. */
  async check(): Promise<Repair | null> {
    const rules = this.#rules
    if (rules === null) return null
    const targets = this.#targetsNow(rules)
    const generation = this.#options.kernel.generation()
    const isUntouched = generation !== null && generation === this.#generation
    // Without counters the table is not there: it is set before anything is listed.
    const isGone = !isUntouched && this.#options.kernel.counters('inet', TABLE).size === 0
    const differing = isUntouched ? [] : isGone ? ['the tables were gone'] : await this.#differences()
    if (differing.length === 0) {
      // A commit that came while the listing ran is looked at next time.
      this.#generation = generation
      // An interface was renamed or came back: newer kernels let go of it by its name, and that is nobody's deed.
      if (!isSame(targets, this.#targets)) await this.#load(rules, targets, false)
      return null
    }
    const expected = this.#expected
    const soft = isGone ? 'gone' : await this.#load(rules, targets, false)
    const isWhole = soft === null && differencesOf(expected, this.#expected, () => false).length === 0
    const fault = isWhole ? null : await this.#load(rules, targets, true)
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
  async #load(rules: PacketRules, targets: Targets, isFresh: boolean): Promise<string | null> {
    const { nft, kernel, abilities, wallMs, newId } = this.#options
    const installation = isFresh ? { id: idText(newId()), sinceWallMs: wallMs() } : this.#installation
    for (let attempt = 1; ; attempt += 1) {
      const script = packetScript({
        rules,
        ...targets,
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
      this.#targets = targets
      this.#installation = installation
      this.#loadedAtMs = performance.now()
      const listed = await this.#list()
      this.#expected = listed.listing
      this.#staleChains = listed.chains
      this.#generation = kernel.generation()
      if (before === null || this.#generation === before + 1 || attempt === attemptsMax) return null
    }
  }

  #targetsOf({ cut, interfaces }: PacketRules): Targets {
    const { links } = this.#options
    return { cut: links.resolve(cut), interfaces: links.resolve(interfaces) }
  }

  /** Those of these names, and those that had them when the rules came. */
  #targetsNow(rules: PacketRules): Targets {
    const named = this.#targetsOf(rules)
    const all = this.#options.links.all()
    const follow = (
      now: readonly ResolvedInterface[],
      then: readonly ResolvedInterface[],
    ): ResolvedInterface[] => all.filter(({ index }) => [...now, ...then].some((one) => one.index === index))
    return {
      cut: follow(named.cut, this.#targets.cut),
      interfaces: follow(named.interfaces, this.#targets.interfaces),
    }
  }

  async #differences(): Promise<readonly string[]> {
    const { listing } = await this.#list()
    const then = [...this.#targets.cut, ...this.#targets.interfaces]
    const unmoved = this.#options.links
      .all()
      .filter(({ index, name }) =>
        then.some((one) => one.index === index && rawTextKey(one.name) === rawTextKey(name)),
      )
    return differencesOf(this.#expected, listing, (index) => unmoved.some((one) => one.index === index))
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

function isSame(a: Targets, b: Targets): boolean {
  const key = ({ cut, interfaces }: Targets): string =>
    JSON.stringify([cut, interfaces].map((list) => list.map(({ index, name }) => [index, rawTextKey(name)])))
  return key(a) === key(b)
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

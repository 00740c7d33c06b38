/**
 * The packet net on a real kernel: our own two tables by nft(8), told by nfnetlink_log, watched over nf_tables events.
 *
 * Everything that touches the tables runs one after the other; a commit of somebody else's is looked at the moment the
 * kernel tells of it, and what it broke is restored before anybody asks.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type NetTotals, showRawText } from '@shoukou/protocol'
import { type LazyPoller, POLLIN, type Poller } from '../../base/poll-linux.ts'
import type { NetDamage, Opened } from '../connections/connection-net.ts'
import { LinkNames } from './link-names-linux.ts'
import { NfTables } from './nf-tables-linux.ts'
import { Nft } from './nft-linux.ts'
import { deviceText } from './nft-text.ts'
import { findAbilities } from './packet-abilities-linux.ts'
import { type CounterReading, PacketCounts } from './packet-counts.ts'
import { PacketLog } from './packet-log-linux.ts'
import type { PacketEvent, PacketNet, PacketRules } from './packet-net.ts'
import { ACTS, TABLE } from './packet-ruleset.ts'
import { packetState } from './packet-state.ts'
import { type Installation, type KeptTables, PacketTables } from './packet-tables-linux.ts'
import type { LoggedPacket } from './parse-nflog.ts'

export interface PacketNetOptions {
  readonly poller: LazyPoller
  /** Unix ms. */
  readonly wallMs: () => number
  /** Names an installation of the tables: a new one each time it is asked. */
  readonly newId: () => string
  readonly bootId: string
  /** File that keeps, over runs of the agent, what has been reported; null: each run counts from where it began. */
  readonly statePath: string | null
  /** First of the eight nfnetlink_log groups that are tried. */
  readonly logGroup?: number
  /** `nft` by default, looked for in /usr/sbin, /sbin, /usr/bin and /bin. */
  readonly nftPath?: string
}

const logGroupDefault = 21_320
/** Packets told and not fetched; beyond that they are declared lost. */
const queueMax = 50_000
const damagesMax = 100
/** The kernel hands packets over 10 ms after they came, at the latest. */
const settleMs = 25
/** About 100 ms of the event loop at once; the rest stays in the kernel's queue. */
const drainsMax = 5

/** Opens the net; nothing is in force before `setRules`, but what an earlier run has left standing. */
export async function openPacketNet(options: PacketNetOptions): Promise<Opened<PacketNet>> {
  const nft = new Nft(options.nftPath ?? 'nft')
  const found = await findAbilities(nft)
  if (found.abilities === null) return { net: null, reason: found.reason, remedy: found.remedy }
  const closers: (() => void)[] = []
  try {
    const poller = await options.poller.get()
    const kernel = await NfTables.open()
    closers.push(() => kernel.close())
    const links = await LinkNames.open()
    closers.push(() => links.close())
    const { abilities } = found
    const { wallMs, newId } = options
    const opened = await PacketTables.open({ nft, kernel, links, abilities, wallMs, newId })
    const log = await PacketLog.open(opened.kept?.logGroup ?? options.logGroup ?? logGroupDefault)
    closers.push(() => log.close())
    const net = new KernelPacketNet({
      options,
      poller,
      kernel,
      links,
      log,
      tables: opened.tables,
      kept: opened.kept,
      lacks: found.lacks,
    })
    await net.begin()
    return { net }
  } catch (error) {
    for (const close of closers) close()
    const why = error instanceof Error ? error.message : String(error)
    return { net: null, reason: `the packet net could not be opened: ${why}`, remedy: remedyOfOpening }
  }
}

const remedyOfOpening = 'needs CAP_NET_ADMIN and a kernel with nfnetlink_log'

interface Parts {
  readonly options: PacketNetOptions
  readonly poller: Poller
  readonly kernel: NfTables
  readonly links: LinkNames
  readonly log: PacketLog
  readonly tables: PacketTables
  readonly kept: KeptTables | null
  readonly lacks: readonly string[]
}

/** Told by the installation `of`: what another one had told is handed on, and counts for nothing any more. */
interface Queued {
  readonly event: PacketEvent
  readonly of: string
}

class KernelPacketNet implements PacketNet {
  readonly #parts: Parts
  #log: PacketLog
  #installation: Installation
  #counts = new PacketCounts({ counted: 0, dropped: 0, unlogged: 0 }, 0)
  /** Of the log, when this installation's counting began. */
  #logBefore = { numbered: 0, lost: 0 }
  #queue: Queued[] = []
  #rules: PacketRules | null = null
  #damages: NetDamage[] = []
  #onReady: (() => void) | null = null
  #unwatchCommits: () => void = () => undefined
  #unwatchLog: () => void = () => undefined
  #tail: Promise<unknown> = Promise.resolve()
  #isClosed = false
  /** performance.now() at the first commit of others that has not been looked at; null: none. */
  #touchedMs: number | null = null
  #touchedBy: string | null = null
  #logFault: string | null = null
  #stateDamage: string | null = null
  /** What an earlier run had left was not what is there; told once rules are in force again. */
  #foundAltered: 'rules-flushed' | 'rules-altered' | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#log = parts.log
    this.#installation = parts.tables.installation
  }

  get id(): string {
    return this.#installation.id
  }

  get sinceWallMs(): number {
    return this.#installation.sinceWallMs
  }

  get lacks(): readonly string[] {
    const unwritten = (this.#rules?.interfaces ?? []).filter((name) => deviceText(name) === null)
    return [
      ...this.#parts.lacks,
      ...(this.#stateDamage === null ? [] : [this.#stateDamage]),
      ...unwritten.map(
        (name) => `frames below IP are not seen at ${showRawText(name)}: nft can not be told its name`,
      ),
    ]
  }

  /** Finds out where an earlier run has left off, and begins to listen. */
  async begin(): Promise<void> {
    const { options, kernel, poller, kept } = this.#parts
    const onDamaged = (path: string): void => {
      this.#stateDamage = `what earlier runs have reported is not known, and declared lost: ${path} was damaged`
    }
    const state = options.statePath === null ? null : await packetState.read(options.statePath, onDamaged)
    this.#counts = new PacketCounts(this.#readCounters(), state?.id === this.id ? state.reported : 0)
    this.#logBefore = { numbered: this.#log.numbered, lost: this.#log.lost }
    if (state?.digest !== undefined && state.digest !== null && state.bootId === options.bootId) {
      const isSame = kept?.digest === state.digest && state.id === this.id
      if (!isSame) this.#foundAltered = kept === null ? 'rules-flushed' : 'rules-altered'
    }
    this.#watchLog()
    this.#unwatchCommits = poller.watch(kernel.fd, POLLIN, () => this.#onCommits())
  }

  setRules(rules: PacketRules): Promise<void> {
    return this.#inTurn(async () => {
      await this.#look()
      await this.#parts.tables.apply(rules, this.#log.group)
      this.#rules = rules
      this.#follow()
      await this.#save(this.#counts.reported)
      if (this.#foundAltered === null) return
      this.#tell({ what: this.#foundAltered, detail: whileAway, isRestored: true, openMs: null })
      this.#foundAltered = null
    })
  }

  drain(max: number): readonly PacketEvent[] {
    this.#takeLog()
    const taken = this.#queue.splice(0, max)
    this.#counts.addReported(taken.filter(({ of }) => of === this.id).length)
    return taken.map(({ event }) => event)
  }

  totals(): Promise<NetTotals> {
    return this.#inTurn(async () => {
      // Tables that were taken away have not only been set back.
      await this.#look()
      this.#takeLog()
      if (this.#counts.read(this.#readCounters())) this.#tell(countersSetBack)
      const now = this.#counts.totals(this.#log.lost - this.#logBefore.lost)
      await sleep(settleMs)
      if (this.#takeLog()) this.#counts.settle(this.#log.numbered - this.#logBefore.numbered)
      await this.#save(now.reported)
      const settled = this.#counts.totals(this.#log.lost - this.#logBefore.lost)
      // Nothing is lost that the counters had not counted yet when they were read.
      const lost = Math.min(settled.lost, Math.max(now.lost, now.counted - now.reported))
      return { ...now, lost }
    })
  }

  onReady(callback: () => void): void {
    this.#onReady = callback
  }

  inspect(): Promise<readonly NetDamage[]> {
    return this.#inTurn(async () => {
      if (this.#logFault !== null) await this.#reopenLog(this.#logFault)
      await this.#look()
      return this.#damages.splice(0)
    })
  }

  close({ keep }: { readonly keep: boolean }): Promise<void> {
    return this.#inTurn(async () => {
      this.#isClosed = true
      this.#unwatchCommits()
      this.#unwatchLog()
      try {
        if (!keep) await this.#parts.tables.remove()
        await this.#save(this.#counts.reported, !keep)
      } finally {
        this.#log.close()
        this.#parts.kernel.close()
        this.#parts.links.close()
      }
    })
  }

  async #save(reported: number, isRemoved = false): Promise<void> {
    const { options, tables, kept } = this.#parts
    if (options.statePath === null) return
    const standing = this.#rules === null ? (kept?.digest ?? null) : tables.digest
    const digest = isRemoved ? null : standing
    await packetState.write(options.statePath, { id: this.id, bootId: options.bootId, digest, reported })
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task)
    // Whoever asked is told; those that wait behind only wait.
    this.#tail = result.catch(() => undefined)
    return result
  }

  #watchLog(): void {
    const log = this.#log
    this.#unwatchLog = this.#parts.poller.watch(log.fd, POLLIN, () => {
      this.#takeLog()
      if (this.#queue.length > 0) this.#onReady?.()
    })
  }

  /** Takes what the kernel tells; true where nothing was left. */
  #takeLog(): boolean {
    if (this.#logFault !== null || this.#isClosed) return false
    try {
      for (let count = 0; count < drainsMax; count += 1) {
        const { packets, isEmptied } = this.#log.drain()
        for (const packet of packets) this.#enqueue(packet)
        if (isEmptied) return true
      }
    } catch (error) {
      // The descriptor would be ready for ever; `inspect` opens another one.
      this.#unwatchLog()
      this.#logFault = error instanceof Error ? error.message : String(error)
    }
    return false
  }

  #enqueue(packet: LoggedPacket): void {
    if (this.#queue.length >= queueMax) {
      this.#counts.addOverflowed(1)
      return
    }
    const { links, options } = this.#parts
    const { act, family, protocol, source, destination, inIndex, outIndex, uid, isDropped } = packet
    const nameOf = (index: number | null): PacketEvent['inInterface'] =>
      index === null ? null : links.nameOf(index)
    const event: PacketEvent = {
      ...{ act, family, protocol, source, destination, uid, isDropped },
      inInterface: nameOf(inIndex),
      outInterface: nameOf(outIndex),
      wallMs: options.wallMs(),
    }
    this.#queue.push({ event, of: this.id })
  }

  #onCommits(): void {
    const last = this.#parts.tables.generation
    // Our own come back to us too; while one of ours is under way, it can't be told which is whose.
    const others = this.#parts.kernel.drainEvents().filter(({ id }) => last === null || id > last)
    if (others.length === 0 || this.#rules === null || this.#isClosed) return
    this.#touchedMs ??= performance.now()
    this.#touchedBy = others.at(-1)?.by ?? null
    void this.#inTurn(() => this.#look()).catch((error: unknown) => this.#tell(unlooked(error)))
  }

  async #look(): Promise<void> {
    const touchedMs = this.#touchedMs
    const by = this.#touchedBy
    this.#touchedMs = null
    this.#touchedBy = null
    const before = this.#rules === null ? null : this.#counts.totals(0).counted
    const repair = await this.#parts.tables.check()
    if (repair === null) return
    this.#follow()
    await this.#save(this.#counts.reported)
    const restoredAtMs = repair.restoredAtMs ?? performance.now()
    this.#tell({
      what: repair.what,
      detail: [repair.detail, by === null ? null : `by ${by}`, `counted ${before ?? 0} before`]
        .filter((part) => part !== null)
        .join('; ')
        .slice(0, 500),
      isRestored: repair.isRestored,
      openMs: touchedMs === null ? null : restoredAtMs - touchedMs,
    })
  }

  /** After the tables were made anew, they count from nothing under another name. */
  #follow(): void {
    const { installation } = this.#parts.tables
    if (installation.id === this.#installation.id) return
    this.#takeLog()
    this.#installation = installation
    this.#counts = new PacketCounts({ counted: 0, dropped: 0, unlogged: 0 }, 0)
    this.#logBefore = { numbered: this.#log.numbered, lost: this.#log.lost }
  }

  #tell(damage: NetDamage): void {
    if (this.#damages.length < damagesMax) this.#damages.push(damage)
    this.#onReady?.()
  }

  async #reopenLog(fault: string): Promise<void> {
    this.#log.close()
    this.#log = await PacketLog.open(this.#log.group)
    this.#logFault = null
    this.#logBefore = { numbered: 0, lost: 0 }
    this.#counts = new PacketCounts(this.#readCounters(), this.#counts.reported)
    this.#watchLog()
    if (this.#rules !== null) await this.#parts.tables.apply(this.#rules, this.#log.group)
    this.#tell({ what: 'listener-failed', detail: fault, isRestored: true, openMs: null })
  }

  #readCounters(): CounterReading {
    const { kernel } = this.#parts
    const inet = kernel.counters('inet', TABLE)
    const netdev = kernel.counters('netdev', TABLE)
    const sum = (name: string): number => (inet.get(name) ?? 0) + (netdev.get(name) ?? 0)
    return {
      counted: ACTS.reduce((total, act) => total + sum(act), 0),
      dropped: sum('dropped'),
      unlogged: sum('unlogged'),
    }
  }
}

const whileAway = 'while the agent did not run'
const countersSetBack: NetDamage = {
  what: 'rules-altered',
  detail: 'counters were set back',
  isRestored: true,
  openMs: null,
}

function unlooked(error: unknown): NetDamage {
  const detail = error instanceof Error ? error.message : String(error)
  return {
    what: 'rules-altered',
    detail: `could not be looked at: ${detail}`,
    isRestored: false,
    openMs: null,
  }
}

/**
 * The first net in force, as an object: its rules, its events, how it stands. Putting it in force and finding that of an
 * earlier run is `connection-net-linux.ts`.
 */
import { join } from 'node:path'
import type { NetTotals } from '@shoukou/protocol'
import type { Bpf } from '../bpf-linux.ts'
import { type Counters, counterBytes, type HookName, sumCounters } from './connection-layout.ts'
import type { ConnectionEvent, ConnectionNet, ConnectionRules, NetDamage } from './connection-net.ts'
import {
  type AllMaps,
  closeMaps,
  firstKey,
  mapNames,
  pinOver,
  prepareFolder,
  processorCount,
  unpinAll,
} from './net-maps-linux.ts'
import { attach, detachPinned, isUnavailable, type LinkState, linkState } from './net-programs-linux.ts'
import type { NetRules } from './net-rules-linux.ts'
import type { RingReader } from './ring-reader-linux.ts'

export interface NetParts {
  readonly bpf: Bpf
  readonly cgroup: string
  readonly pins: string
  readonly maps: AllMaps
  readonly programs: Map<HookName, number>
  readonly links: Map<HookName, number>
  readonly lacks: readonly string[]
  readonly rules: NetRules
  /** Monotonic, ms. */
  readonly nowMs: () => number
}

export class LiveConnectionNet implements ConnectionNet {
  readonly id: string
  readonly sinceWallMs: number
  readonly lacks: readonly string[]
  readonly #parts: NetParts
  readonly #reader: RingReader
  readonly #counterRoom: number
  /** Found when it was opened: told by the first inspection. */
  #foundBefore: NetDamage[] = []
  #wholeAtMs: number
  /** Every program was put where it is asked; rules alone are asked by nobody. */
  #isAttached = false
  /** What it had counted when it was closed: its memory is gone then. */
  #atEnd: NetTotals | null = null

  constructor(parts: NetParts, reader: RingReader) {
    this.#parts = parts
    this.#reader = reader
    this.lacks = parts.lacks
    this.id = reader.state.id.toString('hex')
    this.sinceWallMs = reader.state.sinceWallMs
    this.#counterRoom = counterBytes * processorCount()
    this.#wholeAtMs = parts.nowMs()
    // One that has no rules yet leaves an older one in force until then.
    if (!parts.rules.areInForce) return
    const unpinned = [...parts.programs.keys()]
      .map((hook) => `program-${hook}`)
      .filter((name) => !this.#hasPin(name))
    const lost = this.#takeOver()
    this.#holdPins()
    this.#isAttached = true
    this.#foundBefore = [
      ...lost.map((hook) => damage('program-detached', hook, null)),
      ...unpinned.map((name) => damage('pin-removed', name, 0)),
    ]
  }

  setRules(rules: ConnectionRules): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.rules.set(rules)
      if (!this.#isAttached) {
        this.#takeOver()
        this.#holdPins()
        this.#isAttached = true
        this.#wholeAtMs = this.#parts.nowMs()
      }
      resolve()
    })
  }

  drain(max: number): readonly ConnectionEvent[] {
    return this.#atEnd === null ? this.#reader.drain(max) : []
  }

  totals(): NetTotals {
    if (this.#atEnd !== null) return this.#atEnd
    // What is a part is read before the whole: events come in between.
    const { reported } = this.#reader
    const { approved, prohibited, lost, refused } = this.counters()
    return { counted: approved + prohibited, approved, prohibited, reported, lost, refused }
  }

  /** All counters, also those that are no part of what is counted: binds, what TCP told, paths that found no room. */
  counters(): Counters {
    const { bpf, maps } = this.#parts
    return sumCounters(bpf.lookUp(maps.counters, firstKey, this.#counterRoom) ?? Buffer.alloc(0))
  }

  onReady(callback: () => void): void {
    this.#reader.onReady(callback)
  }

  async inspect(): Promise<readonly NetDamage[]> {
    await prepareFolder(this.#parts.pins)
    return this.#inspect()
  }

  close({ keep }: { readonly keep: boolean }): void {
    if (this.#atEnd !== null) return
    this.#atEnd = this.totals()
    const { bpf, pins, maps, programs, links, rules } = this.#parts
    this.#reader.close()
    if (!keep) {
      for (const link of links.values()) bpf.detachLink(link)
      detachPinned(bpf, pins)
      unpinAll(pins)
    }
    rules.close()
    for (const fd of [...programs.values(), ...links.values()]) bpf.close(fd)
    closeMaps(bpf, maps)
  }

  #inspect(): NetDamage[] {
    const { rules, nowMs } = this.#parts
    const openMs = Math.round(nowMs() - this.#wholeAtMs)
    const damages = this.#foundBefore.splice(0)
    const altered = rules.findAlteration()
    if (altered !== null) {
      rules.restore()
      damages.push(damage('map-altered', altered, openMs))
    }
    if (rules.areInForce) damages.push(...this.#holdLinks(openMs), ...this.#holdPins())
    this.#wholeAtMs = nowMs()
    return damages
  }

  /** Gives the links of an earlier run these programs, and those hooks a link that have none: they are returned. */
  #takeOver(): HookName[] {
    const without: HookName[] = []
    for (const [hook, program] of this.#parts.programs) {
      const link = this.#parts.links.get(hook)
      const isHeld = link !== undefined && this.#stateOf(hook, link, program) !== 'detached'
      if (isHeld && this.#parts.bpf.updateLink(link, program)) continue
      without.push(hook)
      this.#attach(hook, program)
    }
    return without
  }

  /** `openMs`: how long a program may have been off its cgroup; null where that is not known. */
  #holdLinks(openMs: number | null): NetDamage[] {
    const { bpf, programs, links } = this.#parts
    const damages: NetDamage[] = []
    for (const [hook, program] of programs) {
      const link = links.get(hook)
      const state = link === undefined ? 'detached' : this.#stateOf(hook, link, program)
      if (state === 'holds') continue
      const isBack = state === 'other-program' && link !== undefined && bpf.updateLink(link, program)
      if (!isBack) this.#attach(hook, program)
      damages.push(damage('program-detached', hook, openMs))
    }
    return damages
  }

  /** What lost its pin was held all the time: the agent has it open. */
  #holdPins(): NetDamage[] {
    const { bpf, pins, maps, programs, links } = this.#parts
    const wanted = [
      ...mapNames.map((name) => [name, maps[name], (fd: number) => bpf.mapInfo(fd).id] as const),
      ...[...programs].map(
        ([hook, fd]) => [`program-${hook}`, fd, (one: number) => bpf.programInfo(one).id] as const,
      ),
      ...[...links].map(([hook, fd]) => [`link-${hook}`, fd, (one: number) => bpf.linkInfo(one).id] as const),
    ]
    const damages: NetDamage[] = []
    for (const [name, fd, idOf] of wanted) {
      if (this.#isPinned(name, idOf(fd), idOf)) continue
      pinOver(bpf, fd, pins, name)
      damages.push(damage('pin-removed', name, 0))
    }
    return damages
  }

  #hasPin(name: string): boolean {
    const { bpf, pins } = this.#parts
    const fd = bpf.openPinned(join(pins, name))
    if (fd !== null) bpf.close(fd)
    return fd !== null
  }

  #isPinned(name: string, id: number, idOf: (fd: number) => number): boolean {
    const { bpf, pins } = this.#parts
    const pinned = bpf.openPinned(join(pins, name))
    if (pinned === null) return false
    try {
      return idOf(pinned) === id
    } catch (error) {
      // Something of another kind stands there.
      if (isUnavailable(error)) return false
      throw error
    } finally {
      bpf.close(pinned)
    }
  }

  #stateOf(hook: HookName, link: number, program: number): LinkState {
    const { bpf, cgroup } = this.#parts
    return linkState(bpf, link, program, { cgroup, hook })
  }

  #attach(hook: HookName, program: number): void {
    const { bpf, cgroup, links } = this.#parts
    const old = links.get(hook)
    links.set(hook, attach(bpf, program, { cgroup, hook }))
    if (old !== undefined) bpf.close(old)
  }
}

function damage(what: NetDamage['what'], detail: string, openMs: number | null): NetDamage {
  return { what, detail, isRestored: true, openMs }
}

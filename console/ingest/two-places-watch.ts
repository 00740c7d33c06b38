/**
 * Finds one identity in two places at once: `media-identity-mismatch` with both named. What counts as one identity is
 * `rules/two-places.ts`; here is when it is proven.
 *
 * A medium that is carried from one computer to the other looks the same at first: the second tells of its coming while
 * the record of its going is still under way. So a suspicion waits until both computers were heard, with every record
 * that they have stored here, at least `settleMs` after it arose. By then what was sent before has arrived (a connection
 * that is silent for as long is closed), and two stays that are still open do overlap. A computer that is switched off,
 * frozen or behind proves nothing and accuses nobody: then the suspicion waits, and the sightings say where it was.
 */
import { LIMITS } from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import type { Feed } from '../feed/ports.ts'
import { severityOf } from '../rules/judge.ts'
import { inTwoPlaces, isOneIdentityTwice } from '../rules/two-places.ts'
import type { SightingRow, StayRow, Store } from '../store/ports.ts'

interface Suspicion {
  readonly earlier: SightingRow
  readonly later: SightingRow
  readonly sinceMs: number
  /** Agents heard with nothing left to send since then. */
  readonly heard: Set<string>
}

export interface TwoPlacesOptions {
  readonly store: Store
  readonly feed: Feed
  readonly log: Log
  readonly now: () => number
}

/** Longer than a frame can be under way on a connection that still counts as one. */
const settleMs = LIMITS.connectionSilentMsMax
const suspicionsMax = 1_000
/** Stays that share one identity: more of them say nothing more. */
const sharingMax = 50
const presentMax = 10_000

export class TwoPlacesWatch {
  readonly #options: TwoPlacesOptions
  readonly #suspicions = new Map<string, Suspicion>()
  #isRestored = false

  constructor(options: TwoPlacesOptions) {
    this.#options = options
  }

  /** Media of a computer were examined, and that is stored. */
  async examined(agent: string, stays: readonly StayRow[]): Promise<void> {
    for (const stay of stays) {
      if (!stay.isExamined || stay.endedAt !== null) continue
      const sharing = await this.#options.store.presentWith(stay, sharingMax)
      const later = sharing.find((one) => one.agent === agent && one.stay === stay.id)
      if (later === undefined) continue
      for (const earlier of sharing) this.#suspect(earlier, later)
    }
  }

  /** A computer was heard, and everything that it has is stored. */
  async caughtUp(agent: string): Promise<void> {
    await this.#restore()
    const now = this.#options.now()
    for (const [name, one] of [...this.#suspicions]) {
      const isPart = one.earlier.agent === agent || one.later.agent === agent
      if (!isPart || now - one.sinceMs < settleMs) continue
      one.heard.add(agent)
      if (one.heard.has(one.earlier.agent) && one.heard.has(one.later.agent)) await this.#settle(name, one)
    }
  }

  #suspect(earlier: SightingRow, later: SightingRow): void {
    if (!isOneIdentityTwice(earlier, later)) return
    const name = [placeOf(earlier), placeOf(later)].toSorted().join(' ')
    if (this.#suspicions.has(name)) return
    const [oldest] = this.#suspicions.keys()
    if (oldest !== undefined && this.#suspicions.size >= suspicionsMax) {
      this.#options.log.warn({ suspicions: suspicionsMax }, 'more media in two places than are followed')
      this.#suspicions.delete(oldest)
    }
    this.#suspicions.set(name, { earlier, later, sinceMs: this.#options.now(), heard: new Set() })
  }

  /** Suspicions live in memory; after a start they arise again from what is still open. */
  async #restore(): Promise<void> {
    if (this.#isRestored) return
    this.#isRestored = true
    const present = await this.#options.store.presentEverywhere(presentMax)
    const byIdentity = new Map<string, SightingRow[]>()
    for (const one of present) {
      for (const key of [...one.keys, ...(one.number === null ? [] : [`number:${one.number}`])]) {
        byIdentity.set(key, [...(byIdentity.get(key) ?? []), one].slice(0, sharingMax))
      }
    }
    for (const [later, ...others] of byIdentity.values()) {
      if (later !== undefined) for (const earlier of others) this.#suspect(earlier, later)
    }
  }

  async #settle(name: string, { earlier, later, heard }: Suspicion): Promise<void> {
    const { store, feed, now } = this.#options
    const present = await store.presentWith(later, sharingMax)
    const [a, b] = [earlier, later].map((side) => present.find((one) => placeOf(one) === placeOf(side)))
    if (a === undefined || b === undefined || !isOneIdentityTwice(a, b)) {
      this.#suspicions.delete(name)
      return
    }
    if (!a.isConfirmed || !b.isConfirmed) {
      // An agent that has just started may find it gone: it is to be heard again.
      heard.clear()
      return
    }
    this.#suspicions.delete(name)
    const computer = await store.computer(b.agent)
    if (computer === null) return
    const judgement = inTwoPlaces(b, a)
    const violation = {
      key: `${judgement.type}:${b.stay}:with:${placeOf(a)}`,
      type: judgement.type,
      severity: severityOf(judgement),
      level: computer.level,
      policyVersion: computer.policyVersion,
      evidence: JSON.stringify(judgement.evidence),
      epoch: b.epoch,
      seq: b.seq,
      occurredAt: b.at,
    }
    const added = await store.addViolation(b.agent, violation, now())
    if (added !== null) feed.publish({ kind: 'violation', violation: added })
  }
}

function placeOf({ agent, stay }: Pick<SightingRow, 'agent' | 'stay'>): string {
  return `${agent}:${stay}`
}

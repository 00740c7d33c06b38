/**
 * Which links are cut: what the decision about an interface asks for, and what a condition asks for. A link that must not
 * be there goes; the one towards the console stays, unless nobody knows its adapter.
 */
import {
  type ActionStep,
  type Decision,
  type FactNamed,
  type NetworkInterface,
  type Policy,
  showRawText,
} from '@shoukou/protocol'
import { decideInterface } from '../../policy/decide.ts'
import { byIndex, isForbiddenMedium, isKnownWay, mediumOf } from '../../policy/network/adapters.ts'
import type { Condition } from '../../policy/network/condition.ts'
import { networkModeOf } from '../../policy/network/network-mode.ts'
import { isConsoleInterface } from '../../policy/network/view.ts'
import { Cutter } from './cutter.ts'
import type { LivePicture } from './live-picture.ts'
import type { NetForce } from './net-force.ts'
import type { NetworkKernel } from './network-kernel.ts'

export type Acted = Omit<FactNamed<'network.acted'>, 'kind'>

export interface LinkKeeperOptions {
  readonly kernel: Pick<NetworkKernel, 'setLinkDown' | 'unauthorise'>
  readonly live: LivePicture
  readonly policy: () => Policy
  readonly console: () => readonly { readonly address: string; readonly port: number }[]
  readonly conditions: () => readonly Condition[]
  readonly force: Pick<NetForce, 'apply' | 'tellFailure'>
  readonly tellActed: (acted: Acted) => void
}

export class LinkKeeper {
  readonly #options: LinkKeeperOptions
  readonly #cutter: Cutter
  readonly #spared = new Set<string>()

  constructor(options: LinkKeeperOptions) {
    this.#options = options
    this.#cutter = new Cutter({
      kernel: options.kernel,
      dropAll: () => this.#dropAll(),
      onCut: (adapter, cause, steps) => this.#tellCut(adapter, cause, steps),
    })
  }

  /** What is to be dropped wholly, by the names that it bears now. */
  get targets(): readonly NetworkInterface[] {
    return this.#cutter.targets
  }

  /** An interface came. One that was there before the sensors looked is being cut already. */
  came(adapter: NetworkInterface, decision: Decision | null): void {
    if (!this.#cutter.isCut(adapter.index)) this.#judge(adapter, decision)
  }

  changed(adapter: NetworkInterface, decision: Decision | null): void {
    if (this.#cutter.changed(adapter)) void this.#options.force.apply('renamed')
    this.#judge(adapter, decision)
  }

  went(adapter: NetworkInterface): void {
    if (this.#cutter.forget(adapter.index)) void this.#options.force.apply('gone')
  }

  /** Cuts what conditions that began ask to be cut; what is being cut for another reason is cut once. */
  follow(began: readonly Condition[]): void {
    for (const { decision, response, interface: adapter, code } of began) {
      if (decision.outcome !== 'blocked' || response !== 'cut' || adapter === null) continue
      if (!this.#cutter.isCutting(adapter.index)) this.#cutter.cut(adapter, code)
    }
  }

  /** Decides about all that is there, and is not cut yet. */
  judgeAll(): void {
    for (const adapter of this.#options.live.interfaces) {
      if (this.#cutter.isCut(adapter.index)) continue
      this.#judge(adapter, decideInterface(this.#options.policy(), adapter, 'still-present'))
    }
  }

  /** Under another policy some of what was cut may be there: it is no longer dropped; who wants its link up sets it up. */
  reconsider(): void {
    const { policy, force, tellActed } = this.#options
    for (const adapter of this.#cutter.targets) {
      if (this.#mustStayCut(adapter, policy())) continue
      this.#cutter.forget(adapter.index)
      const steps: ActionStep[] = [{ step: 'packet-table', result: 'done', detail: null }]
      tellActed({ act: 'restored', cause: 'policy', interface: adapter, order: null, reason: null, steps })
      void force.apply('policy')
    }
  }

  #mustStayCut(adapter: NetworkInterface, policy: Policy): boolean {
    if (networkModeOf(policy) !== 'enforce') return false
    const isRefused = decideInterface(policy, adapter, 'still-present')?.outcome === 'blocked'
    const isAsked = this.#options
      .conditions()
      .some(
        (each) =>
          each.interface?.index === adapter.index &&
          each.response === 'cut' &&
          each.decision.outcome === 'blocked',
      )
    const isKnown = isKnownWay(adapter, byIndex(this.#options.live.interfaces), policy)
    return isRefused || isAsked || isForbiddenMedium(mediumOf(adapter)) || !isKnown
  }

  /** What the decision about an interface asks for: where it is blocked, it is cut. */
  #judge(adapter: NetworkInterface, decision: Decision | null): void {
    if (decision?.outcome !== 'blocked') return
    const { live, policy, console } = this.#options
    if (!isKnownWay(adapter, byIndex(live.interfaces), policy())) {
      this.#cutter.cut(adapter, decision.rule)
      return
    }
    // The unit's own adapter may carry the link to the console: that shows when the routes are known.
    const picture = live.now()
    if (picture === null) return
    const view = {
      ...{ picture, policy: policy(), rules: policy().settings.network ?? null },
      ...{ adapters: byIndex(picture.interfaces), console: console() },
    }
    if (!isConsoleInterface(adapter, view)) this.#cutter.cut(adapter, decision.rule)
    else this.#spare(adapter, decision.rule)
  }

  /** The console is reached over it: nothing else passes anyway, and the link stays. Told once. */
  #spare(adapter: NetworkInterface, cause: string): void {
    const key = `${adapter.index}|${cause}`
    if (this.#spared.has(key)) return
    this.#spared.add(key)
    const detail = 'the console is reached over it; nothing else may pass'
    const steps: ActionStep[] = [{ step: 'link-down', result: 'skipped', detail }]
    this.#options.tellActed({ act: 'cut', cause, interface: adapter, order: null, reason: null, steps })
  }

  async #dropAll(): Promise<ActionStep> {
    const step = 'packet-table'
    const layers = await this.#options.force.apply('cut')
    const table = layers.find(({ layer }) => layer === 'packet-table')
    if (table?.state === 'in-force') return { step, result: 'done', detail: null }
    return { step, result: 'failed', detail: table?.detail ?? 'the packet net is not in force' }
  }

  #tellCut(adapter: NetworkInterface, cause: string, steps: readonly ActionStep[]): void {
    const { tellActed, force } = this.#options
    tellActed({ act: 'cut', cause, interface: adapter, order: null, reason: null, steps: [...steps] })
    for (const { step, result, detail } of steps) {
      if (result !== 'failed') continue
      const reason = `${showRawText(adapter.name)} was to be cut, and ${step} failed: ${detail ?? 'no reason given'}`
      force.tellFailure('cut-failed', reason)
    }
  }
}

/**
 * Whether the computer may speak to nothing but its console: because the console ordered it, or because a condition asks
 * for it that still holds. Either is enough; the order outlives the agent and every policy.
 */
import type { ActionStep, Command, FactNamed } from '@shoukou/protocol'
import type { Condition } from '../../policy/network/condition.ts'
import type { LayerReport } from './nets.ts'
import type { NetworkBook } from './network-book.ts'

export interface IsolationOptions {
  readonly book: NetworkBook
  /** Keys of conditions that isolated the computer when the last run ended. */
  readonly stillAsking: readonly string[]
  /** Control was released by hand or at boot: the order waits. */
  readonly isReleased: () => boolean
  readonly wallMs: () => number
  /** Puts into force what holds now. */
  readonly apply: (cause: string) => Promise<readonly LayerReport[]>
  readonly tellActed: (acted: Omit<FactNamed<'network.acted'>, 'kind'>) => void
}

export class IsolationKeeper {
  readonly #options: IsolationOptions
  /** Conditions that ask for it, by key. */
  #asking: ReadonlySet<string>

  constructor(options: IsolationOptions) {
    this.#options = options
    this.#asking = new Set(options.stillAsking)
  }

  get isOn(): boolean {
    const { book, isReleased } = this.#options
    return !isReleased() && (book.state.isolation !== null || this.#asking.size > 0)
  }

  /** The console's reason; `condition` where it gave none. Null while nothing is isolated. */
  get reason(): string | null {
    return this.isOn ? (this.#options.book.state.isolation?.reason ?? 'condition') : null
  }

  /** Carries out the console's order; returns the outcome as a code. */
  async carryOut(command: Extract<Command, { name: 'isolate' | 'end-isolation' }>): Promise<string> {
    const { book, wallMs, apply, tellActed, isReleased } = this.#options
    const isEnding = command.name === 'end-isolation'
    if (isEnding && book.state.isolation === null) return 'no-isolation'
    const { id: order, reason } = command
    const isKept = await book.change({
      isolation: isEnding ? null : { order, reason, sinceWallMs: wallMs() },
    })
    const remembered: ActionStep = {
      step: 'remember',
      result: isKept ? 'done' : 'failed',
      detail: isKept ? null : 'not on the disk: it ends with the agent',
    }
    const steps = [remembered, ...stepsOf(await apply(isEnding ? 'released' : 'command'))]
    if (isEnding && this.isOn) {
      const detail = [...this.#asking].join(' ').slice(0, 1_000)
      steps.push({ step: 'still-isolated', result: 'skipped', detail })
    }
    const act = isEnding ? 'released' : 'isolated'
    tellActed({ act, cause: 'command', interface: null, order, reason, steps })
    const isDone = steps.every(({ result }) => result !== 'failed') && (isEnding || !isReleased())
    return isDone ? 'done' : 'partly-failed'
  }

  /** Follows the conditions that hold now; `changed` began or ended, and may be why. */
  async follow(now: readonly Condition[], changed: readonly Condition[]): Promise<void> {
    const asking = now.filter(
      ({ response, decision }) => response === 'isolate' && decision.outcome === 'blocked',
    )
    const before = this.#asking
    this.#asking = new Set(asking.map(({ key }) => key))
    const isNew = before.size === 0 && this.#asking.size > 0
    const isOver = before.size > 0 && this.#asking.size === 0
    if (!isNew && !isOver) return
    const condition = isNew ? asking[0] : changed.find(({ key }) => before.has(key))
    const cause = condition?.code ?? 'condition'
    const steps = stepsOf(await this.#options.apply(cause))
    if (isOver && this.isOn)
      steps.push({ step: 'still-isolated', result: 'skipped', detail: 'the console ordered it' })
    this.#options.tellActed({
      act: isNew ? 'isolated' : 'restored',
      cause,
      interface: condition?.interface ?? null,
      ...{ order: null, reason: null, steps },
    })
  }
}

function stepsOf(layers: readonly LayerReport[]): ActionStep[] {
  const nets = layers.filter(({ layer }) => layer === 'connection-guard' || layer === 'packet-table')
  return nets.map(({ layer, state, detail }) => ({
    step: layer,
    result: state === 'in-force' ? 'done' : 'failed',
    detail,
  }))
}

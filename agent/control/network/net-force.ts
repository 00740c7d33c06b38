/**
 * Puts into force over the nets what holds now, and tells what stands: `control.state` where it changed, the coverage of
 * the sensor `connections`.
 *
 * Any number of reasons to apply while one is under way are one more: each reads what holds when its turn comes.
 */
import type { Coverage, Decision, Fact, FactNamed } from '@shoukou/protocol'
import { type LayerReport, type Nets, needsPackets, sameWanted, type WantedNets } from './nets.ts'

export interface NetForceOptions {
  readonly nets: Nets
  /** What is to be in force now. */
  readonly wanted: () => WantedNets
  readonly tell: (sensor: 'network' | 'connections', fact: Fact, decision: Decision | null) => unknown
  readonly onChange: () => void
}

type ControlState = FactNamed<'control.state'>['state']

export class NetForce {
  readonly #options: NetForceOptions
  #applied: WantedNets | null = null
  #layers: readonly LayerReport[] = []
  #saidState = ''
  #saidCoverage = ''
  #isInForce = false
  #working: Promise<void> = Promise.resolve()
  #waiting: { cause: string; promise: Promise<readonly LayerReport[]> } | null = null

  constructor(options: NetForceOptions) {
    this.#options = options
  }

  get layers(): readonly LayerReport[] {
    return this.#layers
  }

  get coverage(): Coverage {
    return this.#options.nets.coverage
  }

  /** Resolves with what stands, when what holds now is in force. `cause` is a code for the record. */
  apply(cause: string): Promise<readonly LayerReport[]> {
    if (this.#waiting !== null) return this.#waiting.promise
    const promise = this.#working.then(() => {
      this.#waiting = null
      return this.#applyNow(cause)
    })
    this.#waiting = { cause, promise }
    this.#working = promise.then(
      () => undefined,
      () => undefined,
    )
    return promise
  }

  /** Looks at the layers again without setting anything: what an inspection found, or no longer finds, may have changed them. */
  refresh(cause: string): void {
    if (this.#applied === null) return
    if (JSON.stringify(this.#options.nets.layers(this.#applied)) === JSON.stringify(this.#layers)) return
    this.#say(cause, this.#applied)
  }

  /** Tells that a layer did not do what it was to do. */
  tellFailure(cause: string, reason: string): void {
    const { tell } = this.#options
    const fact: FactNamed<'control.state'> = {
      kind: 'control.state',
      group: 'network',
      state: 'partly',
      cause,
      reason: reason.slice(0, 1_000),
      layers: [...this.#layers].slice(0, 8),
    }
    tell('network', fact, null)
    // The next change of the layers is to be told again, also back to what was said before.
    this.#saidState = ''
  }

  async #applyNow(cause: string): Promise<readonly LayerReport[]> {
    const { nets, wanted } = this.#options
    const now = wanted()
    const stands = this.#layers.every(({ state }) => state === 'in-force')
    // What failed is tried again each time somebody asks.
    if (sameWanted(this.#applied, now) && stands) return this.#layers
    this.#applied = now
    this.#layers = await nets.apply(now)
    this.#say(cause, now)
    return this.#layers
  }

  #say(cause: string, wanted: WantedNets): void {
    const { nets, tell, onChange } = this.#options
    this.#layers = nets.layers(wanted)
    const isActive = needsPackets(wanted)
    const state: ControlState = isActive ? stateOf(this.#layers) : 'released'
    const layers = isActive
      ? this.#layers
      : this.#layers.map((each) => ({ ...each, state: 'absent' as const }))
    const text = JSON.stringify([state, layers.map(({ layer, state: each }) => [layer, each])])
    // A computer that only observes has nothing in force and had nothing to release.
    const isWorthTelling = isActive || this.#isInForce
    if (isWorthTelling && text !== this.#saidState) {
      this.#saidState = text
      const reason =
        layers.find(({ state: each, detail }) => each !== 'in-force' && detail !== null)?.detail ?? null
      tell(
        'network',
        { kind: 'control.state', group: 'network', state, cause, reason, layers: layers.slice(0, 8) },
        null,
      )
    }
    this.#isInForce = isActive
    const { coverage } = nets
    const covered = JSON.stringify(coverage)
    if (covered !== this.#saidCoverage) {
      this.#saidCoverage = covered
      tell('connections', { kind: 'agent.coverage', coverage }, null)
    }
    onChange()
  }
}

function stateOf(layers: readonly LayerReport[]): ControlState {
  if (layers.every(({ state }) => state === 'in-force')) return 'in-force'
  return layers.some(({ state }) => state === 'in-force') ? 'partly' : 'not-in-force'
}

/** Holds each agent's clock against the console's own, over connections: when `rules/agent-clock.ts` finds one set back untold, it is a violation. */
import { DEFAULT_POLICY_SETTINGS, type HeartbeatFrame, type Record } from '@shoukou/protocol'
import { type AgentClock, firstClock, readClock, tellStep } from '../rules/agent-clock.ts'
import type { Judgement } from '../rules/judgement.ts'
import type { Store } from '../store/ports.ts'

/** More agents than one console is made for. */
const agentsMax = 20_000

interface Known {
  readonly clock: AgentClock
  /** What the policy of this version lets pass. */
  readonly policyVersion: number
  readonly backMsMax: number
}

export interface ClockWatchOptions {
  readonly store: Pick<Store, 'policy'>
  /** A clock that nobody sets, ms; left out: this process's own. */
  readonly monotonicMs?: () => number
}

export class AgentClockWatch {
  readonly #known = new Map<string, Known>()
  readonly #store: ClockWatchOptions['store']
  readonly #monotonicMs: () => number

  constructor({ store, monotonicMs = () => performance.now() }: ClockWatchOptions) {
    this.#store = store
    this.#monotonicMs = monotonicMs
  }

  /** The agent named its time; returns what is to be said of that, null where nothing is. */
  async heard(
    agent: string,
    { wallMs, policyVersion }: Pick<HeartbeatFrame, 'wallMs' | 'policyVersion'>,
    isCaughtUp: boolean,
  ): Promise<Judgement | null> {
    const reading = { wallMs, atMs: this.#monotonicMs(), isCaughtUp }
    const backMsMax = await this.#limitOf(agent, policyVersion)
    const known = this.#known.get(agent)
    if (known === undefined) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined && this.#known.size >= agentsMax) this.#known.delete(oldest)
      this.#known.set(agent, { clock: firstClock(reading), policyVersion, backMsMax })
      return null
    }
    const { clock, setBackMs } = readClock(known.clock, reading, backMsMax)
    this.#known.set(agent, { clock, policyVersion, backMsMax })
    return setBackMs === null ? null : setBack(setBackMs)
  }

  /** Records that are stored: a step that the agent tells itself is judged there. */
  told(agent: string, records: readonly Pick<Record, 'fact'>[]): void {
    for (const { fact } of records) {
      const known = this.#known.get(agent)
      if (fact.kind !== 'clock.stepped' || known === undefined) continue
      this.#known.set(agent, { ...known, clock: tellStep(known.clock, fact.byMs, this.#monotonicMs()) })
    }
  }

  /** A version that was never made sets no limit of the agent's own choosing. */
  async #limitOf(agent: string, policyVersion: number): Promise<number> {
    const known = this.#known.get(agent)
    if (known?.policyVersion === policyVersion) return known.backMsMax
    const policy = await this.#store.policy(agent, policyVersion)
    return (policy?.settings ?? DEFAULT_POLICY_SETTINGS).limits.clockBackMsMax
  }
}

function setBack(byMs: number): Judgement {
  const fields = { epoch: null, firstSeq: null, lastSeq: null, expectedHead: null, claimedHead: null }
  return { type: 'log-gap-or-clock-tamper', evidence: { cause: 'clock-set-back', ...fields, byMs } }
}

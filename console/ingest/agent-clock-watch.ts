/** Holds each agent's clock against the console's own, over connections: when `rules/agent-clock.ts` finds one set back untold, it is a violation. */
import type { Record } from '@shoukou/protocol'
import { type AgentClock, firstClock, readClock, tellStep } from '../rules/agent-clock.ts'
import type { Judgement } from '../rules/judgement.ts'

/** More agents than one console is made for. */
const agentsMax = 20_000

export class AgentClockWatch {
  readonly #clocks = new Map<string, AgentClock>()
  readonly #monotonicMs: () => number

  /** `monotonicMs`: a clock that nobody sets. */
  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  /** The agent named its time; returns what is to be said of that, null where nothing is. */
  heard(
    agent: string,
    { wallMs, isCaughtUp, backMsMax }: { wallMs: number; isCaughtUp: boolean; backMsMax: number },
  ): Judgement | null {
    const reading = { wallMs, atMs: this.#monotonicMs(), isCaughtUp }
    const known = this.#clocks.get(agent)
    if (known === undefined) {
      const [oldest] = this.#clocks.keys()
      if (oldest !== undefined && this.#clocks.size >= agentsMax) this.#clocks.delete(oldest)
      this.#clocks.set(agent, firstClock(reading))
      return null
    }
    const { clock, setBackMs } = readClock(known, reading, backMsMax)
    this.#clocks.set(agent, clock)
    return setBackMs === null ? null : setBack(setBackMs)
  }

  /** Records that are stored: a step that the agent tells itself is judged there. */
  told(agent: string, records: readonly Pick<Record, 'fact'>[]): void {
    for (const { fact } of records) {
      const known = this.#clocks.get(agent)
      if (fact.kind !== 'clock.stepped' || known === undefined) continue
      this.#clocks.set(agent, tellStep(known, fact.byMs, this.#monotonicMs()))
    }
  }
}

function setBack(byMs: number): Judgement {
  const fields = { epoch: null, firstSeq: null, lastSeq: null, expectedHead: null, claimedHead: null }
  return { type: 'log-gap-or-clock-tamper', evidence: { cause: 'clock-set-back', ...fields, byMs } }
}

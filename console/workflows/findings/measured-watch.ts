/**
 * Keeps of each filed computer where its register and what it tells of itself differ. Comparing one reads its records, so not
 * all are compared at each look: those whose entry or policy changed are, and of the others those that wait longest. The first
 * look compares all: findings that were open before a new start stay what they are.
 */
import { FILED_STATES } from '../../ledger/computers.ts'
import { compareMeasured, type Difference } from '../../ledger/measured.ts'
import type { RealAgent, RealDifferences, RealEntry } from '../../ledger/reality.ts'
import type { ComputerRow, Store } from '../../store/ports.ts'
import { readMeasured } from '../registers/measured.ts'
import { FINDING_LIMITS } from './limits.ts'

/** What of a computer says that it has to be compared anew. */
export interface WatchedAgent extends RealAgent {
  readonly computer: Pick<ComputerRow, 'agent' | 'enrolledAt' | 'level' | 'networkMode' | 'policyVersion'>
}

interface Compared {
  readonly mark: string
  /** Of which look. */
  readonly look: number
  readonly differences: readonly Difference[]
}

export class MeasuredWatch {
  readonly #store: Store
  #known = new Map<string, Compared>()
  #looks = 0

  constructor(store: Store) {
    this.#store = store
  }

  async look(
    entries: readonly RealEntry[],
    agents: readonly WatchedAgent[],
  ): Promise<readonly RealDifferences[]> {
    this.#looks += 1
    const pairs = pairsOf(entries, agents)
    const marked = pairs.map((pair) => ({
      ...pair,
      mark: markOf(pair),
      known: this.#known.get(pair.entry.number),
    }))
    const isNew = marked.filter(({ known, mark }) => known?.mark !== mark)
    const waiting = marked
      .filter(({ known, mark }) => known?.mark === mark)
      .toSorted((a, b) => (a.known?.look ?? 0) - (b.known?.look ?? 0))
      .slice(0, FINDING_LIMITS.measuredPerLook)
    const kept = new Map(
      marked.flatMap(({ entry, known }) => (known === undefined ? [] : [[entry.number, known] as const])),
    )
    for (const { entry, agent, mark } of [...isNew, ...waiting]) {
      const measured = await readMeasured(this.#store, agent.computer, { withPolicies: false })
      const { differences } = compareMeasured(entry, measured)
      kept.set(entry.number, { mark, look: this.#looks, differences })
    }
    this.#known = kept
    return [...kept].map(([number, { differences }]) => ({ number, differences }))
  }
}

interface Pair {
  readonly entry: RealEntry
  readonly agent: WatchedAgent
}

/** Filed computers with the agent that was heard last of those that an entry is. */
function pairsOf(entries: readonly RealEntry[], agents: readonly WatchedAgent[]): readonly Pair[] {
  const filed = new Map(
    entries
      .filter(({ kind, state }) => kind === 'computers' && FILED_STATES.has(state))
      .map((entry) => [plain(entry.number), entry]),
  )
  const pairs = new Map<string, Pair>()
  for (const agent of agents) {
    const called = agent.saidToBe === undefined ? agent.number : agent.saidToBe
    const entry = called === null ? undefined : filed.get(plain(called))
    if (entry === undefined) continue
    const before = pairs.get(entry.number)
    if (before === undefined || (before.agent.lastSeenAt ?? 0) < (agent.lastSeenAt ?? 0))
      pairs.set(entry.number, { entry, agent })
  }
  return [...pairs.values()]
}

function markOf({ entry, agent }: Pair): string {
  const { computer } = agent
  return JSON.stringify([agent.agent, entry.changedAt, entry.fields, entry.level, computer])
}

function plain(number: string): string {
  return number.normalize('NFKC').trim().toLowerCase()
}

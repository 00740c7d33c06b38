/** Reads computers with what their view needs: newest policy, gaps, violations. Policies are kept, since they never change. */
import type { PolicySettings } from '@shoukou/protocol'
import type { ComputerRow, Store, ViolationCounts } from '../store/ports.ts'
import type { Computer } from './contract.ts'
import { API_LIMITS } from './limits.ts'
import { computerView } from './view/computer-view.ts'

export interface ComputerReader {
  /** Returns the view of one computer. */
  one(row: ComputerRow, mayReadViolations: boolean): Promise<Computer>
  /** Returns the views of all, in the order of their numbers. */
  all(mayReadViolations: boolean): Promise<Computer[]>
}

/** Returns a reader over a store. */
export function createComputerReader(store: Store): ComputerReader {
  const kept = new Map<string, PolicySettings>()

  async function settingsOf({ agent, policyVersion }: ComputerRow): Promise<PolicySettings | null> {
    const key = `${policyVersion} ${agent}`
    const known = kept.get(key)
    if (known !== undefined) return known
    const policy = await store.policy(agent, policyVersion)
    if (policy === null) return null
    const oldest = kept.keys().next().value
    if (kept.size >= API_LIMITS.policySettingsKept && oldest !== undefined) kept.delete(oldest)
    kept.set(key, policy.settings)
    return policy.settings
  }

  async function view(row: ComputerRow, violations: readonly ViolationCounts[]): Promise<Computer> {
    const [settings, gaps] = await Promise.all([settingsOf(row), store.gaps(row.agent)])
    return computerView(row, { settings, gaps, violations })
  }

  return {
    async one(row, mayReadViolations) {
      return view(row, mayReadViolations ? await store.countViolations({ agent: row.agent }) : [])
    },
    async all(mayReadViolations) {
      const [rows, counts] = await Promise.all([
        store.computers(),
        mayReadViolations ? store.countViolationsByComputer() : [],
      ])
      const byAgent = Map.groupBy(counts, ({ agent }) => agent)
      return Promise.all(rows.map((row) => view(row, byAgent.get(row.agent) ?? [])))
    },
  }
}

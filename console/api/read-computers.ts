/** Reads computers with what their view needs: newest policy, gaps, violations. Policies are kept, since they never change. */
import { mayReach, type PolicySettings, type ViewScope } from '@shoukou/protocol'
import type { ComputerRow, Store } from '../store/ports.ts'
import type { Computer, ComputersAnswer, ComputersQuery } from './contract.ts'
import { byNumber, inOrder } from './contract-computer-order.ts'
import { API_LIMITS } from './limits.ts'
import { computerView } from './view/computer-view.ts'

export interface ComputerReader {
  /** Returns the view of one computer. */
  one(row: ComputerRow, mayReadViolations: boolean): Promise<Computer>
  /** Returns the views of all that may be seen, in the order of their numbers. */
  all(mayReadViolations: boolean, scope: ViewScope): Promise<Computer[]>
  /** Returns a page of those that match; where no `limit` is asked for, all of them. */
  page(asked: ComputersQuery, mayReadViolations: boolean, scope: ViewScope): Promise<ComputersAnswer>
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

  async function withViolations(one: Computer): Promise<Computer> {
    const violations = await store.countViolations({ agent: one.agent })
    return { ...one, violations: violations.map(({ severity, count }) => ({ severity, count })) }
  }

  const reader: ComputerReader = {
    async one(row, mayReadViolations) {
      const [settings, gaps, violations, network, protection] = await Promise.all([
        settingsOf(row),
        store.gaps(row.agent),
        mayReadViolations ? store.countViolations({ agent: row.agent }) : [],
        store.networkStanding(row.agent),
        store.protectionStanding(row.agent),
      ])
      return computerView(row, { settings, gaps, violations, network, protection })
    },
    async all(mayReadViolations, scope) {
      const [rows, gaps, counts, standings, protections] = await Promise.all([
        store.computers(),
        store.openGaps(),
        mayReadViolations ? store.countViolationsByComputer() : [],
        store.networkStandings(),
        store.protectionStandings(),
      ])
      const gapsOf = Map.groupBy(gaps, ({ agent }) => agent)
      const standingOf = new Map(standings.map((one) => [one.agent, one]))
      const protectionOf = new Map(protections.map((one) => [one.agent, one]))
      const countsOf = Map.groupBy(counts, ({ agent }) => agent)
      return Promise.all(
        rows
          .filter(({ department }) => mayReach(scope, department))
          .map(async (row) =>
            computerView(row, {
              settings: await settingsOf(row),
              gaps: gapsOf.get(row.agent) ?? [],
              violations: countsOf.get(row.agent) ?? [],
              network: standingOf.get(row.agent) ?? null,
              protection: protectionOf.get(row.agent) ?? null,
            }),
          ),
      )
    },
    async page(asked, mayReadViolations, scope) {
      const { text = '', watch, sort = 'number', order, limit, offset = 0 } = asked
      const wanted = text.trim().toLowerCase()
      const isFound = ({ number, hostname }: Named): boolean =>
        wanted === '' || number.toLowerCase().includes(wanted) || hostname.toLowerCase().includes(wanted)
      const isDescending = order === 'desc'
      // Which they are, and in what order, is often known by little of each; all of it is then read of those on the page.
      if (limit !== undefined && watch === undefined && sort === 'number') {
        const names = (await store.computerNames()).filter(
          (one) => isFound(one) && mayReach(scope, one.department),
        )
        const shown = await Promise.all(
          byNumber(names, isDescending)
            .slice(offset, offset + limit)
            .map(async ({ agent }) => {
              const row = await store.computer(agent)
              return row === null ? null : reader.one(row, mayReadViolations)
            }),
        )
        return { computers: shown.filter((one) => one !== null), total: names.length }
      }
      // How many violations each has is counted for those on the page, where neither order nor file needs it of all.
      const isCounted = mayReadViolations && (limit === undefined || sort === 'violations')
      const found = (await reader.all(isCounted, scope)).filter(
        (one) => isFound(one) && (watch === undefined || one.watch.state === watch),
      )
      const end = limit === undefined ? undefined : offset + limit
      const shown = inOrder(found, sort, isDescending).slice(offset, end)
      const isToCount = mayReadViolations && !isCounted
      return {
        computers: isToCount ? await Promise.all(shown.map(withViolations)) : shown,
        total: found.length,
      }
    },
  }
  return reader
}

type Named = Pick<ComputerRow, 'number' | 'hostname'>

/**
 * Reads what the overview shows of all computers: how many are in which state, and the first of each by name. Sums and a few
 * rows, so that a unit of thousands is as quick to open as one of ten. Pages that look at the same moment are one reading.
 */
import type { ViewScope } from '@shoukou/protocol'
import type { Computer, Overview } from './contract.ts'
import { API_LIMITS } from './limits.ts'
import type { ComputerReader } from './read-computers.ts'

export type WatchOverview = Pick<Overview, 'watch' | 'behind'>

/** An answer for the whole unit may be this old when it is given, ms. */
const keptMs = 500
const byNumber = new Intl.Collator('en', { numeric: true })

/** Returns a reader; `monotonicMs` never goes back. */
export function createOverviewReader(
  computers: ComputerReader,
  monotonicMs: () => number = () => performance.now(),
): (scope: ViewScope) => Promise<WatchOverview> {
  const read = async (scope: ViewScope): Promise<WatchOverview> =>
    overviewOf(await computers.all(false, scope), API_LIMITS.overviewListed)
  let kept: { readonly at: number; readonly answer: Promise<WatchOverview> } | undefined
  return (scope) => {
    // Who sees one department alone gets no answer that was made for others.
    if (scope.kind !== 'unit') return read(scope)
    const at = monotonicMs()
    if (kept === undefined || at - kept.at >= keptMs) {
      const reading = { at, answer: read(scope) }
      kept = reading
      // What could not be read is not kept.
      reading.answer.catch(() => {
        if (kept === reading) kept = undefined
      })
    }
    return kept.answer
  }
}

/** Returns sums and the first `max` of each kind, by number as people count. Pure. */
export function overviewOf(computers: readonly Computer[], max: number): WatchOverview {
  const of = (state: Computer['watch']['state']) => computers.filter(({ watch }) => watch.state === state)
  const [broken, unproven, proven] = [of('broken'), of('unproven'), of('proven')]
  const behind = computers.filter((one) => one.appliedPolicyVersion !== one.policyVersion)
  const listed = [broken, unproven, proven].flatMap((some) => firstByNumber(some, max))
  return {
    watch: {
      broken: broken.length,
      unproven: unproven.length,
      proven: proven.length,
      heardAt: heardLongestAgo([...broken, ...unproven]),
      listed: listed.map(({ agent, number, level, watch }) => ({ agent, number, level, watch })),
    },
    behind: {
      count: behind.length,
      listed: firstByNumber(behind, max).map(({ agent, number, policyVersion, appliedPolicyVersion }) => ({
        ...{ agent, number, policyVersion, appliedPolicyVersion },
      })),
    },
  }
}

/** Null: one was never heard, or there is none. */
function heardLongestAgo(computers: readonly Computer[]): number | null {
  let oldest: number | null = null
  for (const { lastSeenAt } of computers) {
    if (lastSeenAt === null) return null
    if (oldest === null || lastSeenAt < oldest) oldest = lastSeenAt
  }
  return oldest
}

/** Most are compared once, with the last of those found: sorting thousands to show twenty would cost more than reading them. */
function firstByNumber(computers: readonly Computer[], max: number): Computer[] {
  const first: Computer[] = []
  for (const one of computers) {
    const last = first.at(-1)
    if (first.length === max && last !== undefined && byNumber.compare(one.number, last.number) >= 0) continue
    const at = first.findIndex((other) => byNumber.compare(one.number, other.number) < 0)
    first.splice(at === -1 ? first.length : at, 0, one)
    if (first.length > max) first.pop()
  }
  return first
}

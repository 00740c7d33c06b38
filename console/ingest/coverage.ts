/** What each sensor vouches for after some records. Pure. */
import type { Coverage, Record } from '@shoukou/protocol'

/**
 * Returns the coverage after the records, null where they say nothing of it. A start begins with nothing: what an
 * earlier run vouched for is no proof of this one.
 */
export function coverageAfter(
  before: readonly Coverage[],
  records: readonly Record[],
): readonly Coverage[] | null {
  let coverage: readonly Coverage[] | null = null
  for (const { fact } of records) {
    if (fact.kind === 'agent.started') coverage = []
    if (fact.kind !== 'agent.coverage') continue
    const rest: readonly Coverage[] = (coverage ?? before).filter(
      (one) => one.sensor !== fact.coverage.sensor,
    )
    coverage = [...rest, fact.coverage]
  }
  return coverage
}

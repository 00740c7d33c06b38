/** What a message of the live feed changes in the lists that a page holds: pure. */
import type {
  Computer,
  ComputerNames,
  Overview,
  ViolationItem,
  ViolationsAnswer,
} from '../../api/contract.ts'

/** One page of a list may grow this long by live rows; beyond it the list is fetched anew. */
export const liveRowsMax = 1_000
/** Headlines that the overview shows. */
export const newestShownMax = 20
/** As many the console answers with. */
const newestFetched = 10

export interface ViolationPages {
  readonly pages: readonly ViolationsAnswer[]
}

type Counts = Overview['counts']

/** Puts a new violation into the overview: newest first, counted once. */
export function addToOverview(overview: Overview, item: ViolationItem): Overview {
  if (isKnown(overview.newest, item)) return overview
  // Repeats are one row, which the next look counts; what an exception allows is not to be done.
  if (item.standing.repeatOf !== null || !item.standing.isLive)
    return { ...overview, lastViolationAt: Math.max(overview.lastViolationAt ?? 0, item.receivedAt) }
  return {
    ...overview,
    counts: countOne(overview.counts, item.severity),
    newest: insertNewestFirst(overview.newest, item).slice(0, newestShownMax),
    lastViolationAt: Math.max(overview.lastViolationAt ?? 0, item.receivedAt),
  }
}

/** Puts a new violation into the first page of a list. */
export function addToPages<Pages extends ViolationPages>(list: Pages, item: ViolationItem): Pages {
  const [first, ...rest] = list.pages
  const last = list.pages.at(-1)
  const oldest = last?.violations.at(-1)
  // Older than all that was fetched, and there is more to fetch: it is counted, and stands there when one scrolls.
  if (last !== undefined && last.nextBefore !== null && oldest !== undefined && item.id < oldest.id)
    return list
  if (first === undefined || list.pages.some((page) => page.violations.some((one) => one.id === item.id)))
    return list
  const grown: ViolationsAnswer = {
    ...first,
    violations: insertNewestFirst(first.violations, item),
    counts: countOne(first.counts, item.severity),
  }
  return { ...list, pages: [grown, ...rest] }
}

/**
 * Counts a repeat where the one that it repeats is shown; null where that is not on the pages. The row stays where it is:
 * nothing moves under a pointer, and the next look puts it on top.
 */
export function countRepeat<Pages extends ViolationPages>(list: Pages, item: ViolationItem): Pages | null {
  const { repeatOf, isOngoing } = item.standing
  const lead = list.pages.flatMap(({ violations }) => violations).find(({ id }) => id === repeatOf)
  if (lead === undefined) return null
  if (lead.place >= item.id) return list
  const standing = {
    ...lead.standing,
    repeats: lead.standing.repeats + 1,
    lastAt: item.receivedAt,
    isOngoing: lead.standing.isOngoing || isOngoing,
  }
  return replaceInPages(list, { ...lead, place: item.id, standing })
}

/** Puts the new state of a violation (it ended) where it is shown. */
export function replaceInPages<Pages extends ViolationPages>(list: Pages, item: ViolationItem): Pages {
  return {
    ...list,
    pages: list.pages.map((page) => ({ ...page, violations: replaceById(page.violations, item) })),
  }
}

export function replaceInOverview(overview: Overview, item: ViolationItem): Overview {
  return { ...overview, newest: replaceById(overview.newest, item) }
}

/** Puts new states of computers into a page of them; who else belongs on it is asked anew. */
export function replaceComputers(
  computers: readonly Computer[],
  changed: ReadonlyMap<string, Computer>,
): Computer[] {
  return computers.map((one) => changed.get(one.agent) ?? one)
}

/** Puts new states of computers where the overview names them; its sums are asked for anew. */
export function replaceListed(overview: Overview, changed: ReadonlyMap<string, Computer>): Overview {
  const { watch, behind } = overview
  return {
    ...overview,
    watch: {
      ...watch,
      // Whoever has another state now stands elsewhere: the next answer says where.
      listed: watch.listed.map((one) => {
        const now = changed.get(one.agent)
        return now?.watch.state === one.watch.state ? { ...one, level: now.level, watch: now.watch } : one
      }),
    },
    behind: {
      ...behind,
      listed: behind.listed.map((one) => {
        const now = changed.get(one.agent)
        if (now === undefined) return one
        return {
          ...one,
          policyVersion: now.policyVersion,
          appliedPolicyVersion: now.appliedPolicyVersion,
        }
      }),
    },
  }
}

/** Puts computers into what is chosen from, a newly enrolled one at its end; the same where nothing is new. */
export function replaceNames(
  names: ComputerNames['computers'],
  changed: ReadonlyMap<string, Computer>,
): ComputerNames['computers'] {
  const known = new Map(names.map((one) => [one.agent, one]))
  const isNews = ({ agent, number, level, department }: Computer): boolean => {
    const old = known.get(agent)
    return old?.number !== number || old.level !== level || old.department !== department
  }
  const news = [...changed.values()].filter(isNews)
  if (news.length === 0) return names
  for (const { agent, number, level, department } of news)
    known.set(agent, { agent, number, level, department })
  return [...known.values()]
}

// The overview holds only the newest: what is older than all of them was counted when it was fetched.
function isKnown(newest: readonly ViolationItem[], item: ViolationItem): boolean {
  if (newest.some((one) => one.id === item.id)) return true
  const oldest = newest.at(-1)
  return oldest !== undefined && newest.length >= newestFetched && item.id < oldest.id
}

function insertNewestFirst(items: readonly ViolationItem[], item: ViolationItem): ViolationItem[] {
  const at = items.findIndex((one) => one.id < item.id)
  return at === -1 ? [...items, item] : [...items.slice(0, at), item, ...items.slice(at)]
}

function replaceById(items: readonly ViolationItem[], item: ViolationItem): ViolationItem[] {
  return items.map((one) => (one.id === item.id ? item : one))
}

function countOne(counts: Counts, severity: ViolationItem['severity']): Counts {
  const known = counts.some((one) => one.severity === severity)
  if (!known) return [...counts, { severity, count: 1 }]
  return counts.map((one) => (one.severity === severity ? { ...one, count: one.count + 1 } : one))
}

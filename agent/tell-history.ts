/**
 * Tells the traces of earlier connections that the system itself keeps: at enrolment all that there is, after an absence
 * those of its span. Not urgent, and never in the way of what happens now.
 */
import {
  contains,
  type Fact,
  LIMITS,
  type NetworkRules,
  parseAddress,
  parsePrefix,
  type Trace,
} from '@shoukou/protocol'

export interface HistoryParts {
  readonly cause: 'enrolment' | 'absence'
  /** Null: as far back as there is anything. */
  readonly fromWallMs: number | null
  readonly toWallMs: number
  readonly rules: NetworkRules | null
  readonly read: (options: {
    readonly fromWallMs: number | null
    readonly toWallMs: number
    readonly isOwn: (trace: Trace) => boolean
    readonly signal: AbortSignal
  }) => Promise<{ readonly traces: readonly Trace[]; readonly unread: readonly string[] }>
  readonly tell: (fact: Fact) => unknown
  readonly signal: AbortSignal
}

/** Away for longer than this, it is looked at what happened meanwhile, ms. */
export const ABSENCE_MS = 60_000
/** A clock that was a little off must not cut the span short, ms. */
const marginMs = 60_000
const tracesMax = 20_000

/** Reads and tells, in as many records as it takes; says at least that it was looked. */
export async function tellHistory(parts: HistoryParts): Promise<void> {
  const { cause, toWallMs, rules, read, tell, signal } = parts
  const fromWallMs = parts.fromWallMs === null ? null : Math.max(0, parts.fromWallMs - marginMs)
  const found = await read({ fromWallMs, toWallMs, isOwn: (trace) => isOwn(trace, rules), signal })
  if (signal.aborted) return
  const traces = found.traces.slice(0, tracesMax)
  const max = LIMITS.tracesPerFactMax
  const unread = found.unread.slice(0, 32).map((each) => each.slice(0, 300))
  for (let at = 0; at === 0 || at < traces.length; at += max) {
    tell({
      kind: 'network.traces',
      ...{ cause, fromWallMs, toWallMs },
      traces: traces.slice(at, at + max),
      continues: at + max < traces.length,
      unread: at === 0 ? unread : [],
    })
  }
}

/** A trace of a peer inside the unit's own networks is what everyday work leaves. */
function isOwn({ peer }: Trace, rules: NetworkRules | null): boolean {
  const address = peer === null ? null : parseAddress(peer)
  if (address === null || rules === null) return false
  return rules.prefixes.some((text) => {
    const prefix = parsePrefix(text)
    return prefix !== null && contains(prefix, address)
  })
}

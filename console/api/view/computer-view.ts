/** Stored computers as the pages see them. Pure. */
import type { PolicySettings } from '@shoukou/protocol'
import { watchState } from '../../rules/watch-state.ts'
import type { ComputerRow, GapRow, ViolationCounts } from '../../store/ports.ts'
import type { Computer } from '../contract.ts'

export interface AroundComputer {
  /** Of the newest policy; null where it is not known. */
  readonly settings: PolicySettings | null
  readonly gaps: readonly GapRow[]
  /** Empty for a reader who may not see violations. */
  readonly violations: readonly ViolationCounts[]
}

/** Returns a computer with the state of its watching and its violations by severity. */
export function computerView(row: ComputerRow, { settings, gaps, violations }: AroundComputer): Computer {
  const watch = watchState(row, settings, gaps)
  return {
    agent: row.agent,
    number: row.number,
    hostname: row.hostname,
    status: row.status,
    level: row.level,
    networkMode: row.networkMode,
    policyVersion: row.policyVersion,
    appliedPolicyVersion: row.appliedPolicyVersion,
    agentVersion: row.agentVersion,
    enrolledAt: row.enrolledAt,
    lastSeenAt: row.lastSeenAt,
    storedSeq: row.position?.seq ?? null,
    storedHead: row.position?.head ?? null,
    clockSkewMs: row.clockSkewMs,
    coverage: [...row.coverage],
    coverageAt: row.coverageAt,
    watch: { state: watch.state, reasons: [...watch.reasons] },
    violations: violations.map(({ severity, count }) => ({ severity, count })),
  }
}

/** Stored computers as the pages see them. Pure. */
import type { PolicySettings } from '@shoukou/protocol'
import { watchState } from '../../rules/watch-state.ts'
import type {
  ComputerRow,
  GapRow,
  NetworkStandingRow,
  ProtectionStandingRow,
  ViolationCounts,
} from '../../store/ports.ts'
import type { Computer } from '../contract.ts'
import { isolationView, standingView } from './network-view.ts'

export interface AroundComputer {
  /** Of the newest policy; null where it is not known. */
  readonly settings: PolicySettings | null
  readonly gaps: readonly GapRow[]
  /** Empty for a reader who may not see violations. */
  readonly violations: readonly ViolationCounts[]
  /** Null where it told nothing of network control, and nothing was ordered. */
  readonly network: NetworkStandingRow | null
  /** Null where there is nothing to say of the agent's own protection. */
  readonly protection?: ProtectionStandingRow | null
}

/** Returns a computer with the state of its watching and its violations by severity. */
export function computerView(
  row: ComputerRow,
  { settings, gaps, violations, network, protection = null }: AroundComputer,
): Computer {
  const standing = network === null ? null : standingView(network)
  const watch = watchState(row, settings, gaps, standing, protection)
  const isolation = network?.isolation ?? null
  return {
    agent: row.agent,
    number: row.number,
    hostname: row.hostname,
    status: row.status,
    level: row.level,
    networkMode: row.networkMode,
    department: row.department,
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
    ...(isolation === null ? {} : { isolation: isolationView(isolation) }),
  }
}

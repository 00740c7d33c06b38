/** What is kept of a computer's network, as the pages see it. Pure. */
import type { ConditionCode, Confidence, Hardware, Net, NetTotals, Trace } from '@shoukou/protocol'
import type { NetworkStanding } from '../../rules/network-standing.ts'
import type { IsolationRow, NetworkFactRow, NetworkStandingRow, StoredCondition } from '../../store/ports.ts'
import type { Isolation, NetworkAnswer } from '../contract-network.ts'

/** Returns isolation as a computer's answer has it. */
export function isolationView({
  state,
  orderedAt,
  orderedBy,
  reason,
  effectAt,
  detail,
}: IsolationRow): Isolation {
  return { state, orderedAt, orderedBy, reason, effectAt, detail }
}

/** Returns what `watchState` takes. */
export function standingView({ control, failedCuts, isolation }: NetworkStandingRow): NetworkStanding {
  return {
    control: control as NetworkStanding['control'],
    failedCuts: failedCuts.map(({ cause, steps }) => ({ cause, steps })),
    isolation: isolation === null ? null : { state: isolation.state, detail: isolation.detail },
  }
}

export function conditionView(row: StoredCondition): NetworkAnswer['conditions'][number] {
  return {
    ...placeOf(row),
    key: row.key,
    condition: row.condition as ConditionCode,
    interfaceName: row.interfaceName,
    text: row.text,
    confidence: row.confidence as Confidence,
    outcome: row.outcome,
  }
}

export function hardwareView(row: NetworkFactRow, hardware: Hardware): NetworkAnswer['hardware'][number] {
  return { ...placeOf(row), hardware }
}

export function totalsView(row: NetworkFactRow, totals: NetTotals): NetworkAnswer['totals'][number] {
  return { ...placeOf(row), net: row.slot as Net, totals }
}

export function traceView(row: NetworkFactRow, trace: Trace): NetworkAnswer['traces'][number] {
  return { ...placeOf(row), trace }
}

export function placeOf({
  epoch,
  seq,
  wallMs,
  receivedAt,
}: Pick<NetworkFactRow, 'epoch' | 'seq' | 'wallMs' | 'receivedAt'>): {
  epoch: string
  seq: number
  wallMs: number
  receivedAt: number
} {
  return { epoch, seq, wallMs, receivedAt }
}

/** Reads what is known of one computer's network: from the rows in reach, and the few records that they name. */
import { parseRecord, type Record, ShoukouError } from '@shoukou/protocol'
import type { NetworkFactRow, Store } from '../store/ports.ts'
import type { NetworkAnswer } from './contract-network.ts'
import { API_LIMITS } from './limits.ts'
import {
  conditionView,
  hardwareView,
  isolationView,
  placeOf,
  totalsView,
  traceView,
} from './view/network-view.ts'

type NetworkReads = Pick<Store, 'openConditions' | 'networkFacts' | 'isolation' | 'record'>

export async function readNetwork(store: NetworkReads, agent: string): Promise<NetworkAnswer> {
  const [conditions, facts, isolation] = await Promise.all([
    store.openConditions(agent),
    store.networkFacts(agent, ['picture', 'totals', 'hardware', 'traces']),
    store.isolation(agent),
  ])
  const [picture, traces] = await Promise.all([
    readPicture(store, agent, facts),
    readTraces(store, agent, facts),
  ])
  return {
    picture,
    conditions: conditions.map(conditionView),
    hardware: facts.flatMap((row) =>
      row.fact.kind === 'hardware' ? [hardwareView(row, row.fact.hardware)] : [],
    ),
    totals: facts.flatMap((row) => (row.fact.kind === 'totals' ? [totalsView(row, row.fact.totals)] : [])),
    traces,
    isolation: isolation === null ? null : isolationView(isolation),
  }
}

async function readPicture(
  store: NetworkReads,
  agent: string,
  facts: readonly NetworkFactRow[],
): Promise<NetworkAnswer['picture']> {
  const row = facts.find(({ fact }) => fact.kind === 'picture')
  const record = row === undefined ? null : await recordAt(store, agent, row)
  if (row === undefined || record?.fact.kind !== 'network.picture') return null
  return { ...placeOf(row), picture: record.fact.picture }
}

async function readTraces(
  store: NetworkReads,
  agent: string,
  facts: readonly NetworkFactRow[],
): Promise<NetworkAnswer['traces']> {
  const traces: NetworkAnswer['traces'] = []
  for (const row of facts) {
    if (row.fact.kind !== 'traces') continue
    if (traces.length >= API_LIMITS.networkTracesMax) break
    const record = await recordAt(store, agent, row)
    if (record?.fact.kind === 'network.traces')
      traces.push(...record.fact.traces.map((trace) => traceView(row, trace)))
  }
  return traces.slice(0, API_LIMITS.networkTracesMax)
}

/** Null where the stored bytes are no record any more: that they were altered is what the proof of a record says. */
async function recordAt(
  store: NetworkReads,
  agent: string,
  { epoch, seq }: NetworkFactRow,
): Promise<Record | null> {
  const stored = await store.record(agent, epoch, seq)
  if (stored === null) return null
  try {
    return parseRecord(stored.raw)
  } catch (error) {
    if (error instanceof ShoukouError) return null
    throw error
  }
}

/** The network of computers, and isolation: read by everyone; orders are written here, all else within an ingest. On SQLite. */
import type { Kysely } from 'kysely'
import { ordered } from '../isolation-state.ts'
import type {
  IsolationEvent,
  IsolationRow,
  NetworkFact,
  NetworkFactRow,
  NetworkStandingRow,
  NetworkStore,
  NewIsolationOrder,
  StoredCondition,
} from '../network-ports.ts'
import { conditionRow, effectEvent, isolationRow, networkFactRow, orderEvent } from '../network-rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { isolationIn } from './network-writer.ts'

export function networkIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): NetworkStore {
  const isolations = isolationIn(connection)
  const addOrder = connection.prepare(
    'insert into isolation_orders (order_id, agent, act, reason, account, at) values (?, ?, ?, ?, ?, ?)',
  )
  return {
    async openConditions(agent: string): Promise<readonly StoredCondition[]> {
      const rows = await query
        .selectFrom('network_conditions')
        .selectAll()
        .where('agent', '=', agent)
        .orderBy('received_at')
        .orderBy('seq')
        .execute()
      return rows.map(conditionRow)
    },
    async networkFacts(
      agent: string,
      kinds: readonly NetworkFact['kind'][],
    ): Promise<readonly NetworkFactRow[]> {
      const rows = await query
        .selectFrom('network_facts')
        .selectAll()
        .where('agent', '=', agent)
        .where('kind', 'in', [...kinds])
        .orderBy('received_at', 'desc')
        .orderBy('seq', 'desc')
        .execute()
      return rows.map(networkFactRow)
    },
    async networkStanding(agent: string): Promise<NetworkStandingRow> {
      const facts = await standingFacts(query, agent)
      return standingOf(agent, facts, isolations.read(agent))
    },
    async networkStandings(): Promise<readonly NetworkStandingRow[]> {
      const [facts, rows] = await Promise.all([
        standingFacts(query, null),
        query.selectFrom('isolations').selectAll().execute(),
      ])
      const isolation = new Map(rows.map((row) => [row.agent, isolationRow(row)]))
      const byAgent = Map.groupBy(facts, (one) => one.agent)
      const agents = new Set([...byAgent.keys(), ...isolation.keys()])
      return [...agents].map((agent) =>
        standingOf(agent, byAgent.get(agent) ?? [], isolation.get(agent) ?? null),
      )
    },
    async isolation(agent: string): Promise<IsolationRow | null> {
      return isolations.read(agent)
    },
    async orderIsolation(order: NewIsolationOrder): Promise<IsolationRow | null> {
      return ingest.transaction(() => {
        const row = ordered(isolations.read(order.agent), order)
        if (row === null) return null
        addOrder.run(order.orderId, order.agent, order.act, order.reason, order.account, order.at)
        isolations.write(row)
        return row
      })
    },
    async noteIsolationSent(agent: string, orderId: string): Promise<IsolationRow | null> {
      return ingest.transaction(() => {
        const row = isolations.read(agent)
        if (row === null || row.orderId !== orderId || !row.isPending) return null
        const sent = { ...row, sends: row.sends + 1 }
        isolations.write(sent)
        return sent
      })
    },
    async isolationHistory(agent: string, limit: number): Promise<readonly IsolationEvent[]> {
      const newest = (table: 'isolation_orders' | 'isolation_effects') =>
        query.selectFrom(table).where('agent', '=', agent).orderBy('id', 'desc').limit(limit)
      const [orders, effects] = await Promise.all([
        newest('isolation_orders').selectAll('isolation_orders').execute(),
        newest('isolation_effects').selectAll('isolation_effects').execute(),
      ])
      return [
        ...(orders as Parameters<typeof orderEvent>[0][]).map(orderEvent),
        ...(effects as Parameters<typeof effectEvent>[0][]).map(effectEvent),
      ]
        .toSorted((a, b) => b.at - a.at)
        .slice(0, limit)
    },
  }
}

interface StandingFact {
  readonly agent: string
  readonly fact: NetworkFact
}

async function standingFacts(query: Kysely<Tables>, agent: string | null): Promise<StandingFact[]> {
  let selected = query
    .selectFrom('network_facts')
    .select(['agent', 'value'])
    .where('kind', 'in', ['control', 'failed-cut'])
  if (agent !== null) selected = selected.where('agent', '=', agent)
  const rows = await selected.orderBy('received_at').execute()
  return rows.map((row) => ({ agent: row.agent, fact: JSON.parse(row.value) as NetworkFact }))
}

function standingOf(
  agent: string,
  facts: readonly StandingFact[],
  isolation: IsolationRow | null,
): NetworkStandingRow {
  return {
    agent,
    control: facts.flatMap(({ fact }) => (fact.kind === 'control' ? [fact] : [])).at(-1) ?? null,
    failedCuts: facts.flatMap(({ fact }) => (fact.kind === 'failed-cut' ? [fact] : [])),
    isolation,
  }
}

/** Agents' protection: how far seals were checked, who does not answer, spans that are not proved. On SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { SealState } from '@shoukou/protocol'
import type {
  ProtectionChanges,
  ProtectionStandingRow,
  SealRow,
  SealStore,
  SealUpdate,
  SpanCause,
  SpanRow,
  ToldStopRow,
} from '../seals-ports.ts'
import type { SealTables } from '../seals-schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

/** Writes what a batch says of the agent itself, within its transaction. */
export type WriteProtection = (agent: string, changes: ProtectionChanges, receivedAt: number) => void

export function protectionWriter(connection: DatabaseSync): WriteProtection {
  const update = connection.prepare(
    'update seal_states set state = ?, wrapped = ?, held_at = ?, unsealed_since = ? where agent = ?',
  )
  const addSpan = connection.prepare(
    'insert into unproven_spans (agent, cause, from_ms, to_ms, detail, epoch, seq, received_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const putStop = connection.prepare(
    'insert or replace into told_stops (agent, epoch, boot_id, boot_ms, wall_ms, reason, policy_version, received_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const endStop = connection.prepare('delete from told_stops where agent = ?')
  return (agent, { seal, spans, stop }, receivedAt) => {
    if (stop === null) endStop.run(agent)
    else if (stop !== undefined) {
      const { epoch, bootId, bootMs, wallMs, reason, policyVersion } = stop
      putStop.run(agent, epoch, bootId, bootMs, wallMs, reason, policyVersion, receivedAt)
    }
    if (seal !== null) {
      const { state, wrapped, heldAt, unsealedSince } = seal
      update.run(JSON.stringify(state), wrapped, heldAt, unsealedSince, agent)
    }
    for (const { cause, fromMs, toMs, detail, epoch, seq } of spans)
      addSpan.run(agent, cause, fromMs, toMs, detail, epoch, seq, receivedAt)
  }
}

export function sealsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): SealStore {
  const statements = {
    issued: connection.prepare('update seal_states set issued = max(issued, ?) where agent = ?'),
    begin: connection.prepare(
      'insert into seal_states (agent, issued, state, wrapped, held_at, unsealed_since) values (?, ?, ?, ?, ?, ?)',
    ),
    unanswered: connection.prepare(
      'insert into unanswered (agent, since) values (?, ?) on conflict (agent) do nothing',
    ),
    answered: connection.prepare('delete from unanswered where agent = ?'),
    allAnswered: connection.prepare('delete from unanswered'),
  }
  async function standings(agent: string | null): Promise<ProtectionStandingRow[]> {
    let seals = query.selectFrom('seal_states').select(['agent', 'state', 'unsealed_since'])
    let silent = query.selectFrom('unanswered').selectAll()
    if (agent !== null) {
      seals = seals.where('agent', '=', agent)
      silent = silent.where('agent', '=', agent)
    }
    const [states, waiting] = await Promise.all([seals.execute(), silent.execute()])
    const sealsOf = new Map(states.map((row) => [row.agent, row]))
    const sinceOf = new Map(waiting.map((row) => [row.agent, row.since]))
    return [...new Set([...sealsOf.keys(), ...sinceOf.keys()])].map((each) => {
      const row = sealsOf.get(each)
      return {
        agent: each,
        unansweredSince: sinceOf.get(each) ?? null,
        unsealedSince: row?.unsealed_since ?? null,
        areSealsBroken: row !== undefined && (JSON.parse(row.state) as SealState).isBroken,
      }
    })
  }
  return {
    async sealRow(agent: string): Promise<SealRow | null> {
      const row = await query
        .selectFrom('seal_states')
        .selectAll()
        .where('agent', '=', agent)
        .executeTakeFirst()
      if (row === undefined) return null
      return {
        agent,
        issued: row.issued,
        state: JSON.parse(row.state) as SealState,
        wrapped: row.wrapped,
        heldAt: row.held_at,
        unsealedSince: row.unsealed_since,
      }
    },
    async issueSeals(agent: string, generation: number, first: SealUpdate): Promise<void> {
      ingest.transaction(() => {
        if (Number(statements.issued.run(generation, agent).changes) > 0) return
        const { state, wrapped, heldAt, unsealedSince } = first
        statements.begin.run(agent, generation, JSON.stringify(state), wrapped, heldAt, unsealedSince)
      })
    },
    async setUnanswered(agent: string, since: number | null): Promise<boolean> {
      const done = since === null ? statements.answered.run(agent) : statements.unanswered.run(agent, since)
      return Number(done.changes) > 0
    },
    async forgetUnanswered(): Promise<void> {
      statements.allAnswered.run()
    },
    async protectionStanding(agent: string): Promise<ProtectionStandingRow> {
      const [row] = await standings(agent)
      return row ?? { agent, unansweredSince: null, unsealedSince: null, areSealsBroken: false }
    },
    protectionStandings: () => standings(null),
    async toldStop(agent: string): Promise<ToldStopRow | null> {
      const row = await query
        .selectFrom('told_stops')
        .selectAll()
        .where('agent', '=', agent)
        .executeTakeFirst()
      return row === undefined ? null : stopRow(row)
    },
    async stopsAlone(): Promise<readonly ToldStopRow[]> {
      const rows = await query
        .selectFrom('told_stops')
        .selectAll()
        .where('reason', '=', 'stopped-alone')
        .execute()
      return rows.map(stopRow)
    },
    async unprovenSpans(agent: string, limit: number): Promise<readonly SpanRow[]> {
      const rows = await query
        .selectFrom('unproven_spans')
        .selectAll()
        .where('agent', '=', agent)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        agent,
        cause: row.cause as SpanCause,
        fromMs: row.from_ms,
        toMs: row.to_ms,
        detail: row.detail,
        epoch: row.epoch,
        seq: row.seq,
        receivedAt: row.received_at,
      }))
    },
  }
}

function stopRow(row: SealTables['told_stops']): ToldStopRow {
  return {
    agent: row.agent,
    epoch: row.epoch,
    bootId: row.boot_id,
    bootMs: row.boot_ms,
    wallMs: row.wall_ms,
    reason: row.reason as ToldStopRow['reason'],
    policyVersion: row.policy_version,
    receivedAt: row.received_at,
  }
}

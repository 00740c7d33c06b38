/**
 * Writes what a batch says of the network, within the transaction that stores its records: neither is there without the
 * other.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Selectable } from 'kysely'
import { afterEffect } from '../isolation-state.ts'
import type {
  ConditionRow,
  IsolationEffect,
  IsolationRow,
  NetworkChanges,
  NewNetworkFact,
} from '../network-ports.ts'
import { isolationRow } from '../network-rows.ts'
import type { Tables } from '../schema.ts'

/** Records with traces that are kept in reach of a computer; older ones stay in its journal. */
const tracesKept = 64

export type WriteNetwork = (agent: string, changes: NetworkChanges, receivedAt: number) => void

export function networkWriter(connection: DatabaseSync): WriteNetwork {
  const statements = prepareStatements(connection)
  const isolation = isolationIn(connection)
  const putCondition = (agent: string, one: ConditionRow, receivedAt: number): void => {
    statements.putCondition.run(
      agent,
      one.key,
      one.condition,
      one.type,
      one.subject,
      one.bootId,
      one.epoch,
      one.seq,
      one.wallMs,
      receivedAt,
      jsonOf(one.interfaceName),
      jsonOf(one.text),
      one.confidence,
      one.outcome,
    )
  }
  const putFact = (
    agent: string,
    { slot, fact, epoch, seq, wallMs }: NewNetworkFact,
    receivedAt: number,
  ): void => {
    const { kind } = fact
    statements.putFact.run(agent, kind, slot, epoch, seq, wallMs, receivedAt, JSON.stringify(fact))
    if (kind === 'traces') statements.keepTraces.run(agent, agent, tracesKept)
  }
  const addEffect = (agent: string, effect: IsolationEffect, receivedAt: number): void => {
    const before = isolation.read(agent)
    const after = afterEffect(before, { ...effect, agent, receivedAt })
    const isNews = after !== before
    if (isNews && after !== null) isolation.write(after)
    // Each look at the kernel that found what was known is in its record; nothing happened.
    if (!isNews && (effect.said === 'stands' || effect.said === 'lost')) return
    statements.addEffect.run(
      agent,
      effect.order,
      effect.said,
      effect.failed,
      effect.cause,
      effect.epoch,
      effect.seq,
      effect.wallMs,
      receivedAt,
    )
  }
  return (agent, { conditions, facts, isolation: effects }, receivedAt) => {
    for (const key of conditions.ended) statements.endCondition.run(agent, key)
    for (const one of conditions.put) putCondition(agent, one, receivedAt)
    for (const { kind, slot } of facts.removed) {
      if (slot === null) statements.removeFacts.run(agent, kind)
      else if (kind === 'failed-cut' && slot.endsWith('|'))
        statements.removeBeginning.run(agent, kind, slot.length, slot)
      else statements.removeFact.run(agent, kind, slot)
    }
    for (const one of facts.put) putFact(agent, one, receivedAt)
    for (const effect of effects) addEffect(agent, effect, receivedAt)
  }
}

export interface Isolations {
  read(agent: string): IsolationRow | null
  write(row: IsolationRow): void
}

export function isolationIn(connection: DatabaseSync): Isolations {
  const read = connection.prepare('select * from isolations where agent = ?')
  const write = connection.prepare(
    'insert into isolations (agent, order_id, act, state, reason, ordered_by, ordered_at, effect_at, detail, is_pending, sends) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (agent) do update set order_id = excluded.order_id, act = excluded.act, state = excluded.state, reason = excluded.reason, ordered_by = excluded.ordered_by, ordered_at = excluded.ordered_at, effect_at = excluded.effect_at, detail = excluded.detail, is_pending = excluded.is_pending, sends = excluded.sends',
  )
  return {
    read: (agent) => {
      const row = read.get(agent) as unknown as Selectable<Tables['isolations']> | undefined
      return row === undefined ? null : isolationRow(row)
    },
    write: (row) =>
      void write.run(
        row.agent,
        row.orderId,
        row.act,
        row.state,
        row.reason,
        row.orderedBy,
        row.orderedAt,
        row.effectAt,
        row.detail,
        row.isPending ? 1 : 0,
        row.sends,
      ),
  }
}

function prepareStatements(connection: DatabaseSync) {
  const prepare = (text: string) => connection.prepare(text)
  return {
    putCondition: prepare(
      'insert into network_conditions (agent, key, condition, type, subject, boot_id, epoch, seq, wall_ms, received_at, interface_name, text, confidence, outcome) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (agent, key) do update set condition = excluded.condition, type = excluded.type, subject = excluded.subject, boot_id = excluded.boot_id, received_at = case when epoch = excluded.epoch and seq = excluded.seq then received_at else excluded.received_at end, epoch = excluded.epoch, seq = excluded.seq, wall_ms = excluded.wall_ms, interface_name = excluded.interface_name, text = excluded.text, confidence = excluded.confidence, outcome = excluded.outcome',
    ),
    endCondition: prepare('delete from network_conditions where agent = ? and key = ?'),
    putFact: prepare(
      'insert into network_facts (agent, kind, slot, epoch, seq, wall_ms, received_at, value) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (agent, kind, slot) do update set epoch = excluded.epoch, seq = excluded.seq, wall_ms = excluded.wall_ms, received_at = excluded.received_at, value = excluded.value',
    ),
    removeFact: prepare('delete from network_facts where agent = ? and kind = ? and slot = ?'),
    removeBeginning: prepare(
      'delete from network_facts where agent = ? and kind = ? and substr(slot, 1, ?) = ?',
    ),
    removeFacts: prepare('delete from network_facts where agent = ? and kind = ?'),
    keepTraces: prepare(
      "delete from network_facts where agent = ? and kind = 'traces' and slot not in (select slot from network_facts where agent = ? and kind = 'traces' order by received_at desc, seq desc limit ?)",
    ),
    addEffect: prepare(
      'insert into isolation_effects (agent, order_id, said, failed, cause, epoch, seq, wall_ms, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  }
}

function jsonOf(value: unknown): SQLInputValue {
  return value === null ? null : JSON.stringify(value)
}

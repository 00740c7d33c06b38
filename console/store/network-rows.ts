/** Turns rows of the network's tables into what the store's interface promises. */
import type { ViolationId } from '@shoukou/protocol'
import type { Selectable } from 'kysely'
import type {
  IsolationEffect,
  IsolationEvent,
  IsolationRow,
  NetworkFact,
  NetworkFactRow,
  StoredCondition,
} from './network-ports.ts'
import type { Tables } from './schema.ts'

export function conditionRow(row: Selectable<Tables['network_conditions']>): StoredCondition {
  return {
    key: row.key,
    condition: row.condition,
    type: row.type as ViolationId | null,
    subject: row.subject,
    bootId: row.boot_id,
    epoch: row.epoch,
    seq: Number(row.seq),
    wallMs: Number(row.wall_ms),
    receivedAt: Number(row.received_at),
    interfaceName: jsonOrNull(row.interface_name),
    text: jsonOrNull(row.text),
    confidence: row.confidence,
    outcome: row.outcome,
  }
}

export function networkFactRow(row: Selectable<Tables['network_facts']>): NetworkFactRow {
  return {
    slot: row.slot,
    epoch: row.epoch,
    seq: Number(row.seq),
    wallMs: Number(row.wall_ms),
    receivedAt: Number(row.received_at),
    fact: JSON.parse(row.value) as NetworkFact,
  }
}

export function isolationRow(row: Selectable<Tables['isolations']>): IsolationRow {
  return {
    agent: row.agent,
    orderId: row.order_id,
    act: row.act as IsolationRow['act'],
    state: row.state as IsolationRow['state'],
    reason: row.reason,
    orderedBy: row.ordered_by,
    orderedAt: Number(row.ordered_at),
    effectAt: numberOrNull(row.effect_at),
    detail: row.detail,
    isPending: Number(row.is_pending) !== 0,
    sends: Number(row.sends),
  }
}

export function orderEvent(row: Selectable<Tables['isolation_orders']>): IsolationEvent {
  const { order_id: orderId, agent, reason, account } = row
  return {
    kind: 'order',
    orderId,
    agent,
    act: row.act as IsolationRow['act'],
    reason,
    account,
    at: Number(row.at),
  }
}

export function effectEvent(row: Selectable<Tables['isolation_effects']>): IsolationEvent {
  return {
    kind: 'effect',
    agent: row.agent,
    order: row.order_id,
    said: row.said as IsolationEffect['said'],
    failed: row.failed,
    cause: row.cause,
    epoch: row.epoch,
    seq: Number(row.seq),
    wallMs: Number(row.wall_ms),
    at: Number(row.at),
  }
}

function jsonOrNull<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

function numberOrNull(value: number | string | null): number | null {
  return value === null ? null : Number(value)
}

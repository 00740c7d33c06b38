/**
 * How isolation of one computer stands after what its administrator ordered and what it says itself. Pure; the history of
 * both is kept beside it and never changed.
 */
import type { IsolationEffect, IsolationRow, NewIsolationOrder } from './network-ports.ts'

/** Returns the row after an order; null where nothing has to be done for it. */
export function ordered(row: IsolationRow | null, order: NewIsolationOrder): IsolationRow | null {
  const { orderId, agent, act, reason, account, at } = order
  if (act === 'isolate' ? isIsolated(row) : isReleased(row)) return null
  return {
    agent,
    orderId,
    act,
    state: act === 'isolate' ? 'ordered' : 'release-ordered',
    reason,
    orderedBy: account,
    orderedAt: at,
    effectAt: null,
    detail: null,
    isPending: true,
    sends: 0,
  }
}

/** What it does by itself ends by itself: an order of the console's is another thing. */
function isIsolated(row: IsolationRow | null): boolean {
  return row !== null && row.orderedBy !== '' && (row.state === 'ordered' || row.state === 'in-force')
}

/** What a computer isolates itself for must end first: no order could release it. */
function isReleased(row: IsolationRow | null): boolean {
  return row === null || row.orderedBy === '' || row.state === 'release-ordered' || row.state === 'released'
}

/** Returns the row after the computer said something; null where there is none and nothing makes one. */
export function afterEffect(
  row: IsolationRow | null,
  effect: IsolationEffect & { readonly agent: string; readonly receivedAt: number },
): IsolationRow | null {
  const { order, said, failed } = effect
  if (said === 'stands' || said === 'lost') return row === null ? null : afterLook(row, effect)
  if (order === null) return byItself(row, effect)
  // What is said of an order that another has replaced is history.
  if (row === null || row.orderId !== orderOf(order)) return row
  const heard = { ...row, effectAt: effect.receivedAt }
  switch (said) {
    case 'isolated':
      return { ...heard, state: failed === null ? 'in-force' : 'partly', detail: failed }
    case 'released':
      return { ...heard, state: failed === null ? 'released' : 'partly', detail: failed }
    case 'done':
      return { ...afterDone(heard, failed), isPending: false }
    // Only ever told without an order.
    case 'restored':
      return row
  }
}

/** Each sending is a command of its own: an agent carries one id out once, ever, also where it died over it. */
export function commandId({ orderId, sends }: Pick<IsolationRow, 'orderId' | 'sends'>): string {
  return sends === 0 ? orderId : `${orderId}.${sends}`
}

function orderOf(command: string): string {
  return command.split('.', 1)[0] ?? command
}

/** What was done has been told before it; where nothing was, the outcome is all that there is. */
function afterDone(row: IsolationRow, failed: string | null): IsolationRow {
  const isUntold = row.state === 'ordered' || row.state === 'release-ordered'
  if (failed !== null) {
    if (isUntold) return { ...row, state: 'refused', detail: failed }
    return row.state === 'partly' ? row : { ...row, state: 'partly', detail: failed }
  }
  if (!isUntold) return row
  return { ...row, state: row.act === 'isolate' ? 'in-force' : 'released' }
}

/** It isolates itself where nothing less would cut a connection off, for as long as that is so. */
function byItself(
  row: IsolationRow | null,
  effect: IsolationEffect & { readonly agent: string; readonly receivedAt: number },
): IsolationRow | null {
  const { agent, said, failed, cause, epoch, seq, wallMs, receivedAt } = effect
  if (said === 'restored') {
    const isOwn = row !== null && (row.orderedBy === '' || (row.act === 'release' && row.state === 'partly'))
    return isOwn ? { ...row, state: 'released', detail: null, effectAt: receivedAt } : row
  }
  // An order stands beside it: what becomes of that is told with its own number.
  if (said !== 'isolated' || (row !== null && row.orderedBy !== '' && row.state !== 'released')) return row
  return {
    agent,
    orderId: `${epoch}/${seq}`.slice(-64),
    act: 'isolate',
    reason: cause,
    orderedBy: '',
    orderedAt: wallMs,
    isPending: false,
    sends: 0,
    state: failed === null ? 'in-force' : 'partly',
    detail: failed,
    effectAt: receivedAt,
  }
}

/** The kernel was looked at: whether what was in force still is. */
function afterLook(
  row: IsolationRow,
  { said, failed, receivedAt }: IsolationEffect & { readonly receivedAt: number },
): IsolationRow {
  if (row.act !== 'isolate') return row
  if (said === 'stands' && row.state === 'partly')
    return { ...row, state: 'in-force', detail: null, effectAt: receivedAt }
  if (said === 'lost' && row.state === 'in-force')
    return { ...row, state: 'partly', detail: failed, effectAt: receivedAt, isPending: row.orderedBy !== '' }
  return row
}

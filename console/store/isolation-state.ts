/**
 * How isolation of one computer stands after what its administrator ordered and what it says itself. Pure; the history of
 * both is kept beside it and never changed.
 */
import type { IsolationEffect, IsolationRow, NewIsolationOrder } from './network-ports.ts'

/** Returns the row after an order; null where nothing has to be done for it. */
export function ordered(row: IsolationRow | null, order: NewIsolationOrder): IsolationRow | null {
  const { orderId, agent, act, reason, account, at } = order
  const isThere =
    act === 'isolate'
      ? row?.state === 'ordered' || row?.state === 'in-force'
      : row === null || row.state === 'release-ordered' || row.state === 'released'
  if (isThere) return null
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
  if (row.state !== 'ordered' && row.state !== 'release-ordered') return row
  if (failed !== null) return { ...row, state: 'refused', detail: failed }
  return { ...row, state: row.act === 'isolate' ? 'in-force' : 'released' }
}

/** It isolates itself where nothing less would cut a connection off, and may be released at its own console. */
function byItself(
  row: IsolationRow | null,
  effect: IsolationEffect & { readonly agent: string; readonly receivedAt: number },
): IsolationRow | null {
  const { agent, said, failed, cause, epoch, seq, wallMs, receivedAt } = effect
  if (said === 'isolated') {
    const stands = {
      state: failed === null ? 'in-force' : 'partly',
      detail: failed,
      effectAt: receivedAt,
    } as const
    if (row?.act === 'isolate') return { ...row, ...stands }
    if (row?.state === 'release-ordered') return row
    return {
      agent,
      orderId: `${epoch}/${seq}`.slice(-64),
      act: 'isolate',
      reason: cause,
      orderedBy: '',
      orderedAt: wallMs,
      isPending: false,
      sends: 0,
      ...stands,
    }
  }
  if (said !== 'released' || row === null || row.act === 'release') return row
  if (row.orderedBy === '') return { ...row, state: 'released', detail: null, effectAt: receivedAt }
  // Ordered here and lifted there: the order stands, and is sent again.
  return { ...row, state: 'partly', detail: releasedThere, effectAt: receivedAt, isPending: true }
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

const releasedThere = 'released at the computer'

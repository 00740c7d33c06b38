/** How a form is refused: every field that may not be, in one answer. */
import { ShoukouError } from '@shoukou/protocol'
import type { Fault } from '../../ledger/check-entry.ts'

/** @throws ShoukouError `entry-refused` with all faults, where there is one. */
export function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return
  const words = faults.map(({ field, code }) => `${field} (${code})`).join(', ')
  throw new ShoukouError('entry-refused', `Correct these fields: ${words}.`, {
    context: { faults: JSON.stringify(faults.map(({ field, code }) => ({ field, code }))) },
  })
}

/** Returns why an act is done, as it is kept. @throws ShoukouError `invalid-request` where it says nothing. */
export function reasonOf(text: string): string {
  const reason = text.trim()
  if (reason !== '') return reason
  throw new ShoukouError('invalid-request', 'Say why: the reason is part of the history.')
}

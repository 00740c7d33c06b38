/** Whether control of media or of the network stands on a computer, as far as anybody knows now. Pure. */
import type { FactNamed } from '@shoukou/protocol/events/facts.ts'
import type { Computer, RecordItem } from '../../api/contract.ts'
import { readRecord } from '../evidence/read-record.ts'

type Said = FactNamed<'control.state'>

/**
 * `in-force` alone is a proof, and only while the computer is heard. `observing`: control is not wanted by policy.
 * `unknown`: nothing was told, or what was told is from before the connection was lost.
 */
export type ControlState = Said['state'] | 'observing' | 'unknown'

export interface ControlSaid {
  readonly at: number
  readonly fact: Said
}

export type ControlGroup = 'media' | 'network'

/** Returns the newest word on one kind of control; null where there is none. Records come newest first. */
export function newestControl(records: readonly RecordItem[], group: ControlGroup): ControlSaid | null {
  for (const record of records) {
    const fact = readRecord(record.raw)?.fact
    if (fact?.kind === 'control.state' && fact.group === group) return { at: record.wallMs, fact }
  }
  return null
}

/** Returns what to show. `mode` null: the policy is not known here. */
export function controlShown(
  said: ControlSaid | null,
  status: Computer['status'],
  mode: 'observe' | 'alarm' | 'enforce' | null,
): ControlState {
  const isQuiet = said === null || said.fact.state === 'released' || said.fact.state === 'not-in-force'
  if (mode === 'observe' && isQuiet) return said?.fact.state === 'released' ? 'released' : 'observing'
  if (said === null || status !== 'online') return 'unknown'
  return said.fact.state
}

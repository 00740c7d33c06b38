/** Whether the page rings, as a state machine: pure. `alarm.tsx` makes the sound. */
import type { ViolationItem } from '../../api/contract.ts'
import type { Severity } from '../violations/filter-address.ts'
import { severities } from '../violations/filter-address.ts'
import type { AlarmChoice } from './alarm-choice.ts'

/** Critical ones that ring until they are heard; more than these ring as these do. */
export const ringingMax = 50

export interface AlarmState {
  readonly ringing: readonly ViolationItem[]
}

export type AlarmInput =
  | { readonly kind: 'arrived'; readonly items: readonly ViolationItem[]; readonly choice: AlarmChoice }
  | { readonly kind: 'changed'; readonly item: ViolationItem }
  | { readonly kind: 'chosen'; readonly choice: AlarmChoice }
  | { readonly kind: 'heard' }

export interface AlarmStep {
  readonly state: AlarmState
  /** The worst of what came, to be sounded once; null: nothing. */
  readonly sound: Severity | null
}

export const quiet: AlarmState = { ringing: [] }

/** Returns the next state, and what is to be sounded now. What an exception allows, or repeats a known one, is no alarm. */
export function stepAlarm(state: AlarmState, input: AlarmInput): AlarmStep {
  switch (input.kind) {
    case 'arrived': {
      const { choice } = input
      const loud = input.items.filter(
        ({ severity, standing }) =>
          choice.severities.includes(severity) && standing.isLive && standing.repeatOf === null,
      )
      const lasting = choice.repeatsCritical ? loud.filter(({ severity }) => severity === 'critical') : []
      return {
        state: lasting.length === 0 ? state : { ringing: [...state.ringing, ...lasting].slice(-ringingMax) },
        sound: severities.find((severity) => loud.some((one) => one.severity === severity)) ?? null,
      }
    }
    case 'changed': {
      const { item } = input
      const isOver = item.standing.state !== 'detected'
      const ringing = state.ringing.filter(({ id }) => !isOver || id !== item.id)
      return { state: ringing.length === state.ringing.length ? state : { ringing }, sound: null }
    }
    case 'chosen':
      return {
        state: input.choice.repeatsCritical && input.choice.severities.includes('critical') ? state : quiet,
        sound: null,
      }
    case 'heard':
      return { state: quiet, sound: null }
  }
}

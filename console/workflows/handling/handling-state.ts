/**
 * How far a violation is handled: derived from its steps, of which none is ever changed. Pure.
 *
 * Thin on purpose: terms, incidents and corrective work come on top of the same steps.
 */
import type { TwoPersonAct } from '@shoukou/protocol'
import type { HandlingKind } from '../../store/access-ports.ts'
import type { Severity } from '../../store/ports.ts'

export const HANDLING_STATES = ['new', 'acknowledged', 'confirmed', 'false-positive', 'closed'] as const
export type HandlingState = (typeof HANDLING_STATES)[number]

/** Returns the state after a step; a comment changes nothing. */
export function afterStep(state: HandlingState, kind: HandlingKind): HandlingState {
  switch (kind) {
    case 'acknowledge':
      return 'acknowledged'
    case 'confirm':
      return 'confirmed'
    case 'false-positive':
      return 'false-positive'
    case 'close':
      return 'closed'
    case 'comment':
      return state
  }
}

export function handlingState(steps: readonly { readonly kind: HandlingKind }[]): HandlingState {
  return steps.reduce<HandlingState>((state, { kind }) => afterStep(state, kind), 'new')
}

/** What may be done next, by state; the first that is no comment is the one to propose. */
export const NEXT_STEPS: Readonly<Record<HandlingState, readonly HandlingKind[]>> = {
  new: ['acknowledge', 'confirm', 'false-positive', 'comment'],
  acknowledged: ['confirm', 'false-positive', 'comment'],
  confirmed: ['close', 'false-positive', 'comment'],
  'false-positive': ['comment'],
  closed: ['comment'],
}

/** Returns the act that two people must want for a step; null where one person is enough. */
export function actOfStep(kind: HandlingKind, severity: Severity): TwoPersonAct | null {
  if (kind === 'close' && (severity === 'critical' || severity === 'high')) return 'violation-close-serious'
  if (kind === 'false-positive' && severity === 'critical') return 'violation-false-positive'
  return null
}

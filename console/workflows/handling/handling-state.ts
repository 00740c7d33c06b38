/**
 * How far a violation is handled: derived from its steps, of which none is ever changed. Pure: no clock, no store.
 *
 * detected → acknowledged → confirmed or false positive → leak incident → remedied → rectified → closed. Steps may be left
 * out, except that a leak incident is remedied and rectified before it is closed, and that nothing is closed before it is
 * said what came of it for whoever answers for it (the disposition). What is over can be opened again: it then stands where
 * it stood before its end.
 */
import type { TwoPersonAct } from '@shoukou/protocol'
import {
  DISPOSITIONS,
  type Disposition,
  HANDLING_STATES,
  type HandlingKind,
  type HandlingStanding,
  type HandlingState,
  type StepKind,
} from '../../store/handling-ports.ts'
import type { Severity, ViolationRow } from '../../store/ports.ts'

/** A step as far as it says how things stand. */
export interface TakenStep {
  readonly kind: HandlingKind
  readonly detail?: string
}

/** How it stands, and how it stood before its end: what opening it again leads back to. */
export interface Handled extends HandlingStanding {
  readonly before: HandlingState | null
}

export const UNHANDLED: Handled = {
  state: 'detected',
  disposition: null,
  isIncident: false,
  assignee: null,
  before: null,
}

/** Returns how it stands after a step that may follow (`nextSteps`); others are the caller's mistake. */
export function afterStep(handled: Handled, { kind, detail = '' }: TakenStep): Handled {
  switch (kind) {
    case 'acknowledge':
      return { ...handled, state: 'acknowledged' }
    case 'unacknowledge':
      return { ...handled, state: 'detected' }
    case 'confirm':
      return { ...handled, state: 'confirmed' }
    case 'incident':
      return { ...handled, state: 'incident', isIncident: true }
    case 'remedy':
      return { ...handled, state: 'remedied' }
    case 'rectify':
      return { ...handled, state: 'rectified' }
    case 'false-positive':
      return { ...handled, state: 'false-positive', before: handled.state }
    case 'close':
      return {
        ...handled,
        state: 'closed',
        before: handled.state,
        disposition: dispositionOf(detail) ?? handled.disposition,
      }
    case 'reopen':
      return { ...handled, state: handled.before ?? 'detected', before: null }
    case 'dispose':
      return { ...handled, disposition: dispositionOf(detail) ?? handled.disposition }
    case 'assign':
      return { ...handled, assignee: detail === '' ? null : detail }
    case 'comment':
    case 'attach':
    case 'ask-statement':
    case 'statement':
    case 'merge':
    case 'unmerge':
      return handled
  }
}

export function handledBy(steps: readonly TakenStep[]): Handled {
  return steps.reduce(afterStep, UNHANDLED)
}

export const OPEN_STATES: readonly HandlingState[] = HANDLING_STATES.filter((state) => !isOver(state))

/** Nothing more is to be done. */
export function isOver(state: HandlingState): boolean {
  return state === 'closed' || state === 'false-positive'
}

/** What may be done next; the first is the one to propose, where there is anything to do but to comment. */
export function nextSteps(
  { state, isIncident }: Pick<HandlingStanding, 'state' | 'isIncident'>,
  severity: Severity,
): readonly StepKind[] {
  switch (state) {
    case 'detected':
      return ['acknowledge', 'confirm', 'false-positive', 'comment']
    case 'acknowledged':
      return ['confirm', 'false-positive', 'unacknowledge', 'comment']
    case 'confirmed': {
      const rest = ['dispose', 'false-positive', 'comment'] as const
      return severity === 'critical'
        ? ['incident', 'remedy', 'close', ...rest]
        : ['remedy', 'close', 'incident', ...rest]
    }
    case 'incident':
      return ['remedy', 'dispose', 'false-positive', 'comment']
    case 'remedied':
      return isIncident
        ? ['rectify', 'dispose', 'comment']
        : ['rectify', 'incident', 'dispose', 'close', 'comment']
    case 'rectified':
      return isIncident ? ['close', 'dispose', 'comment'] : ['close', 'incident', 'dispose', 'comment']
    case 'false-positive':
    case 'closed':
      return ['reopen', 'comment']
  }
}

/**
 * Returns the act that two people must want for a step; null where one person is enough. Nothing is called a false positive
 * by one alone, however little it weighs: that would be the short way around every other step.
 */
export function actOfStep(
  kind: StepKind,
  severity: Severity,
  { isIncident }: Pick<HandlingStanding, 'isIncident'>,
): TwoPersonAct | null {
  const isSerious = severity === 'critical' || severity === 'high' || isIncident
  if (kind === 'close' && isSerious) return 'violation-close-serious'
  if (kind === 'false-positive') return 'violation-false-positive'
  return null
}

/** Reports whether a closing says, or was told before, what came of it. */
export function mayClose(handled: Pick<HandlingStanding, 'disposition'>, detail: string): boolean {
  return handled.disposition !== null || dispositionOf(detail) !== null
}

export function dispositionOf(word: string): Disposition | null {
  return DISPOSITIONS.find((one) => one === word) ?? null
}

/**
 * Reports whether clocks run and sounds are made for a violation: not for what an exception allows and nobody has taken up,
 * not for what is over, and not for a repeat, whose first one's clock runs.
 */
export function isLive({ standing }: Pick<ViolationRow, 'standing'>): boolean {
  if (standing === undefined) return true
  if (standing.repeatOf !== null || isOver(standing.state)) return false
  return standing.exception === null || !(standing.state === 'detected' || standing.state === 'acknowledged')
}

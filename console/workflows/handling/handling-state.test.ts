import { describe, expect, it } from 'vitest'
import { HANDLING_STATES, STEP_KINDS, type StepKind } from '../../store/handling-ports.ts'
import type { Severity } from '../../store/ports.ts'
import {
  actOfStep,
  afterStep,
  type Handled,
  handledBy,
  isOver,
  mayClose,
  nextSteps,
  type TakenStep,
  UNHANDLED,
} from './handling-state.ts'

const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low']
/** Long enough to end, open again, and end once more from every state. */
const depthMax = 9

/** What tells two standings apart, as far as steps go. */
const keyOf = (handled: Handled) => JSON.stringify(handled)

function* stepsFrom(
  handled: Handled,
  severity: Severity,
): Generator<TakenStep & { readonly kind: StepKind }> {
  for (const kind of nextSteps(handled, severity)) {
    if (kind === 'close' && handled.disposition === null) yield { kind, detail: 'warning' }
    else if (kind === 'dispose') yield { kind, detail: 'education' }
    else yield { kind }
  }
}

/** Every standing that steps can lead to, with every step that may follow it: all sequences, without walking one twice. */
function walk(
  severity: Severity,
): { handled: Handled; step: TakenStep & { kind: StepKind }; after: Handled }[] {
  const seen = new Map<string, Handled>([[keyOf(UNHANDLED), UNHANDLED]])
  const edges: { handled: Handled; step: TakenStep & { kind: StepKind }; after: Handled }[] = []
  let edge = [UNHANDLED]
  for (let depth = 0; depth < depthMax && edge.length > 0; depth += 1) {
    const found: Handled[] = []
    for (const handled of edge) {
      for (const step of stepsFrom(handled, severity)) {
        const after = afterStep(handled, step)
        edges.push({ handled, step, after })
        if (seen.has(keyOf(after))) continue
        seen.set(keyOf(after), after)
        found.push(after)
      }
    }
    edge = found
  }
  expect(edge, 'all of it was walked').toEqual([])
  return edges
}

describe.each(severities)('all sequences of steps of a %s violation', (severity) => {
  const edges = walk(severity)

  it('reach every state, and each has a way on', () => {
    expect(new Set(edges.map(({ after }) => after.state))).toEqual(new Set(HANDLING_STATES))
    for (const { after } of edges) {
      const ways = nextSteps(after, severity).filter((kind) => kind !== 'comment')
      expect(ways.length, after.state).toBeGreaterThan(0)
      expect(new Set(nextSteps(after, severity)).size).toBe(nextSteps(after, severity).length)
    }
  })

  it('close nothing without saying what came of it, and no leak incident before it is rectified', () => {
    for (const { handled, step, after } of edges) {
      if (after.state === 'closed') expect(after.disposition).not.toBeNull()
      if (step.kind !== 'close') continue
      expect(mayClose(handled, step.detail ?? '')).toBe(true)
      if (handled.isIncident) expect(handled.state).toBe('rectified')
    }
  })

  it('leave what is over only by opening it again, to where it stood before its end', () => {
    for (const { handled, step, after } of edges) {
      if (isOver(handled.state) && step.kind !== 'comment') expect(step.kind).toBe('reopen')
      if (!isOver(handled.state) && isOver(after.state)) {
        const opened = afterStep(after, { kind: 'reopen' })
        expect(opened.state).toBe(handled.state)
        expect(opened.isIncident).toBe(handled.isIncident)
      }
    }
  })

  it('never undo by a comment, an assignment or a paper, and never forget a leak incident', () => {
    for (const { handled, after } of edges) {
      for (const kind of ['comment', 'attach', 'statement', 'ask-statement', 'merge', 'unmerge'] as const)
        expect(afterStep(handled, { kind })).toEqual(handled)
      expect(afterStep(handled, { kind: 'assign', detail: 'li' })).toEqual({ ...handled, assignee: 'li' })
      if (handled.isIncident) expect(after.isIncident).toBe(true)
    }
  })

  it('end what is serious by two people', () => {
    for (const { handled, step } of edges) {
      if (step.kind !== 'close' && step.kind !== 'false-positive') {
        expect(actOfStep(step.kind, severity, handled)).toBeNull()
        continue
      }
      if (severity === 'critical' || handled.isIncident)
        expect(actOfStep(step.kind, severity, handled)).not.toBeNull()
    }
  })
})

it('a violation stands as its steps add up, whatever lies between them', () => {
  const steps: TakenStep[] = [
    { kind: 'confirm' },
    { kind: 'incident' },
    { kind: 'assign', detail: 'li' },
    { kind: 'remedy' },
    { kind: 'statement', detail: '1' },
    { kind: 'rectify' },
    { kind: 'close', detail: 'transferred' },
    { kind: 'reopen' },
  ]
  expect(handledBy(steps)).toEqual({
    ...{ state: 'rectified', disposition: 'transferred', isIncident: true, assignee: 'li', before: null },
  })
  expect(STEP_KINDS).toContain('unacknowledge')
})

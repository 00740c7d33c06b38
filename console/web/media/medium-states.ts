/** Where a medium may go from each state of its life: what the page offers. Pure; the console decides. */
import type { MediumState } from '@shoukou/protocol/media/shapes.ts'

const next: Readonly<Record<MediumState, readonly MediumState[]>> = {
  issued: ['lent', 'carried-out', 'suspended', 'missing', 'retired'],
  lent: ['issued', 'carried-out', 'suspended', 'missing'],
  'carried-out': ['issued', 'suspended', 'missing'],
  suspended: ['issued', 'missing', 'retired'],
  missing: ['issued', 'suspended'],
  retired: ['destroyed'],
  destroyed: [],
}

/** Returns the states that may follow, the nearest first. */
export function nextStates(state: MediumState): readonly MediumState[] {
  return next[state]
}

/** Reports whether it is out of its place and to come back. */
export function isAway(state: MediumState): boolean {
  return state === 'lent' || state === 'carried-out'
}

/** Reports whether computers accept a medium in this state at all. */
export function isUsable(state: MediumState): boolean {
  return state === 'issued' || state === 'lent' || state === 'carried-out'
}

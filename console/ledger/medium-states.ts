/**
 * Which state of a medium may follow which: custody as the unit's rules have it. Pure.
 *
 * Nothing comes back from destruction, and what was retired is only ever destroyed. A medium that was lent or carried out
 * is returned before it is retired: the office that retires it must have it in hand.
 */
import type { MediumState } from '@shoukou/protocol'

export const MEDIUM_TRANSITIONS: Readonly<Record<MediumState, readonly MediumState[]>> = {
  issued: ['lent', 'carried-out', 'suspended', 'missing', 'retired'],
  lent: ['issued', 'carried-out', 'suspended', 'missing'],
  'carried-out': ['issued', 'suspended', 'missing'],
  suspended: ['issued', 'missing', 'retired'],
  missing: ['issued', 'suspended'],
  retired: ['destroyed'],
  destroyed: [],
}

/** Reports whether a medium may go from one state to another. */
export function mayFollow(from: MediumState, to: MediumState): boolean {
  return MEDIUM_TRANSITIONS[from].includes(to)
}

/** Reports whether a medium in this state may be used at all. */
export function isUsable(state: MediumState): boolean {
  return state === 'issued' || state === 'lent' || state === 'carried-out'
}

/** Reports whether a medium in this state is out of its place and to come back. */
export function isAway(state: string): boolean {
  return state === 'lent' || state === 'carried-out'
}

/**
 * Reports whether a return to use needs a new seal. Where a medium was is not known while it was missing: what stands on it
 * may have been copied or rewritten, so its old seals are void. One that was suspended stayed in hand.
 */
export function needsNewSeal(from: MediumState, to: MediumState): boolean {
  return from === 'missing' && isUsable(to)
}

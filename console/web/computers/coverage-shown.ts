/**
 * How a sensor's coverage is shown: pure. Green is for what is watched; where there is nothing that could be watched,
 * the sensor is in order and yet proves nothing, so it stands in neutral words.
 */
import type { Coverage } from '@shoukou/protocol/events/facts.ts'

export type CoverageShown = Coverage['state'] | 'nothing'

/** Returns `nothing` for a sensor that works and has nothing to watch, else its state. */
export function coverageShown({ state, method, reason }: Coverage): CoverageShown {
  if (state !== 'watching') return state
  return method === 'none-configured' || reason === 'this kernel has no USB bus' ? 'nothing' : state
}

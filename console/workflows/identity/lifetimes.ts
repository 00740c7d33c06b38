/** For how long an agent's certificate is good. */
import type { NetworkMode } from '@shoukou/protocol'

/** It renews itself from a third of that left: a month in which the console may be away. */
const networkedDays = 90
/** Nothing but its bundle renews it: a year between two of them, and some weeks. */
const standaloneDays = 400

/** Returns the days. */
export function certificateDaysFor(networkMode: NetworkMode): number {
  return networkMode === 'standalone' ? standaloneDays : networkedDays
}

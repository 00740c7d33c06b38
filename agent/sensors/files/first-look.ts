/**
 * What is told of a medium's contents when it is first seen: files may have been written between its mounting and the
 * watch, or while no agent ran. Pure.
 *
 * Told are the newest, by the latest of their times: a medium may hold a million old files, and what was just copied to
 * it stands above them. The times are the medium's claim; how many were not told is therefore always said.
 */
import type { Origin } from '@shoukou/protocol'
import type { Entry, Folder } from './folder-tree.ts'

export interface FoundEntry {
  readonly folder: Folder
  readonly name: string
  readonly entry: Entry
}

export interface FirstLook {
  readonly found: number
  readonly told: number
}

/** Entries told of one mount. A mount that an earlier run has told of needs only what may have changed since. */
export const FIRST_LOOK_LIMITS = { entriesTold: 10_000, entriesToldAgain: 1_000 } as const

/** Returns how many entries are told of a mount of this origin. */
export function entriesToldMax(origin: Origin): number {
  return origin === 'still-present' ? FIRST_LOOK_LIMITS.entriesToldAgain : FIRST_LOOK_LIMITS.entriesTold
}

/** Returns the newest `max` entries, in the order found. */
export function newestEntries(found: readonly FoundEntry[], max: number): readonly FoundEntry[] {
  if (found.length <= max) return found
  const times = found.map(({ entry }) => newestMs(entry))
  const places = found.map((_, at) => at).toSorted((a, b) => (times[b] ?? 0) - (times[a] ?? 0) || a - b)
  return places
    .slice(0, max)
    .toSorted((a, b) => a - b)
    .flatMap((at) => found[at] ?? [])
}

/** Copying keeps the time of writing and makes a new time of birth; moving makes a new time of change. */
function newestMs({ modifiedMs, changedMs, bornMs }: Entry): number {
  return Math.max(modifiedMs, changedMs, bornMs)
}

/** Where a medium has been: one lane for each computer, the latest first. Pure. */
import type { MediumSighting } from '../../api/contract-media.ts'

export interface SightingLane {
  readonly computer: string
  readonly stays: readonly {
    readonly from: number
    /** Of the whole span, 0 … 1. */
    readonly start: number
    readonly length: number
    readonly isNow: boolean
  }[]
}

export interface SightingSpan {
  readonly from: number
  readonly to: number
  readonly lanes: readonly SightingLane[]
}

/** A stay of a minute shall still be seen in a year. */
const lengthMin = 0.004

/** Returns the lanes from the first sighting to now. */
export function sightingLanes(sightings: readonly MediumSighting[], now: number): SightingSpan {
  const from = Math.min(now, ...sightings.map((one) => one.at))
  const span = Math.max(1, now - from)
  const byComputer = Map.groupBy(
    sightings.toSorted((a, b) => b.at - a.at),
    (one) => one.computer,
  )
  const lanes = [...byComputer].map(([computer, stays]) => ({
    computer,
    stays: stays.map(({ at, endedAt }) => {
      const length = Math.max(lengthMin, ((endedAt ?? now) - at) / span)
      return { from: at, start: Math.min((at - from) / span, 1 - length), length, isNow: endedAt === null }
    }),
  }))
  return { from, to: now, lanes }
}

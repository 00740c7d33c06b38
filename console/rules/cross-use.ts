/**
 * `media-cross-use`: one medium that came to a classified computer and to one that is not. Pure.
 *
 * Times of different computers are not compared, and need not be: whichever came first, it was at both. One identity is what
 * `two-places.ts` calls one: a number of the register, or the same strong number of the hardware where one of the two is
 * registered. That a stay was blocked is no excuse of the person who carried it, and stands in the record that is named.
 */
import { type Level, levelRank, type Passport } from '@shoukou/protocol'
import { busDeviceOfPassport, unknownDevice } from './device-evidence.ts'
import type { Judgement } from './judgement.ts'
import { isOneIdentityTwice, type PlacedMedium } from './two-places.ts'

export interface PlacedAt extends PlacedMedium {
  /** Of the computer. */
  readonly hostLevel: Level
}

const sightingsMax = 100

/** Returns the violation that a stay makes of what was seen before; null where there is none. */
export function crossUse(
  latest: PlacedAt,
  others: readonly PlacedAt[],
): Extract<Judgement, { type: 'media-cross-use' }> | null {
  const same = others.filter((one) => one.agent !== latest.agent && isOneIdentityTwice(latest, one))
  const across = same.filter((one) => isClassified(one.hostLevel) !== isClassified(latest.hostLevel))
  if (across.length === 0) return null
  const told = [...across.slice(-(sightingsMax - 1)), latest].map(({ computer, hostLevel, at }) => ({
    ...{ computer, hostLevel },
    atMs: at,
  }))
  const passport: Passport | null = latest.passport ?? across.at(-1)?.passport ?? null
  return {
    type: 'media-cross-use',
    evidence: {
      number: latest.number ?? across.at(-1)?.number ?? null,
      device: passport === null ? unknownDevice : busDeviceOfPassport(passport, null),
      sightings: told,
    },
  }
}

function isClassified(level: Level): boolean {
  return levelRank(level) >= levelRank('confidential')
}

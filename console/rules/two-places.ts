/**
 * One identity in two places. Pure.
 *
 * What is compared: a register's number that both claim, or the same strong number of the hardware where one of the two
 * is registered. Two unregistered sticks of a maker who gives all the same serial accuse nobody of a copy.
 *
 * What is never compared: times of different computers. Their clocks are claims, and a journal may arrive days late. That
 * two stays overlap is proven by both being open while both computers were heard, with nothing left to send, after the
 * second was received (`ingest/two-places-watch.ts`).
 */
import type { Passport } from '@shoukou/protocol'
import { comparePassports, sameIdentity } from '@shoukou/protocol/media/compare-passports.ts'
import { busDeviceOfPassport, unknownDevice } from './device-evidence.ts'
import type { Judgement } from './judgement.ts'

/** As much of a sighting as this needs. */
export interface PlacedMedium {
  readonly agent: string
  readonly computer: string
  readonly stay: string
  readonly usbPath: string | null
  readonly at: number
  readonly number: string | null
  readonly passport: Passport | null
}

/** Reports whether two stays are of one identity, and not of one device: the units of a reader share its numbers. */
export function isOneIdentityTwice(a: PlacedMedium, b: PlacedMedium): boolean {
  if (a.agent === b.agent && (a.stay === b.stay || a.usbPath === b.usbPath)) return false
  if (a.number !== null && a.number === b.number) return true
  if (a.number === null && b.number === null) return false
  if (a.number !== null && b.number !== null) return false
  if (a.passport === null || b.passport === null || !sameIdentity(a.passport, b.passport)) return false
  return comparePassports(a.passport, b.passport).result !== 'unknown'
}

/** Words it for the later of the two; both are named. */
export function inTwoPlaces(later: PlacedMedium, earlier: PlacedMedium): Judgement {
  const compared =
    later.passport === null || earlier.passport === null
      ? null
      : comparePassports(earlier.passport, later.passport)
  return {
    type: 'media-identity-mismatch',
    evidence: {
      number: later.number ?? earlier.number,
      registered: earlier.passport === null ? unknownDevice : busDeviceOfPassport(earlier.passport, null),
      observed: later.passport === null ? unknownDevice : busDeviceOfPassport(later.passport, null),
      registeredSizeBytes: earlier.passport?.sizeBytes ?? null,
      observedSizeBytes: later.passport?.sizeBytes ?? null,
      ...(compared === null ? {} : { reasons: [...compared.reasons] }),
      elsewhere: [{ computer: earlier.computer, atMs: earlier.at }],
      passport: later.passport,
    },
  }
}

/** The keys of everything that was there at enrolment, as the sensors name it. Pure. */
import type { Baseline } from '@shoukou/protocol'
import { diskBaselineKeys } from './medium.ts'
import { interfaceBaselineKeys } from './network/interface-place.ts'
import { usbBaselineKeys } from './usb/usb-keys.ts'

/** Returns the set that `StartKnowledge.baseline` wants, for all sensors together: their keys never collide. */
export function baselineKeys(baseline: Baseline): Set<string> {
  return new Set([
    ...usbBaselineKeys(baseline),
    ...diskBaselineKeys(baseline),
    ...interfaceBaselineKeys(baseline),
  ])
}

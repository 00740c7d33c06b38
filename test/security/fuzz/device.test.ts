/** What a device, a medium or a radio reaches, on hostile input. */

import { DEVICE_TARGETS } from './device-targets.ts'
import { fuzzArea } from './fuzz-area.ts'

fuzzArea('what a device, a medium or a radio reaches', DEVICE_TARGETS)

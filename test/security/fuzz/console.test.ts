/** What a browser, a request or a brought file reaches, on hostile input. */

import { CONSOLE_TARGETS } from './console-targets.ts'
import { fuzzArea } from './fuzz-area.ts'

fuzzArea('what a browser, a request or a brought file reaches', CONSOLE_TARGETS)

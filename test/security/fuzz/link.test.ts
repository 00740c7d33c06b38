/** What the network reaches, on hostile input. */
import { fuzzArea } from './fuzz-area.ts'
import { LINK_TARGETS } from './link-targets.ts'

fuzzArea('what the network reaches', LINK_TARGETS)

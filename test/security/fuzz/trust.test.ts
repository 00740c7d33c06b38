/** What is carried by hand or typed from paper, on hostile input. */
import { fuzzArea } from './fuzz-area.ts'
import { TRUST_TARGETS } from './trust-targets.ts'

fuzzArea('what is carried by hand', TRUST_TARGETS)

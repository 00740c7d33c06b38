/** What the kernel and the system's files tell, on hostile input. */
import { fuzzArea } from './fuzz-area.ts'
import { SYSTEM_TARGETS } from './system-targets.ts'

fuzzArea('what the kernel and files of the system tell', SYSTEM_TARGETS)

/** The registers with what hangs on them: filing of computers, hand-overs, departments. One of each in a console. */
import type { Store, ViolationRow } from '../../store/ports.ts'
import { createFindings, type Findings } from '../findings/create-findings.ts'
import { createRegisters, type Registers } from './create-registers.ts'
import { createDepartments, type Departments } from './departments.ts'
import { createFiling, type Filing } from './filing.ts'
import { createHandovers, type Handovers } from './handovers.ts'
import { createEntriesImport, type EntriesImport } from './import-entries.ts'

export interface OpenRegisters {
  readonly book: Registers
  readonly filing: Filing
  readonly handovers: Handovers
  readonly departments: Departments
  readonly imports: EntriesImport
  readonly findings: Findings
}

export function openRegisters(options: {
  readonly store: Store
  readonly now: () => number
  /** Called with violations that began or ended. */
  readonly changed: (violation: ViolationRow) => void
}): OpenRegisters {
  const { store, now } = options
  const filing = createFiling(options)
  const book = createRegisters({
    store,
    now,
    computersWritten: (numbers) => filing.entriesWritten(numbers),
  })
  const handovers = createHandovers({ store, registers: book, now })
  const imports = createEntriesImport({ store, book, now })
  return {
    book,
    filing,
    handovers,
    departments: createDepartments({ store, now }),
    imports,
    findings: createFindings({ ...options, unfiled: (agent) => filing.judge(agent) }),
  }
}

/** What an agent told of its computer, beside what the register says of it. */
import type { FieldValues } from '../ledger/fields.ts'
import { compareMeasured } from '../ledger/measured.ts'
import type { LedgerEntryRow } from '../store/ledger-ports.ts'
import type { Store } from '../store/ports.ts'
import type { Filing } from '../workflows/registers/filing.ts'
import { readMeasured } from '../workflows/registers/measured.ts'
import type { MeasuredAnswer } from './contract-registers.ts'

export async function measuredAnswer(
  store: Store,
  filing: Filing,
  entry: LedgerEntryRow,
): Promise<MeasuredAnswer> {
  const found = await filing.agentOf(entry.number)
  const { number } = entry
  if (found === null)
    return { number, agent: null, linkedBy: null, measuredAt: null, rows: [], differences: [] }
  const { computer, by } = found
  const measured = await readMeasured(store, computer, { withPolicies: true })
  const compared = compareMeasured({ level: entry.level, fields: entry.fields as FieldValues }, measured)
  return {
    number,
    agent: computer.agent,
    linkedBy: by,
    measuredAt: measured.tellings[0]?.at ?? measured.macsAt,
    rows: compared.rows.map(({ field, registered, measured: told }) => ({
      field,
      registered: [...registered],
      measured: told === null ? null : [...told],
    })),
    differences: compared.differences.map((one) => ({ ...one })),
  }
}

/** A slip as the API shows it. */
import type { SlipRow } from '../../store/bundles-ports.ts'
import type { Slip } from '../contract-bundles.ts'

export function slipView(row: SlipRow): Slip {
  return { ...row, gaps: [...row.gaps], notes: [...row.notes] }
}

/** What the log keeps of a slip. */
export function slipWords(slip: SlipRow | undefined): { readonly object: string; readonly detail: string } {
  const { slip: name = '', verdict = '', fault = null, fileHash = '', computer = null } = slip ?? {}
  return { object: computer ?? '', detail: `${name} ${verdict} ${fault ?? ''} ${fileHash}`.trim() }
}

/** What came of a violation, in words: what a second person agrees to. */
import type { Disposition } from '../../store/handling-ports.ts'
import type { ActWords } from '../two-person/executor.ts'

export const DISPOSITION_WORDS: Readonly<Record<Disposition, ActWords>> = {
  education: { zh: '批评教育', en: 'education' },
  warning: { zh: '警告', en: 'warning' },
  discipline: { zh: '处分', en: 'discipline' },
  transferred: { zh: '移送有关部门', en: 'transferred' },
  none: { zh: '无人担责', en: 'nobody answers for it' },
}

/** What each clock rests on, by name and article: the text itself is not here. Pure. */
import { citeBasis, regulation } from '@shoukou/protocol'
import type { ClockKind } from '../../store/clock-ports.ts'

export interface ClockBasis {
  readonly zh: string
  readonly en: string
}

const report = regulation(61)
const rectify = regulation(59)

export const CLOCK_BASES: Readonly<Record<ClockKind, ClockBasis>> = {
  'leak-report': { zh: citeBasis(report, 'zh'), en: citeBasis(report, 'en') },
  // Of 1999; whether the unit's bureau still goes by it, the unit asks there.
  'leak-result': {
    zh: '《报告泄露国家秘密事件的规定》（国保发〔1999〕8号）第五条',
    en: 'Provisions on Reporting Leaks of State Secrets (1999, no. 8), art. 5',
  },
  'missing-carrier': {
    zh: '《泄密案件查处办法》第五条第（一）项',
    en: 'Measures for Investigating and Handling Leak Cases, art. 5(1)',
  },
  rectification: { zh: citeBasis(rectify, 'zh'), en: citeBasis(rectify, 'en') },
}

/** What a report of a leak has to contain. */
export const REPORT_CONTENT_BASIS: ClockBasis = {
  zh: '《报告泄露国家秘密事件的规定》（国保发〔1999〕8号）第四条',
  en: 'Provisions on Reporting Leaks of State Secrets (1999, no. 8), art. 4',
}

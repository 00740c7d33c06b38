/** Sentences on media that the register misses: not found, not handed in. They name the medium; no computer did it. Pure. */
import { LEVEL_NAMES } from '../levels.ts'
import type { EvidenceOf } from '../violations.ts'
import type { Lang } from './wording.ts'

/** Returns the sentence on a medium that nobody can find. */
export function missingHeadline(evidence: EvidenceOf<'media-missing'>, lang: Lang): string {
  const { medium, limitDays, lastSeenComputer } = evidence
  const { zh, en } = LEVEL_NAMES[medium.level]
  if (lang === 'zh') {
    const seen = lastSeenComputer === null ? '' : `，最后见于计算机 ${lastSeenComputer}`
    return `${zh}介质 ${medium.number} 下落不明，须在 ${limitDays} 日内查明下落${seen}`
  }
  const seen = lastSeenComputer === null ? '' : `; last seen at ${lastSeenComputer}`
  return `Medium ${medium.number} (${en} ${zh}) is missing; to be found within ${limitDays} days${seen}`
}

/** Returns the sentence on a medium that was not handed in at the end of the year. */
export function handInHeadline(evidence: EvidenceOf<'media-year-end-overdue'>, lang: Lang): string {
  const { medium } = evidence
  const { zh, en } = LEVEL_NAMES[medium.level]
  return lang === 'zh'
    ? `${zh}介质 ${medium.number} 年底未交存`
    : `Medium ${medium.number} (${en} ${zh}) was not handed in at the end of the year`
}

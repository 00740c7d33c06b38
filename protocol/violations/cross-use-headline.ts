/** The sentence on a medium that came to classified computers and to others: which one, and to which. Pure. */
import type { EvidenceOf } from '../violations.ts'
import { computerInSentence, computerWithLevel, type Lang } from './wording.ts'

/** A headline is one line: the first and the last computers; all of them stand in the evidence. */
const computersMax = 2

export function crossUseHeadline({ number, sightings }: EvidenceOf<'media-cross-use'>, lang: Lang): string {
  const all = [
    ...new Map(
      sightings.map(({ computer, hostLevel }) => [computer, computerWithLevel(computer, hostLevel, lang)]),
    ).values(),
  ]
  const named = all.length <= computersMax ? all : [all[0], all.at(-1)]
  const medium = number === null ? null : computerInSentence(number)
  if (lang === 'zh') {
    const rest = all.length > named.length ? ` 等 ${all.length} 台` : ''
    return `${medium === null ? '未登记介质' : `介质 ${medium}`} 交叉使用：接入过${named.join('、')}${rest}`
  }
  const rest = all.length > named.length ? ` (${all.length} computers in all)` : ''
  return `${medium === null ? 'An unregistered medium' : `Medium ${medium}`} was used across classified and unclassified hosts: ${named.join(' and ')}${rest}`
}

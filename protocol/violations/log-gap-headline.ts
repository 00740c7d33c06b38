/** The sentence for a log that does not hold together, or a clock that went back. It accuses nobody. */
import type { EvidenceOf } from '../violations.ts'
import { durationInWords, type Lang } from './wording.ts'

type Evidence = EvidenceOf<'log-gap-or-clock-tamper'>

/** Words each cause; the record numbers stand in it where they are known. */
export function logGapHeadline(evidence: Evidence, computer: string, lang: Lang): string {
  return lang === 'zh' ? inChinese(evidence, computer) : inEnglish(evidence, computer)
}

function inChinese(evidence: Evidence, computer: string): string {
  const range = rangeOf(evidence)
  const records = range === null ? '' : `第 ${range} 条`
  switch (evidence.cause) {
    case 'chain-broken':
      return `${computer} 的日志哈希链在${records}处断裂`
    case 'journal-rolled-back':
      return `${computer} 的日志退回到较早状态，缺${records}`
    case 'journal-lost':
      return `${computer} 的日志丢失${records === '' ? '，已另起新日志' : `（缺${records}），已另起新日志`}`
    case 'segment-missing':
      return `${computer} 的日志段缺失，缺${records}`
    case 'chain-mismatch':
      return `${computer} 的日志${records}与哈希链不符`
    case 'undeclared-gap':
      return `${computer} 的日志缺${records}，且未作任何申明`
    case 'clock-set-back':
      return `${computer} 的时钟被调回 ${durationInWords(-evidence.byMs, 'zh')}`
    case 'replayed-differently':
      return `${computer} 的日志${records}重发时内容与已存的不同`
    case 'seal-broken':
      return `${computer} 的日志封印不符（${records}）：封印之前的内容已被改动或重写`
    case 'seal-missing':
      return `${computer} 的日志缺少应有的封印（${records}）：有记录被截去或改写`
  }
}

function inEnglish(evidence: Evidence, computer: string): string {
  const range = rangeOf(evidence)
  const records = range === null ? '' : range.includes('-') ? `records ${range}` : `record ${range}`
  switch (evidence.cause) {
    case 'chain-broken':
      return `The log of ${computer} breaks its hash chain at ${records}`
    case 'journal-rolled-back':
      return `The log of ${computer} went back to an earlier state; ${records} missing`
    case 'journal-lost':
      return `The log of ${computer} was lost and begun anew${records === '' ? '' : `; ${records} missing`}`
    case 'segment-missing':
      return `A part of the log of ${computer} is missing: ${records}`
    case 'chain-mismatch':
      return `The log of ${computer} does not match its hash chain: ${records}`
    case 'undeclared-gap':
      return `The log of ${computer} has a gap that it does not declare: ${records}`
    case 'clock-set-back':
      return `The clock of ${computer} was set back by ${durationInWords(-evidence.byMs, 'en')}`
    case 'replayed-differently':
      return `The log of ${computer} was sent again with another content: ${records}`
    case 'seal-broken':
      return `A seal in the log of ${computer} does not hold (${records}): what stands before it was altered or written anew`
    case 'seal-missing':
      return `Seals are missing in the log of ${computer} (${records}): records were cut off or written anew`
  }
}

function rangeOf({ firstSeq, lastSeq }: Evidence): string | null {
  if (firstSeq === null || lastSeq === null) return null
  return firstSeq === lastSeq ? `${firstSeq}` : `${firstSeq}-${lastSeq}`
}

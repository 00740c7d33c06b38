/** The sentences for a medium that the register knows, and that should not be used here, or not so. */
import { LEVEL_NAMES, type Level } from '../levels.ts'
import type { EvidenceOf } from '../violations.ts'
import { outcomeInWords } from './outcome-words.ts'
import { computerInSentence, type Lang, nameInSentence } from './wording.ts'

type MediumId =
  | 'unclassified-media-on-classified-host'
  | 'classified-media-on-unclassified-host'
  | 'high-media-on-low-host'
  | 'low-media-write-on-high-host'
  | 'media-not-assigned'
  | 'media-identity-mismatch'
  | 'media-status-invalid'

export type RegisteredMedia = {
  readonly [Id in MediumId]: { readonly id: Id; readonly evidence: EvidenceOf<Id> }
}[MediumId]

/** Words it; `computer` is the computer with its level, as `computerWithLevel` gives it. */
export function registeredMediaHeadline(violation: RegisteredMedia, computer: string, lang: Lang): string {
  const isZh = lang === 'zh'
  switch (violation.id) {
    case 'unclassified-media-on-classified-host':
      return plugged(violation.evidence, isZh ? '非涉密介质' : 'Unclassified medium', computer, lang)
    case 'classified-media-on-unclassified-host':
      return plugged(violation.evidence, isZh ? '涉密介质' : 'Classified medium', computer, lang)
    case 'high-media-on-low-host':
      return plugged(violation.evidence, isZh ? '高密级介质' : 'Higher-level medium', computer, lang)
    case 'low-media-write-on-high-host':
      return writtenHeadline(violation.evidence, computer, lang)
    case 'media-not-assigned':
      return notAssignedHeadline(violation.evidence, computer, lang)
    case 'media-identity-mismatch':
      return mismatchHeadline(violation.evidence, computer, lang)
    case 'media-status-invalid':
      return statusHeadline(violation.evidence, computer, lang)
  }
}

type Told = Parameters<typeof outcomeInWords>[0] & {
  readonly medium: { readonly number: string; readonly level: Level }
}

function plugged(evidence: Told, kind: string, computer: string, lang: Lang): string {
  const medium = mediumInSentence(evidence.medium, lang)
  const outcome = outcomeInWords(evidence, lang)
  return lang === 'zh'
    ? `${kind} ${medium}接入${computer}，${outcome}`
    : `${kind} ${medium} was plugged into ${computer}; ${outcome}`
}

function writtenHeadline(
  { medium, files }: EvidenceOf<'low-media-write-on-high-host'>,
  computer: string,
  lang: Lang,
): string {
  const name = files[0] === undefined ? '' : nameInSentence(files[0].name)
  const of = mediumInSentence(medium, lang)
  return lang === 'zh'
    ? `${computer} 向低密级介质 ${of}写入文件${name === '' ? '' : `：${name}`}`
    : `A file was written on ${computer} to the lower-level medium ${of}${name === '' ? '' : `: ${name}`}`
}

function notAssignedHeadline(
  evidence: EvidenceOf<'media-not-assigned'>,
  computer: string,
  lang: Lang,
): string {
  const medium = mediumInSentence(evidence.medium, lang)
  const outcome = outcomeInWords(evidence, lang)
  const { fault } = evidence
  if (fault === 'expired' || fault === 'not-yet-valid' || fault === 'replaced') {
    const why = STATUSES[fault][lang]
    return lang === 'zh'
      ? `${why}的介质 ${medium}接入${computer}，${outcome}`
      : `Medium ${medium}, ${why}, was plugged into ${computer}; ${outcome}`
  }
  if (lang === 'zh') {
    const whom = fault === 'user' ? '使用人未获分配' : fault === 'computer' ? '该计算机未获分配' : '未获分配'
    return `介质 ${medium}接入${computer}，${whom}，${outcome}`
  }
  const whom =
    fault === 'user' ? 'to whose user' : fault === 'computer' ? 'to which' : 'to which or to whose user'
  return `Medium ${medium} was plugged into ${computer}, ${whom} it is not assigned; ${outcome}`
}

function mismatchHeadline(
  evidence: EvidenceOf<'media-identity-mismatch'>,
  computer: string,
  lang: Lang,
): string {
  const { elsewhere = [] } = evidence
  const isZh = lang === 'zh'
  const number = evidence.number === null ? '' : ` ${computerInSentence(evidence.number)}`
  if (elsewhere.length > 0) {
    const others = elsewhere.map((one) => computerInSentence(one.computer)).join(isZh ? '、' : ', ')
    return isZh
      ? `介质${number} 的标识同时出现在多处：${computer}、${others}`
      : `The identity of medium${number} is in more than one place: ${computer}, ${others}`
  }
  const outcome = outcomeInWords(evidence, lang)
  return isZh
    ? `接入${computer} 的介质与登记的介质${number} 标识不符，${outcome}`
    : `A medium plugged into ${computer} does not match the registered medium${number} that it claims to be; ${outcome}`
}

type Status = EvidenceOf<'media-status-invalid'>['status']
const STATUSES: Readonly<{ [Name in Status]: { readonly zh: string; readonly en: string } }> = {
  retired: { zh: '已停用', en: 'retired' },
  lost: { zh: '已登记丢失', en: 'registered as missing' },
  'pending-destruction': { zh: '待销毁', en: 'to be destroyed' },
  destroyed: { zh: '已登记销毁', en: 'registered as destroyed' },
  suspended: { zh: '已暂停使用', en: 'suspended' },
  expired: { zh: '已过有效期', en: 'expired' },
  'not-yet-valid': { zh: '尚未生效', en: 'not yet valid' },
  replaced: { zh: '封签已换发', en: 'sealed anew since' },
  revoked: { zh: '登记已撤销', en: 'withdrawn' },
}

function statusHeadline(evidence: EvidenceOf<'media-status-invalid'>, computer: string, lang: Lang): string {
  const medium = mediumInSentence(evidence.medium, lang)
  const status = STATUSES[evidence.status][lang]
  const outcome = outcomeInWords(evidence, lang)
  return lang === 'zh'
    ? `${status}的介质 ${medium}接入${computer}，${outcome}`
    : `Medium ${medium}, ${status}, was plugged into ${computer}; ${outcome}`
}

/** U-0012（秘密） / U-0012 (Confidential 秘密) */
function mediumInSentence({ number, level }: { number: string; level: Level }, lang: Lang): string {
  const { zh, en } = LEVEL_NAMES[level]
  const name = computerInSentence(number)
  return lang === 'zh' ? `${name}（${zh}）` : `${name} (${en} ${zh})`
}

/** The sentence for a medium that is not in the register. */
import type { BlockBus } from '../events/shapes.ts'
import type { EvidenceOf } from '../violations.ts'
import { outcomeInWords } from './outcome-words.ts'
import { type Lang, nameInSentence } from './wording.ts'

export type MediaEvidence = EvidenceOf<'unregistered-media-inserted'>

/** Words it: what kind of medium, where, how it ended; the medium's own name last. */
export function mediaHeadline(evidence: MediaEvidence, computer: string, lang: Lang): string {
  const name = nameOf(evidence)
  const how = isUnexamined(evidence)
    ? unexamined(evidence, computer, lang)
    : plugged(evidence, computer, lang)
  const outcome = outcomeInWords(evidence, lang)
  const isGone = evidence.sighting === 'event-only'
  if (lang === 'zh') {
    const details = isGone ? '，未及读取详情即已拔出' : ''
    return `${how}，${outcome}${details}${name === null ? '' : `：${name}`}`
  }
  const details = isGone ? '; gone before it could be read' : ''
  return `${how}; ${outcome}${details}${name === null ? '' : `: ${name}`}`
}

function plugged(evidence: MediaEvidence, computer: string, lang: Lang): string {
  const kind = kindOf(evidence)[lang]
  const came = evidence.origin === 'appeared'
  if (lang === 'zh') {
    const what = evidence.isComposite === true ? `带有其他功能的未登记${kind}` : `未登记${kind}`
    return came ? `${what}接入${computer}` : `监控启动时${what}已接在${computer} 上`
  }
  const what = `An unregistered ${kind}${evidence.isComposite === true ? ' with other functions beside' : ''}`
  return came
    ? `${what} was plugged into ${computer}`
    : `${what} was already in ${computer} when the agent started`
}

/** Never looked at, or looked at in vain: neither says that it is unregistered. */
function isUnexamined({ method, passport }: MediaEvidence): boolean {
  return method === 'never' || (method === 'none' && (passport === null || passport === undefined))
}

/** It was gone, or the computer went on, before it was examined: whether it is registered is not known. */
function unexamined(evidence: MediaEvidence, computer: string, lang: Lang): string {
  const kind = kindOf(evidence)
  return lang === 'zh'
    ? `接入${computer} 的${kind.zh}未能检查，是否登记无法证实`
    : `A ${kind.en} in ${computer} was not examined; whether it is registered is not proven`
}

interface Kind {
  readonly zh: string
  readonly en: string
}
const STICK: Kind = { zh: 'U盘', en: 'USB stick' }
const STORAGE: Kind = { zh: '存储设备', en: 'storage device' }
const KINDS: { readonly [Bus in BlockBus]?: Kind } = {
  usb: STICK,
  mmc: { zh: '存储卡', en: 'memory card' },
  optical: { zh: '光盘', en: 'optical disc' },
  floppy: { zh: '软盘', en: 'floppy disk' },
}

/** Says no more than is known: a thing whose interfaces were never read is a USB device, not a stick. */
function kindOf({ device, disk, passport }: MediaEvidence): Kind {
  if (disk !== null) return KINDS[disk.bus] ?? STORAGE
  if (device === null)
    return passport === null || passport === undefined ? STORAGE : (KINDS[passport.bus] ?? STORAGE)
  const isStorage = device.interfaces.some((one) => one.class === '08')
  return isStorage ? STICK : { zh: 'USB设备', en: 'USB device' }
}

function nameOf({ device, disk, passport }: MediaEvidence): string | null {
  const name = device?.product ?? disk?.model ?? passport?.usb?.product ?? passport?.inquiry?.product ?? null
  if (name !== null) return nameInSentence(name)
  if (device !== null) return `${device.vendorId}:${device.productId}`
  return disk === null ? null : nameInSentence(disk.name)
}

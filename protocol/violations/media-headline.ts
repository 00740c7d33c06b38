/** The sentence for a medium that is not in the register. */
import type { BlockBus } from '../events/shapes.ts'
import type { EvidenceOf } from '../violations.ts'
import { type Lang, nameInSentence } from './wording.ts'

export type MediaEvidence = EvidenceOf<'unregistered-media-inserted'>

/** Words it: what kind of medium, where, how it ended; the medium's own name last. */
export function mediaHeadline(evidence: MediaEvidence, computer: string, lang: Lang): string {
  const kind = kindOf(evidence)[lang]
  const came = evidence.origin === 'appeared'
  const name = nameOf(evidence)
  const gone = evidence.sighting === 'event-only'
  if (lang === 'zh') {
    const how = came ? `未登记${kind}接入${computer}` : `监控启动时未登记${kind}已接在${computer} 上`
    const details = gone ? '，未及读取详情即已拔出' : ''
    return `${how}，${outcomeOf(evidence, lang)}${details}${name === null ? '' : `：${name}`}`
  }
  const how = came
    ? `An unregistered ${kind} was plugged into ${computer}`
    : `An unregistered ${kind} was already in ${computer} when the agent started`
  const details = gone ? '; gone before it could be read' : ''
  return `${how}; ${outcomeOf(evidence, lang)}${details}${name === null ? '' : `: ${name}`}`
}

function outcomeOf(evidence: MediaEvidence, lang: Lang): string {
  const isZh = lang === 'zh'
  switch (evidence.outcome) {
    case 'blocked':
      return isZh ? '已阻断' : 'blocked'
    case 'allowed':
      return isZh ? '未阻断（策略允许）' : 'not blocked, allowed by policy'
    case 'detected':
      if (evidence.wouldBlock) return isZh ? '已检测到（观察模式，未阻断）' : 'detected only, observe mode'
      return isZh ? '已检测到，未阻断' : 'detected only, not blocked'
  }
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
function kindOf({ device, disk }: MediaEvidence): Kind {
  if (disk !== null) return KINDS[disk.bus] ?? STORAGE
  if (device === null) return STORAGE
  const isStorage = device.interfaces.some((one) => one.class === '08')
  return isStorage ? STICK : { zh: 'USB设备', en: 'USB device' }
}

function nameOf({ device, disk }: MediaEvidence): string | null {
  const name = device?.product ?? disk?.model ?? null
  if (name !== null) return nameInSentence(name)
  if (device !== null) return `${device.vendorId}:${device.productId}`
  return disk === null ? null : nameInSentence(disk.name)
}

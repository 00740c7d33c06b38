/** The sentences for what hangs on a USB port and is no medium. */
import type { EvidenceOf } from '../violations.ts'
import { functionsInWords } from './function-words.ts'
import { outcomeInWords } from './outcome-words.ts'
import { type Lang, nameInSentence } from './wording.ts'

type Phone = EvidenceOf<'phone-or-camera-connected'>

const MODES: Readonly<{ [Mode in Phone['mode']]: { readonly zh: string; readonly en: string } }> = {
  mtp: { zh: '文件传输（MTP）', en: 'file transfer, MTP' },
  ptp: { zh: '照片传输（PTP）', en: 'picture transfer, PTP' },
  storage: { zh: '存储', en: 'storage' },
  network: { zh: '网络共享', en: 'network sharing' },
  debug: { zh: '调试', en: 'debugging' },
  charging: { zh: '充电', en: 'charging' },
  other: { zh: '其他方式', en: 'other' },
}

export function phoneHeadline(evidence: Phone, computer: string, lang: Lang): string {
  const { device } = evidence
  const mode = MODES[evidence.mode][lang]
  const outcome = outcomeInWords(evidence, lang)
  const name =
    device.product === null ? `${device.vendorId}:${device.productId}` : nameInSentence(device.product)
  return lang === 'zh'
    ? `手机、相机等智能设备接入${computer}（${mode}），${outcome}：${name}`
    : `A phone, camera or other smart device was connected to ${computer} (${mode}); ${outcome}: ${name}`
}

export function wirelessInputHeadline(
  evidence: EvidenceOf<'wireless-input-device'>,
  computer: string,
  lang: Lang,
): string {
  const outcome = outcomeInWords(evidence, lang)
  const name = nameOf(evidence.receiver)
  return lang === 'zh'
    ? `无线键盘鼠标接收器接入${computer}，${outcome}${name === '' ? '' : `：${name}`}`
    : `A receiver of a wireless keyboard or mouse was plugged into ${computer}; ${outcome}${name === '' ? '' : `: ${name}`}`
}

export function peripheralHeadline(
  evidence: EvidenceOf<'unregistered-peripheral'>,
  computer: string,
  lang: Lang,
): string {
  const what = kindOf(evidence)[lang]
  const outcome = outcomeInWords(evidence, lang)
  const came = evidence.origin === 'appeared'
  const functions = functionsInWords(evidence.functions ?? [], lang)
  const name = nameOf(evidence.device)
  if (lang === 'zh') {
    const how = came ? `${what}接入${computer}` : `监控启动时${what}已接在${computer} 上`
    return `${how}${functions === '' ? '' : `（${functions}）`}，${outcome}${name === '' ? '' : `：${name}`}`
  }
  const how = came
    ? `${what} was plugged into ${computer}`
    : `${what} was already on ${computer} when the agent started`
  return `${how}${functions === '' ? '' : ` (${functions})`}; ${outcome}${name === '' ? '' : `: ${name}`}`
}

function kindOf({ why }: EvidenceOf<'unregistered-peripheral'>): {
  readonly zh: string
  readonly en: string
} {
  if (why === 'suspicious-composite')
    return { zh: '功能组合可疑的USB设备', en: 'A USB device with a suspicious union of functions' }
  if (why === 'malformed-descriptors')
    return { zh: '描述符异常的USB设备', en: 'A USB device with malformed descriptors' }
  if (why === 'unread-descriptors')
    return { zh: '无法读取描述符的USB设备', en: 'A USB device whose descriptors cannot be read' }
  return { zh: '未经批准的外设', en: 'A peripheral without approval' }
}

type Device = EvidenceOf<'wireless-input-device'>['receiver']

function nameOf({ model, vendorId, productId }: Device): string {
  if (model !== null) return nameInSentence(model)
  return vendorId === null ? '' : `${vendorId}:${productId ?? '----'}`
}

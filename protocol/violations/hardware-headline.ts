/** The sentences of violations 5, 7 and 27: hardware that should not be in use. Pure. */
import type { HardwareKind } from '../network/shapes.ts'
import type { RawText } from '../raw-text.ts'
import type { EvidenceOf } from '../violations.ts'
import { foundOutcome, tail } from './found-words.ts'
import type { Lang } from './wording.ts'

const kinds: Readonly<Record<HardwareKind, { readonly zh: string; readonly en: string }>> = {
  wifi: { zh: '无线网卡', en: 'wireless adapter' },
  bluetooth: { zh: '蓝牙', en: 'Bluetooth radio' },
  'cellular-modem': { zh: '移动通信模块', en: 'cellular modem' },
  'dialup-modem': { zh: '拨号调制解调器', en: 'dial-up modem' },
  nfc: { zh: '近场通信模块', en: 'NFC radio' },
  infrared: { zh: '红外模块', en: 'infrared port' },
  uwb: { zh: '超宽带模块', en: 'ultra-wideband radio' },
  camera: { zh: '摄像头', en: 'camera' },
  microphone: { zh: '麦克风', en: 'microphone' },
  speaker: { zh: '扬声器', en: 'speaker' },
}

interface Placed {
  readonly busPath: RawText | null
  readonly vendorId: string | null
  readonly productId: string | null
  readonly model: RawText | null
}

export function wirelessHardwareHeadline(
  evidence: EvidenceOf<'wireless-hardware-present'>,
  computer: string,
  lang: Lang,
): string {
  const { device, isEnabled, hardware } = evidence
  const kind = hardware === undefined ? { zh: '无线模块', en: 'wireless module' } : kinds[hardware.kind]
  const name = nameOf(device, lang)
  if (lang === 'zh') return `${computer} 装有${kind.zh}${isEnabled === true ? '且处于启用状态' : ''}${name}`
  return `${computer} has a ${kind.en}${isEnabled === true ? ', and it is on' : ''}${name}`
}

export function bluetoothHeadline(
  evidence: EvidenceOf<'bluetooth-enabled'>,
  computer: string,
  lang: Lang,
): string {
  const { device, found, pairedNames } = evidence
  const name = nameOf(device, lang)
  const isNetwork = found?.condition === 'bluetooth-network-up'
  if (lang === 'zh') {
    const what = isNetwork ? '通过蓝牙建立了网络连接' : '的蓝牙处于启用状态'
    const paired = pairedNames.length === 0 || isNetwork ? '' : `（${pairedNames.length} 个设备或节点）`
    return `${computer} ${what}${paired}${foundOutcome(found, lang)}${name}`
  }
  const what = isNetwork ? `${computer} has a network over Bluetooth` : `Bluetooth is on at ${computer}`
  return `${what}${foundOutcome(found, lang)}${name}`
}

export function avDeviceHeadline(
  evidence: EvidenceOf<'av-device-enabled'>,
  computer: string,
  lang: Lang,
): string {
  const kind = kinds[evidence.function]
  const name = nameOf(evidence.device, lang)
  return lang === 'zh'
    ? `${computer} 的${kind.zh}处于启用状态${name}`
    : `A ${kind.en} is enabled on ${computer}${name}`
}

function nameOf({ model, vendorId, productId, busPath }: Placed, lang: Lang): string {
  const ids = vendorId === null ? null : `${vendorId}:${productId ?? '----'}`
  return tail([model, model === null ? ids : null, model === null && ids === null ? busPath : null], lang)
}

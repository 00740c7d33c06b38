/** What a USB device could be, in the words of a sentence. Pure. */
import type { UsbFunction } from '../usb/functions.ts'
import type { Lang } from './wording.ts'

const WORDS: Readonly<Record<UsbFunction, { readonly zh: string; readonly en: string }>> = {
  'storage-bulk-only': { zh: '存储', en: 'storage' },
  'storage-uas': { zh: '存储（UAS）', en: 'storage (UAS)' },
  'storage-optical': { zh: '光驱', en: 'CD-ROM' },
  'storage-tape': { zh: '磁带机', en: 'tape drive' },
  'storage-floppy': { zh: '软驱', en: 'floppy drive' },
  'storage-other': { zh: '其他存储', en: 'other storage' },
  hub: { zh: '集线器', en: 'hub' },
  keyboard: { zh: '键盘', en: 'keyboard' },
  mouse: { zh: '鼠标', en: 'mouse' },
  'hid-other': { zh: '其他输入设备', en: 'other input' },
  'wireless-receiver': { zh: '无线接收器', en: 'wireless receiver' },
  'phone-mtp': { zh: '手机文件传输', en: 'phone, MTP' },
  'phone-ptp': { zh: '手机或相机图片传输', en: 'phone or camera, PTP' },
  'phone-debug': { zh: '手机调试', en: 'phone, debugging' },
  'phone-apple': { zh: '苹果移动设备', en: 'Apple device' },
  'phone-charging': { zh: '手机充电', en: 'phone, charging' },
  network: { zh: '网卡', en: 'network adapter' },
  'cdc-data': { zh: '通信数据', en: 'communication data' },
  modem: { zh: '调制解调器', en: 'modem' },
  bluetooth: { zh: '蓝牙', en: 'Bluetooth' },
  uwb: { zh: '超宽带', en: 'ultra-wideband' },
  'wireless-other': { zh: '其他无线', en: 'other radio' },
  irda: { zh: '红外', en: 'infrared' },
  audio: { zh: '音频', en: 'audio' },
  video: { zh: '视频', en: 'video' },
  av: { zh: '音视频', en: 'audio and video' },
  printer: { zh: '打印机', en: 'printer' },
  'smart-card': { zh: '智能卡', en: 'smart card' },
  dfu: { zh: '固件升级', en: 'firmware update' },
  diagnostic: { zh: '诊断', en: 'diagnostic' },
  billboard: { zh: 'Type-C 说明', en: 'billboard' },
  'vendor-specific': { zh: '厂商自定义', en: 'vendor-specific' },
  misc: { zh: '其他', en: 'miscellaneous' },
  unknown: { zh: '未知', en: 'unknown' },
}

/** More than these say no more: the whole list stands in the evidence. */
const shownMax = 6

/** Words a list of functions, as `usb/functions.ts` names them; one that has no word stands as it is. */
export function functionsInWords(functions: readonly string[], lang: Lang): string {
  const words = functions.slice(0, shownMax).map((name) => (isKnown(name) ? WORDS[name][lang] : name))
  const more = functions.length > words.length ? ['…'] : []
  return [...words, ...more].join(lang === 'zh' ? '、' : ', ')
}

function isKnown(name: string): name is UsbFunction {
  return Object.hasOwn(WORDS, name)
}

/** The sentences for network adapters, and for what becomes one. */
import type { EvidenceOf } from '../violations.ts'
import { foundOutcome } from './found-words.ts'
import { functionsInWords } from './function-words.ts'
import { type Outcome, outcomeInWords } from './outcome-words.ts'
import { type Lang, nameInSentence } from './wording.ts'

type Adapter = EvidenceOf<'unregistered-network-adapter'>

export function adapterHeadline(evidence: Adapter, computer: string, lang: Lang): string {
  const { interface: adapter, origin, sighting } = evidence
  if (adapter === null) return keptOutHeadline(evidence, computer, lang)
  const came = origin === 'appeared'
  const gone = sighting === 'event-only'
  const mac = adapter.mac === null ? '' : `${lang === 'zh' ? '，' : ', '}MAC ${adapter.mac}`
  const name = `${nameInSentence(adapter.name)}${mac}`
  const story = storyOf(evidence, lang)
  const ending = foundOutcome(evidence.found, lang)
  if (lang === 'zh') {
    const kind = adapter.isWireless ? '无线网卡' : adapter.nature === 'virtual' ? '虚拟网卡' : '网卡'
    const how = came ? `${computer} 接入未登记${kind}` : `监控启动时 ${computer} 已有未登记${kind}`
    return `${how}${story}${gone ? '，未及读取详情即已消失' : ''}${ending}：${name}`
  }
  const kind = `unregistered ${adapter.isWireless ? 'wireless ' : adapter.nature === 'virtual' ? 'virtual ' : ''}network adapter`
  const how = came
    ? `An ${kind} appeared on ${computer}`
    : `An ${kind} was already on ${computer} when the agent started`
  return `${how}${story}${gone ? '; gone before it could be read' : ''}${ending}: ${name}`
}

/** It never became an interface: the USB device was refused. */
function keptOutHeadline(evidence: Adapter, computer: string, lang: Lang): string {
  const name = deviceName(evidence.device)
  const rest = `${storyOf(evidence, lang)}${lang === 'zh' ? '，' : '; '}${outcomeInWords(evidence, lang)}`
  return lang === 'zh'
    ? `未登记USB网卡接入${computer}${rest}${name === '' ? '' : `：${name}`}`
    : `An unregistered USB network adapter was plugged into ${computer}${rest}${name === '' ? '' : `: ${name}`}`
}

export function modemHeadline(
  evidence: EvidenceOf<'modem-or-cellular-dialup'>,
  computer: string,
  lang: Lang,
): string {
  const name =
    evidence.interface === null ? deviceName(evidence.device) : nameInSentence(evidence.interface.name)
  const rest = `${storyOf(evidence, lang)}${outcome(evidence, lang)}${foundOutcome(evidence.found, lang)}${name === '' ? '' : `${lang === 'zh' ? '：' : ': '}${name}`}`
  if (evidence.interface !== null) return dialUpHeadline(evidence.link, computer, rest, lang)
  return lang === 'zh'
    ? `调制解调器或移动上网设备接入${computer}${rest}`
    : `A modem or cellular device was plugged into ${computer}${rest}`
}

/** A connection, where an interface of it is there; a device alone was only plugged in. */
function dialUpHeadline(
  link: EvidenceOf<'modem-or-cellular-dialup'>['link'],
  computer: string,
  rest: string,
  lang: Lang,
): string {
  const isDialled = link === 'ppp'
  if (lang === 'zh') return `${computer} ${isDialled ? '出现拨号（PPP）网络接口' : '出现移动网络接口'}${rest}`
  return `A ${isDialled ? 'dial-up (PPP)' : 'cellular'} interface is on ${computer}${rest}`
}

export function tetheringHeadline(
  evidence: EvidenceOf<'phone-tethering'>,
  computer: string,
  lang: Lang,
): string {
  const { product, vendorId, productId, interface: adapter } = evidence
  const ids = vendorId === null ? null : `${vendorId}:${productId ?? '----'}`
  const named = product ?? (ids === null ? (adapter?.name ?? null) : null)
  const name = named === null ? (ids ?? '') : nameInSentence(named)
  const rest = `${storyOf(evidence, lang)}${outcome(evidence, lang)}${foundOutcome(evidence.found, lang)}`
  return lang === 'zh'
    ? `手机向${computer} 共享网络${rest}${name === '' ? '' : `：${name}`}`
    : `A phone offered its network to ${computer}${rest}${name === '' ? '' : `: ${name}`}`
}

function outcome(evidence: Outcome, lang: Lang): string {
  if (evidence.outcome === undefined) return ''
  return `${lang === 'zh' ? '，' : '; '}${outcomeInWords(evidence, lang)}`
}

/** One port, one story: what it was just before. */
function storyOf({ before }: Pick<Adapter, 'before'>, lang: Lang): string {
  if (before === null || before === undefined) return ''
  const { vendorId, productId, functions, port } = before
  const words = functionsInWords(functions, lang)
  const was = `${words === '' ? '' : `${words} `}${vendorId}:${productId}`
  const at = nameInSentence(port)
  return lang === 'zh' ? `（此前在端口 ${at} 上是 ${was}）` : ` (on port ${at} it had just been ${was})`
}

function deviceName(device: Adapter['device']): string {
  if (device === undefined) return ''
  const ids = device.vendorId === null ? '' : `${device.vendorId}:${device.productId ?? '----'}`
  if (device.model === null) return ids
  return `${nameInSentence(device.model)}${ids === '' ? '' : ` ${ids}`}`
}

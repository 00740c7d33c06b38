/** The sentences of `agent-tamper`: control that was lifted or altered at the computer. Pure. */
import type { EvidenceOf } from '../violations.ts'
import { identityHeadline } from './identity-headline.ts'
import { durationInWords, type Lang } from './wording.ts'

type Tamper = EvidenceOf<'agent-tamper'>

const layers: Readonly<{ [layer: string]: { readonly zh: string; readonly en: string } }> = {
  'connection-guard': { zh: '连接管控程序', en: 'the connection guard' },
  'packet-table': { zh: '数据包规则表', en: 'the packet table' },
  'frame-table': { zh: '数据帧规则表', en: 'the frame table' },
  'device-guard': { zh: '设备管控程序', en: 'the device guard' },
  isolation: { zh: '隔离规则', en: 'isolation' },
}
const alterations: Readonly<{ [what: string]: { readonly zh: string; readonly en: string } }> = {
  'rules-flushed': { zh: '被清空', en: 'was flushed' },
  'rules-altered': { zh: '被修改', en: 'was altered' },
  'pin-removed': { zh: '的固定点被删除', en: 'lost its pin' },
  'program-detached': { zh: '被卸下', en: 'was detached' },
  'map-altered': { zh: '的数据被修改', en: 'had its data altered' },
}

/** Returns the sentence; null for what has none of its own. */
export function tamperHeadline(evidence: Tamper, computer: string, lang: Lang): string | null {
  if (evidence.what === 'control-released') return releasedHeadline(evidence, computer, lang)
  if (evidence.what === 'identity-copied') return identityHeadline(evidence, computer, lang)
  if (evidence.what === 'control-altered') return alteredHeadline(evidence, computer, lang)
  return null
}

function releasedHeadline({ group }: Tamper, computer: string, lang: Lang): string {
  if (group === 'network') {
    return lang === 'zh'
      ? `${computer} 的网络管控在本机被解除，策略要求仍须管控`
      : `Network control was released at ${computer} itself while its policy orders it`
  }
  return lang === 'zh'
    ? `${computer} 的介质管控在本机被解除，策略要求仍为阻断`
    : `Media control was released at ${computer} itself while its policy orders enforcement`
}

function alteredHeadline(evidence: Tamper, computer: string, lang: Lang): string {
  const { group, layer = '', alteration = '', isRestored } = evidence
  const openMs = evidence.openMs ?? 0
  const part = Object.hasOwn(layers, layer) ? layers[layer] : undefined
  const what = Object.hasOwn(alterations, alteration) ? alterations[alteration] : undefined
  if (lang === 'zh') {
    const name = part?.zh ?? (group === 'media' ? '介质管控' : '网络管控')
    const open = openMs < 1_000 ? '' : `，失效 ${durationInWords(openMs, lang)}`
    return `${computer} 的${name}${what?.zh ?? '被改动'}${open}${isRestored === true ? '，已恢复' : '，未能恢复'}`
  }
  const name = part?.en ?? (group === 'media' ? 'media control' : 'network control')
  const open = openMs < 1_000 ? '' : `, open for ${durationInWords(openMs, lang)}`
  const ending = isRestored === true ? '; put back' : '; it could not be put back'
  return `On ${computer}, ${name} ${what?.en ?? 'was altered'}${open}${ending}`
}

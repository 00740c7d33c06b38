/** The sentences of `agent-tamper`: control that was lifted or altered at the computer, and the agent itself. Pure. */
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
  return ownHeadline(evidence, computer, lang)
}

const things: Readonly<{ [thing: string]: { readonly zh: string; readonly en: string } }> = {
  program: { zh: '监控程序文件', en: 'a file of the agent' },
  unit: { zh: '监控服务的系统单元', en: 'a unit of the agent' },
  configuration: { zh: '监控程序配置', en: 'the configuration of the agent' },
  identity: { zh: '监控程序身份文件', en: 'an identity file of the agent' },
  policy: { zh: '策略文件', en: 'a policy file of the agent' },
  state: { zh: '监控程序状态文件', en: 'a state file of the agent' },
}
const changes: Readonly<{ [what: string]: { readonly zh: string; readonly en: string } }> = {
  'content-changed': { zh: '内容被修改', en: 'was changed' },
  removed: { zh: '被删除', en: 'was removed' },
  added: { zh: '被添加', en: 'was added' },
  'mode-changed': { zh: '权限被修改', en: 'had its permissions changed' },
  'owner-changed': { zh: '属主被修改', en: 'had its owner changed' },
  disabled: { zh: '被停用', en: 'was disabled' },
  masked: { zh: '被屏蔽', en: 'was masked' },
  'drop-in-added': { zh: '被附加配置片段', en: 'was given a drop-in' },
}

/** What was done to the agent itself; null for what older records told without saying it. */
function ownHeadline(evidence: Tamper, computer: string, lang: Lang): string | null {
  const zh = lang === 'zh'
  switch (evidence.what) {
    case 'paused': {
      const span = durationInWords(evidence.openMs ?? 0, lang)
      return zh
        ? `${computer} 的监控程序被停止信号暂停 ${span}`
        : `The agent of ${computer} was held still by a stop signal for ${span}`
    }
    case 'stopped': {
      const openMs = evidence.openMs ?? null
      if (openMs === null)
        return zh
          ? `${computer} 的监控程序被单独停止，计算机当时并未关机，至今未恢复`
          : `The agent of ${computer} was stopped alone, on a computer that was not shutting down, and has not come back`
      const span = durationInWords(openMs, lang)
      return zh
        ? `${computer} 的监控程序被停止 ${span}，其间计算机仍在运行`
        : `The agent of ${computer} was stopped for ${span} while the computer went on running`
    }
    case 'removed':
      return zh
        ? `${computer} 的监控程序未凭卸载码被强制卸载`
        : `The agent of ${computer} was removed by force, without a code`
    case 'altered':
    case 'configuration-altered':
      return fileHeadline(evidence, computer, zh)
    case 'control-released':
    case 'control-altered':
    case 'identity-copied':
      return null
  }
}

function fileHeadline(
  { layer = '', alteration = '', isRestored }: Tamper,
  computer: string,
  zh: boolean,
): string | null {
  const thing = Object.hasOwn(things, layer) ? things[layer] : undefined
  const change = Object.hasOwn(changes, alteration) ? changes[alteration] : undefined
  if (thing === undefined) return null
  if (zh) return `${computer} 的${thing.zh}${change?.zh ?? '被改动'}${isRestored === true ? '，已恢复' : ''}`
  const ending = isRestored === true ? '; put back' : ''
  return `On ${computer}, ${thing.en} ${change?.en ?? 'was altered'}${ending}`
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

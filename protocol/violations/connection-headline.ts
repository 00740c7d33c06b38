/** The sentences of violations 1, 2, 4, 6, 11, 12 and 13: what a computer is, or tried to be, connected to. Pure. */
import type { ConditionCode } from '../network/shapes.ts'
import type { EvidenceOf } from '../violations.ts'
import {
  countsOf,
  type Found,
  foundOutcome,
  linkName,
  peerInSentence,
  programIn,
  tail,
} from './found-words.ts'
import type { Lang } from './wording.ts'

export function internetHeadline(
  evidence: EvidenceOf<'internet-connection'>,
  computer: string,
  lang: Lang,
): string {
  const { found, peer, confidence } = evidence
  const names = tail([programIn(found), linkName(evidence.interface)], lang)
  const ending = `${foundOutcome(found, lang)}${names}`
  const to = peer === null ? '' : peerInSentence(peer)
  const [count] = countsOf(found)
  if (confidence === 'confirmed-reachability') {
    if (lang === 'zh') {
      const times = count > 1 ? `（${count} 次）` : ''
      return `${computer} 已连通互联网${to === '' ? '' : `，对端 ${to}`}${times}${ending}`
    }
    const times = count > 1 ? ` (${count} times)` : ''
    return `${computer} reached the Internet${to === '' ? '' : `: ${to} answered`}${times}${ending}`
  }
  const isTunnel = found?.condition === 'tunnel-up'
  if (lang === 'zh') {
    const how = isTunnel ? '建立了通往公网地址的隧道' : '的网络接口获得公网地址'
    return `${computer} ${how}${to === '' ? '' : `（${to}）`}${ending}`
  }
  const how = isTunnel ? 'has a tunnel to a public address' : 'has a public address on an interface'
  return `${computer} ${how}${to === '' ? '' : ` (${to})`}${ending}`
}

const networkWords: Readonly<Partial<Record<ConditionCode, { readonly zh: string; readonly en: string }>>> = {
  'foreign-network': { zh: '接入未批准的网络', en: 'joined a network that is not approved' },
  'unapproved-gateway': { zh: '使用未批准的网关', en: 'uses a gateway that is not approved' },
  'unapproved-dhcp': {
    zh: '从未批准的 DHCP 服务器获得地址',
    en: 'took its address from a DHCP server that is not approved',
  },
  'unapproved-dns': { zh: '使用未批准的域名服务器', en: 'uses a name server that is not approved' },
  'tunnel-up': { zh: '建立了隧道或虚拟专用网', en: 'has a tunnel or a VPN up' },
}

export function otherNetworkHeadline(
  evidence: EvidenceOf<'nonclassified-network-connection'>,
  computer: string,
  lang: Lang,
): string {
  const { found, ssid, prefixes } = evidence
  const traces = found?.traces.length ?? 0
  if (traces > 0) {
    const name = tail([ssid ?? found?.traces[0]?.text ?? null], lang)
    return lang === 'zh'
      ? `${computer} 在未受监控期间曾接入其他网络（${traces} 条系统痕迹）${name}`
      : `${computer} was connected to another network while it was not watched (${traces} ${traces === 1 ? 'trace' : 'traces'} in its own records)${name}`
  }
  const condition = found?.condition ?? null
  const words = condition === null ? undefined : networkWords[condition]
  const zh = words?.zh ?? '接入非涉密网络'
  const en = words?.en ?? 'joined an unclassified network'
  const [address] = prefixes
  const own = address === undefined ? '' : lang === 'zh' ? `，地址 ${address}` : `, address ${address}`
  const at = condition === 'unapproved-gateway' ? gatewayIn(found, lang) : own
  const names = tail([ssid, linkName(evidence.interface)], lang)
  return `${computer} ${lang === 'zh' ? zh : en}${at}${foundOutcome(found, lang)}${names}`
}

/** The computer's own address beside a gateway would be read as the gateway's. */
function gatewayIn(found: Found, lang: Lang): string {
  const text = found?.text ?? null
  if (typeof text !== 'string' || !isPlain(text)) return ''
  return lang === 'zh' ? `（${text}）` : ` (${text})`
}

export function dualHomingHeadline(
  evidence: EvidenceOf<'dual-homing'>,
  computer: string,
  lang: Lang,
): string {
  const { interfaces, found } = evidence
  const names = tail(
    interfaces.map(({ name }) => name),
    lang,
  )
  const isRoute = found?.condition === 'second-default-route'
  if (lang === 'zh') {
    const what = isRoute ? '同时存在两条默认路由' : '同时接在两个网络上'
    return `${computer} ${what}${foundOutcome(found, lang)}${names}`
  }
  const what = isRoute ? 'has two default routes at once' : 'is on two networks at once'
  return `${computer} ${what}${foundOutcome(found, lang)}${names}`
}

export function wirelessHeadline(
  evidence: EvidenceOf<'wireless-link-up'>,
  computer: string,
  lang: Lang,
): string {
  const { ssid, bssid, found } = evidence
  const point = bssid === null ? '' : lang === 'zh' ? `（接入点 ${bssid}）` : ` (access point ${bssid})`
  const names = tail([ssid, linkName(evidence.interface)], lang)
  return lang === 'zh'
    ? `${computer} 已连接无线网络${point}${foundOutcome(found, lang)}${names}`
    : `${computer} is associated with a wireless network${point}${foundOutcome(found, lang)}${names}`
}

const fieldWords = {
  address: { zh: '地址', en: 'address' },
  gateway: { zh: '网关', en: 'gateway' },
  mac: { zh: 'MAC 地址', en: 'MAC address' },
  dns: { zh: '域名服务器', en: 'name server' },
} as const

export function driftHeadline(
  evidence: EvidenceOf<'network-config-drift'>,
  computer: string,
  lang: Lang,
): string {
  const { differences, interfaceName, found } = evidence
  const [first] = differences
  const name = tail([interfaceName], lang)
  const rest = differences.length - 1
  if (lang === 'zh') {
    const what =
      first === undefined
        ? '网络参数'
        : `${fieldWords[first.field].zh}${values(first, 'zh')}${rest > 0 ? `等 ${differences.length} 项` : ''}`
    return `${computer} 的${what}与登记不符${foundOutcome(found, lang)}${name}`
  }
  const what =
    first === undefined
      ? 'A network parameter'
      : `The ${fieldWords[first.field].en}${values(first, 'en')}${rest > 0 ? ` and ${rest} more` : ''}`
  return `${what} of ${computer} differs from the register${foundOutcome(found, lang)}${name}`
}

type Difference = EvidenceOf<'network-config-drift'>['differences'][number]

/** Addresses as evidence bounds them; anything else that a system wrote there stays in the evidence. */
function values({ registered, observed }: Difference, lang: Lang): string {
  const [was, is] = lang === 'zh' ? ['登记', '实际'] : ['registered', 'found']
  const known = [
    ...(isPlain(registered) ? [`${was} ${registered}`] : []),
    ...(isPlain(observed) ? [`${is} ${observed}`] : []),
  ]
  if (known.length === 0) return ''
  return lang === 'zh' ? `（${known.join('，')}）` : ` (${known.join(', ')})`
}

function isPlain(text: string | null): text is string {
  return text !== null && /^[0-9a-fA-F:./]{1,64}$/.test(text)
}

export function attemptHeadline(
  evidence: EvidenceOf<'external-connection-attempt'>,
  computer: string,
  lang: Lang,
): string {
  const { destination, attempts, found, protocol } = evidence
  const peers = new Set((found?.flows ?? []).flatMap(({ peer }) => (peer === null ? [] : [peer.address])))
    .size
  const ending = `${foundOutcome(found, lang)}${tail([evidence.process?.name ?? programIn(found)], lang)}`
  const by = protocol === null || !/^[a-z0-9 ]{1,32}$/.test(protocol) ? '' : protocol
  if (lang === 'zh') {
    const to =
      destination === null
        ? '绕过 IP 层发送数据帧'
        : isCaller(evidence)
          ? `接受了来自 ${peerInSentence(destination)} 的未批准连接`
          : `尝试外联 ${peerInSentence(destination)}`
    const more = peers > 1 ? `等 ${peers} 个地址` : ''
    const notes = [...(by === '' ? [] : [by]), ...(attempts > 1 ? [`${attempts} 次`] : [])].join('，')
    return `${computer} ${to}${more}${notes === '' ? '' : `（${notes}）`}${ending}`
  }
  const to =
    destination === null
      ? 'sent frames past the IP layer'
      : `${isCaller(evidence) ? 'accepted a connection that is not approved from' : 'tried to connect to'} ${peerInSentence(destination)}${peers > 1 ? ` and ${peers - 1} more` : ''}`
  const notes = [...(by === '' ? [] : [by]), ...(attempts > 1 ? [`${attempts} times`] : [])].join(', ')
  return `${computer} ${to}${notes === '' ? '' : ` (${notes})`}${ending}`
}

/** The one that is named connected to this computer, not this computer to it. */
function isCaller({ destination, found }: EvidenceOf<'external-connection-attempt'>): boolean {
  const named = found?.flows.find(({ peer }) => peer !== null && peer.address === destination?.address)
  return named?.act === 'accepted'
}

export function sharingHeadline(
  evidence: EvidenceOf<'connection-sharing'>,
  computer: string,
  lang: Lang,
): string {
  const { found, clients, port, service, process } = evidence
  const { zh, en } = sharingWords(found, service)
  const who = service === 'proxy' ? (process?.name ?? programIn(found)) : null
  const names = tail([who, found?.text ?? null, linkName(evidence.interface)].slice(0, 3), lang)
  const at = port === null ? '' : lang === 'zh' ? `（端口 ${port}）` : ` (port ${port})`
  if (lang === 'zh') {
    const joined = clients.length === 0 ? '' : `，${clients.length} 个客户端`
    return `${computer} ${zh}${at}${joined}${foundOutcome(found, lang)}${names}`
  }
  const joined =
    clients.length === 0 ? '' : `, ${clients.length} ${clients.length === 1 ? 'client' : 'clients'}`
  return `${computer} ${en}${at}${joined}${foundOutcome(found, lang)}${names}`
}

function sharingWords(
  found: Found,
  service: EvidenceOf<'connection-sharing'>['service'],
): { readonly zh: string; readonly en: string } {
  if (service === 'hotspot') return { zh: '开启了无线热点', en: 'is a wireless access point' }
  if (service === 'proxy') return { zh: '有代理服务在监听', en: 'has a proxy listening' }
  const [count] = countsOf(found)
  if (count > 0) {
    return { zh: `为其他设备转发了 ${count} 个数据包`, en: `passed on ${count} packets of others` }
  }
  // Only what passes something on for others; whatever else is told so, is forwarding.
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check
  switch (found?.condition) {
    case 'address-translation':
      return { zh: '设置了地址转换', en: 'translates addresses for others' }
    case 'bridged':
      return { zh: '将网络接口桥接', en: 'bridges its network interfaces' }
    case 'other-namespace-link':
      return { zh: '有网络接口通往其他网络命名空间', en: 'has a link into another network namespace' }
    default:
      return { zh: '开启了网络转发', en: 'forwards packets between networks' }
  }
}

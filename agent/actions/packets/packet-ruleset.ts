/**
 * The script for nft(8) that puts a packet net in force: two tables, `inet shoukou` and `netdev shoukou`. Pure.
 *
 * What each line is for stands in agent/docs/packet-table.md. One script is one transaction: old rules hold until the
 * new ones do. Rules are flushed, counters and the flows that were told are not: the counters are the truth that
 * reports are measured by. The verdict of a connection is asked anew for each packet of its own direction, so that rules
 * that become stricter end what is under way.
 */

import type { RawText } from '@shoukou/protocol'
import { type ApprovedBoxes, boxesOf } from './approved-boxes.ts'
import { deviceText, indexText } from './nft-text.ts'
import type { PacketRules } from './packet-net.ts'
import {
  approvedElements,
  approvedRules,
  approvedSets,
  listenerRules,
  listenerSets,
  serverRules,
} from './packet-sets.ts'

/** What this kernel and this nft can do of it. */
export interface PacketAbilities {
  /** Connection tracking: without it, answers are told by addresses and ports alone. */
  readonly hasConntrack: boolean
  /** Chains at the egress of an interface (Linux 5.16). */
  readonly hasEgress: boolean
  /** Whether a frame came through routing can be asked (CONFIG_IP_ROUTE_CLASSID). */
  readonly hasRouteMark: boolean
}

export interface ResolvedInterface {
  readonly index: number
  readonly name: RawText
}

export interface RulesetInput {
  readonly rules: Pick<PacketRules, 'approved' | 'listeners' | 'drops'>
  readonly cut: readonly ResolvedInterface[]
  readonly interfaces: readonly ResolvedInterface[]
  readonly abilities: PacketAbilities
  readonly logGroup: number
  /** Stands as the name of an empty chain, so that a later run finds its own counters. */
  readonly installation: string
  /** Chains of ours at interfaces that a former script made. */
  readonly staleChains: readonly string[]
  /** Begins anew: tables, counters and all. */
  readonly isFresh: boolean
}

export const TABLE = 'shoukou'
export const ACTS = ['outgoing', 'incoming', 'forwarded', 'frame'] as const
/** Packets that are told, per second and act, and at once; beyond that they are counted as not told. */
export const TOLD_PER_SECOND = 4_000
/** Bytes of each packet that are handed over: the longest header that is read, twice. */
export const SNAP_BYTES = 192
const told = `limit rate ${TOLD_PER_SECOND}/second burst ${TOLD_PER_SECOND} packets`
/** Flows that are remembered as told; when it is full, packets are told one by one. */
const seenMax = 8_192
/** A flow that goes on is told again after this time. */
const seenMinutes = 5
/** After everybody's DNAT (-100) and filters, so that it is judged where the packet really goes. */
const outputPriority = 2_147_483_000
/** After conntrack (-200) has looked, before anybody's filter (0). */
const inputPriority = -150
/** Before anything, defragmentation (-400) included. */
const cutPriority = -450

const inet = `inet ${TABLE}`
const netdev = `netdev ${TABLE}`

/** Writes the script; each character is one byte (latin1). Interfaces whose name nft can't be told are left to `inet`. */
export function packetScript(input: RulesetInput): string {
  const boxes = boxesOf(input.rules.approved)
  const lines = [
    ...(input.isFresh ? begunAnew(inet) : []),
    `add table ${inet}`,
    `flush table ${inet}`,
    `add chain ${inet} ${input.installation}`,
    ...[...ACTS.slice(0, 3), 'dropped', 'unlogged', 'leftover', 'ambient', 'cut'].map(
      (name) => `add counter ${inet} ${name}`,
    ),
    ...approvedSets(inet),
    ...listenerSets(inet, input.rules.listeners),
    ...seenSets(),
    ...hooks(),
    ...approvedElements(inet, boxes),
    ...cutRules(input),
    ...outputRules(input, boxes),
    ...inputRules(input, boxes),
    ...forwardRules(input),
    ...ACTS.slice(0, 3).flatMap((act) => tellRules(inet, act, input)),
    ...(input.abilities.hasEgress ? frameLines(input, boxes) : []),
  ]
  return `${lines.join('\n')}\n`
}

/** Names the chain at an interface's egress. */
export function egressChain(index: number): string {
  return `egress_${index}`
}

function begunAnew(table: string): string[] {
  return [`add table ${table}`, `delete table ${table}`]
}

function seenSets(): string[] {
  return ['ipv4', 'ipv6'].map(
    (family) =>
      `add set ${inet} seen_${family} { type ${family}_addr . ${family}_addr . inet_proto . inet_service . inet_service; size ${seenMax}; flags dynamic,timeout; timeout ${seenMinutes}m; }`,
  )
}

function hooks(): string[] {
  const hook = (name: string, at: string, priority: number): string =>
    `add chain ${inet} ${name} { type filter hook ${at} priority ${priority}; policy accept; }`
  const plain = [
    'approved_to',
    'approved_from',
    ...ACTS.slice(0, 3),
    'tell_outgoing',
    'tell_incoming',
    'tell_forwarded',
  ]
  return [
    hook('prerouting', 'prerouting', cutPriority),
    hook('input', 'input', inputPriority),
    hook('forward', 'forward', inputPriority),
    hook('output', 'output', outputPriority),
    hook('postrouting', 'postrouting', outputPriority),
    ...plain.map((name) => `add chain ${inet} ${name}`),
  ]
}

/** First of all, and at both ends of the way: others may route a packet elsewhere in between. */
function cutRules({ cut }: RulesetInput): string[] {
  if (cut.length === 0) return []
  const list = cut.map(({ index }) => indexText(index)).join(', ')
  return [
    rule('prerouting', `iif { ${list} } counter name cut drop`),
    rule('postrouting', `oif { ${list} } counter name cut drop`),
  ]
}

function outputRules({ rules, abilities }: RulesetInput, boxes: ApprovedBoxes): string[] {
  const lines = [`oif ${indexText(1)} accept`, 'jump approved_to']
  if (boxes.needsLink) lines.push(...housekeeping)
  // A packet without SYN opens nothing, and conntrack may have met the connection in its middle.
  lines.push(...listenerRules(rules.listeners, 'daddr', 'sport').map((match) => `${midway} ${match} accept`))
  if (abilities.hasConntrack) {
    lines.push(
      ...listenerRules(rules.listeners, 'daddr', 'sport').map(
        (match) => `ct direction reply ${match} accept`,
      ),
    )
    lines.push(...relatedErrors, ...answers(rules.drops))
  } else {
    lines.push(
      ...listenerRules(rules.listeners, 'daddr', 'sport').map((match) => `meta l4proto != 6 ${match} accept`),
    )
  }
  lines.push('goto outgoing')
  return [
    ...approvedRules(boxes, 'daddr', 'dport').map((match) => rule('approved_to', `${match} accept`)),
    ...lines.map((text) => rule('output', text)),
  ]
}

function inputRules({ rules, abilities }: RulesetInput, boxes: ApprovedBoxes): string[] {
  const lines = [`iif ${indexText(1)} accept`, `${midway} jump approved_from`]
  if (abilities.hasConntrack) lines.push('meta l4proto != 6 ct direction reply jump approved_from')
  else lines.push('meta l4proto != 6 jump approved_from')
  lines.push('meta l4proto { 1, 58 } jump approved_from')
  lines.push(...listenerRules(rules.listeners, 'saddr', 'dport').map((match) => `${match} accept`))
  lines.push(...serverRules(boxes).map((match) => `${match} accept`))
  if (boxes.needsLink) lines.push(...housekeeping, ...routerWords)
  if (abilities.hasConntrack) lines.push(...relatedErrors, ...answers(rules.drops))
  // What is said to everybody is no connection to this computer, nor is an error about a packet that nobody remembers.
  for (const match of ambient) lines.push(`${match} counter name ambient ${verdict(rules.drops)}`)
  lines.push('goto incoming')
  return [
    ...approvedRules(boxes, 'saddr', 'sport').map((match) => rule('approved_from', `${match} accept`)),
    ...lines.map((text) => rule('input', text)),
  ]
}

function forwardRules({ rules, abilities }: RulesetInput): string[] {
  const lines = abilities.hasConntrack && !rules.drops ? ['ct direction reply accept'] : []
  return [...lines, 'goto forwarded'].map((text) => rule('forward', text))
}

/** Counts and tells; in `alarm` one packet of each flow, of TCP each that opens a connection. */
function tellRules(table: string, act: (typeof ACTS)[number], input: RulesetInput): string[] {
  const { drops } = input.rules
  const chain = (name: string, text: string): string => `add rule ${table} ${name} ${text}`
  const prefix = `shoukou ${act} ${drops ? 'dropped' : 'passed'}`
  const log = `log prefix "${prefix}" group ${input.logGroup} snaplen ${SNAP_BYTES} queue-threshold 32`
  const tell = [
    `counter name ${act}`,
    ...(drops ? ['counter name dropped'] : []),
    `${told} ${log} ${verdict(drops)}`,
    `counter name unlogged ${verdict(drops)}`,
  ]
  if (act === 'frame') return tell.map((text) => chain('frame', text))
  const seen = (address: string, set: string): string[] => {
    const flow = `${address} saddr . ${address} daddr . meta l4proto . th sport . th dport`
    return [`${flow} @${set} accept`, `add @${set} { ${flow} }`]
  }
  const first = drops
    ? []
    : [
        `tcp flags & (syn | ack) == syn goto tell_${act}`,
        ...seen('ip', 'seen_ipv4'),
        ...seen('ip6', 'seen_ipv6'),
      ]
  return [
    ...[...first, `goto tell_${act}`].map((text) => chain(act, text)),
    ...tell.map((text) => chain(`tell_${act}`, text)),
  ]
}

function frameLines(input: RulesetInput, boxes: ApprovedBoxes): string[] {
  const cut = new Set(input.cut.map(({ index }) => index))
  const all = new Map([...input.interfaces, ...input.cut].map((one) => [one.index, one]))
  const written = [...all.values()].flatMap(({ index, name }) => {
    const device = deviceText(name)
    return device === null ? [] : [{ index, device }]
  })
  const stale = input.isFresh ? [] : input.staleChains
  return [
    ...(input.isFresh ? begunAnew(netdev) : []),
    `add table ${netdev}`,
    `flush table ${netdev}`,
    // Added first: the kernel may have taken it away with its interface, and none that is missing can be deleted.
    ...stale.flatMap((name) => [`add chain ${netdev} ${name}`, `delete chain ${netdev} ${name}`]),
    ...['frame', 'dropped', 'unlogged', 'cut'].map((name) => `add counter ${netdev} ${name}`),
    ...approvedSets(netdev),
    `add chain ${netdev} frame`,
    `add chain ${netdev} approved_to`,
    ...written.map(({ index, device }) => deviceHook(egressChain(index), 'egress', device)),
    ...written
      .filter(({ index }) => cut.has(index))
      .map(({ index, device }) => deviceHook(`ingress_${index}`, 'ingress', device)),
    ...approvedElements(netdev, boxes),
    ...approvedRules(boxes, 'daddr', 'dport').map(
      (match) => `add rule ${netdev} approved_to ${match} accept`,
    ),
    ...written.flatMap(({ index }) => egressRules(input, boxes, { index, isCut: cut.has(index) })),
    ...tellRules(netdev, 'frame', input),
  ]
}

function deviceHook(name: string, hook: string, device: string): string {
  return `add chain ${netdev} ${name} { type filter hook ${hook} device ${device} priority -500; policy accept; }`
}

function egressRules(
  { abilities }: RulesetInput,
  { needsLink }: ApprovedBoxes,
  { index, isCut }: { readonly index: number; readonly isCut: boolean },
): string[] {
  const add = (chain: string, text: string): string => `add rule ${netdev} ${chain} ${text}`
  const chain = egressChain(index)
  if (isCut) return [add(chain, 'counter name cut drop'), add(`ingress_${index}`, 'counter name cut drop')]
  // What the IP layer sent has a route, and has been judged there; what a packet socket sent has none.
  const judged = abilities.hasRouteMark
    ? 'meta rtclassid 0-4294967295 accept'
    : 'meta protocol { ip, ip6 } accept'
  return [
    add(chain, judged),
    ...(needsLink ? linkFrames.map((text) => add(chain, `${text} accept`)) : []),
    add(chain, 'jump approved_to'),
    add(chain, 'goto frame'),
  ]
}

function rule(chain: string, text: string): string {
  return `add rule ${inet} ${chain} ${text}`
}

function verdict(drops: boolean): string {
  return drops ? 'drop' : 'accept'
}

/** TCP, but not the packet that opens a connection. */
const midway = 'tcp flags & (syn | ack) != syn'

/** What a link needs to carry anything (RFC 4861, RFC 3810, RFC 3376); the hop limits are those that no router passes on. */
const housekeeping = [
  'icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
  'icmpv6 type { 130-132, 143 } ip6 hoplimit 1 accept',
  'ip protocol 2 ip ttl 1 accept',
]
/** DHCP's answers over IPv6 come from the server's own link-local address, to a question that went to a group. */
const routerWords = [
  'icmpv6 type nd-router-advert ip6 hoplimit 255 accept',
  'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept',
]
/** ARP, 802.1X, link aggregation: they end at the next device. */
const linkFrames = ['meta protocol { 0x0806, 0x888e, 0x8809 }', 'vlan type 0x0806']
/** Errors about a connection that conntrack knows: without "too big" it would only hang. */
const relatedErrors = [
  'ct state related icmp type { 3, 11, 12 } accept',
  'ct state related icmpv6 type { 1-4 } accept',
]

const ambient = ['meta pkttype { broadcast, multicast }', 'icmp type { 3, 11, 12 }', 'icmpv6 type { 1-4 }']

/** What answers a connection that was judged at its beginning; if it may no longer be, it ends here, and is nobody's deed. */
function answers(drops: boolean): string[] {
  return drops ? ['ct direction reply counter name leftover drop'] : ['ct direction reply accept']
}

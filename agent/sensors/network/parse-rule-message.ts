/** RTM_NEWRULE, RTM_DELRULE (linux/fib_rules.h): policy routing rules, in the words of ip-rule(8). Pure, never throws. */
import { rawTextOf, showRawText } from '@shoukou/protocol'
import type { IpFamily, RuleMessage } from './net-messages.ts'
import {
  type Attributes,
  bitsOf,
  familyOf,
  ipOf,
  readAttributes,
  textOf,
  u32Of,
} from './netlink-attributes.ts'

const FRA_DST = 1
const FRA_SRC = 2
const FRA_IIFNAME = 3
const FRA_GOTO = 4
const FRA_PRIORITY = 6
const FRA_FWMARK = 10
const FRA_FLOW = 11
const FRA_TUN_ID = 12
const FRA_SUPPRESS_IFGROUP = 13
const FRA_SUPPRESS_PREFIXLEN = 14
const FRA_TABLE = 15
const FRA_FWMASK = 16
const FRA_OIFNAME = 17
const FRA_L3MDEV = 19
const FRA_UID_RANGE = 20
const FRA_PROTOCOL = 21
const FRA_IP_PROTO = 22
const FRA_SPORT_RANGE = 23
const FRA_DPORT_RANGE = 24
const FRA_DSCP = 25
const FRA_SPORT_MASK = 28
const FRA_DPORT_MASK = 29
const FRA_DSCP_MASK = 30
/** What the words below speak of; anything newer is named by its number rather than left out. */
const spokenMax = FRA_DSCP
const spokenToo: ReadonlySet<number> = new Set([FRA_SPORT_MASK, FRA_DPORT_MASK, FRA_DSCP_MASK])

const FR_ACT_TO_TBL = 1
const FIB_RULE_INVERT = 0x2
const FIB_RULE_IIF_DETACHED = 0x8
const FIB_RULE_OIF_DETACHED = 0x10
const RTPROT_KERNEL = 2
const textMax = 500

const tableNames: ReadonlyMap<number, string> = new Map([
  [253, 'default'],
  [254, 'main'],
  [255, 'local'],
])
const actions: ReadonlyMap<number, string> = new Map([
  [3, 'nop'],
  [6, 'blackhole'],
  [7, 'unreachable'],
  [8, 'prohibit'],
])
const protocols: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'ipv6-icmp'],
  [132, 'sctp'],
])

/**
 * `struct fib_rule_hdr` { family, dst_len, src_len, tos, table, 2 bytes, action, u32 flags } and attributes. Null where
 * it can't be read. Rules for multicast routing are left out.
 */
export function parseRule(body: Buffer, isRemoval: boolean): readonly RuleMessage[] | null {
  if (body.length < 12) return null
  const family = familyOf(body[0])
  if (family === null) return []
  const attributes = readAttributes(body, 12)
  if (attributes === null) return null
  const action = body[7] ?? 0
  const table = u32Of(attributes.get(FRA_TABLE)) ?? body[4] ?? 0
  const words = [...selectorOf(family, body, attributes), ...targetOf(action, table, attributes)]
  const text = words.join(' ')
  return [
    {
      kind: 'rule',
      isRemoval,
      rule: {
        family,
        priority: u32Of(attributes.get(FRA_PRIORITY)) ?? 0,
        text: text.length > textMax ? `${text.slice(0, textMax - 1)}…` : text,
        table: action === FR_ACT_TO_TBL && table !== 0 ? table : null,
      },
    },
  ]
}

/** Whom the rule is for. */
function selectorOf(family: IpFamily, body: Buffer, attributes: Attributes): string[] {
  const flags = body.readUInt32LE(8)
  const words = (flags & FIB_RULE_INVERT) !== 0 ? ['not'] : []
  const source = prefixOf(family, attributes.get(FRA_SRC), body[2] ?? 0)
  words.push('from', source ?? ((body[2] ?? 0) === 0 ? 'all' : `0/${body[2]}`))
  const destination = prefixOf(family, attributes.get(FRA_DST), body[1] ?? 0)
  if (destination !== null) words.push('to', destination)
  if ((body[3] ?? 0) !== 0) words.push('tos', hex(body[3] ?? 0))
  const dscp = attributes.get(FRA_DSCP)?.[0]
  const dscpMask = attributes.get(FRA_DSCP_MASK)?.[0] ?? 0x3f
  if (dscp !== undefined)
    words.push('dscp', dscpMask === 0x3f ? String(dscp) : `${hex(dscp)}/${hex(dscpMask)}`)
  const [mark, mask] = [u32Of(attributes.get(FRA_FWMARK)), u32Of(attributes.get(FRA_FWMASK))]
  if (mark !== null || mask !== null) {
    words.push(
      'fwmark',
      mask === null || mask === 0xffff_ffff ? hex(mark ?? 0) : `${hex(mark ?? 0)}/${hex(mask)}`,
    )
  }
  for (const [word, attribute, detached] of [
    ['iif', FRA_IIFNAME, FIB_RULE_IIF_DETACHED],
    ['oif', FRA_OIFNAME, FIB_RULE_OIF_DETACHED],
  ] as const) {
    const name = textOf(attributes.get(attribute))
    // Names are hostile text: shown escaped, as in every sentence.
    if (name !== null) words.push(word, showRawText(rawTextOf(name)))
    if (name !== null && (flags & detached) !== 0) words.push('[detached]')
  }
  const uids = attributes.get(FRA_UID_RANGE)
  if (uids !== undefined && uids.length >= 8) {
    words.push('uidrange', `${uids.readUInt32LE(0)}-${uids.readUInt32LE(4)}`)
  }
  const protocol = attributes.get(FRA_IP_PROTO)?.[0]
  if (protocol !== undefined) words.push('ipproto', protocols.get(protocol) ?? String(protocol))
  words.push(...portsOf('sport', attributes.get(FRA_SPORT_RANGE), attributes.get(FRA_SPORT_MASK)))
  words.push(...portsOf('dport', attributes.get(FRA_DPORT_RANGE), attributes.get(FRA_DPORT_MASK)))
  const tunnel = attributes.get(FRA_TUN_ID)
  if (tunnel !== undefined && tunnel.length >= 8) words.push('tun_id', String(tunnel.readBigUInt64BE(0)))
  for (const key of attributes.keys())
    if (key > spokenMax && !spokenToo.has(key)) words.push(`attribute-${key}`)
  return words
}

/** What becomes of what it is for. */
function targetOf(action: number, table: number, attributes: Attributes): string[] {
  const words: string[] = []
  const isByMaster = (attributes.get(FRA_L3MDEV)?.[0] ?? 0) !== 0
  if (isByMaster) words.push('lookup', '[l3mdev-table]')
  else if (table !== 0) words.push('lookup', tableNames.get(table) ?? String(table))
  const prefixLength = u32Of(attributes.get(FRA_SUPPRESS_PREFIXLEN))
  // -1 stands for none.
  if (prefixLength !== null && prefixLength <= 128) words.push('suppress_prefixlength', String(prefixLength))
  const group = u32Of(attributes.get(FRA_SUPPRESS_IFGROUP))
  if (group !== null && group <= 0x7fff_ffff) words.push('suppress_ifgroup', String(group))
  const realms = u32Of(attributes.get(FRA_FLOW))
  if (realms !== null && realms !== 0) words.push('realms', `${realms >>> 16}/${realms & 0xffff}`)
  if (action === 2) words.push('goto', String(u32Of(attributes.get(FRA_GOTO)) ?? 'none'))
  else if (action !== FR_ACT_TO_TBL) words.push(actions.get(action) ?? `action-${action}`)
  const origin = attributes.get(FRA_PROTOCOL)?.[0] ?? 0
  if (origin !== 0 && origin !== RTPROT_KERNEL) words.push('proto', origins.get(origin) ?? String(origin))
  return words
}

const origins: ReadonlyMap<number, string> = new Map([
  [3, 'boot'],
  [4, 'static'],
  [16, 'dhcp'],
])

function prefixOf(family: IpFamily, bytes: Buffer | undefined, length: number): string | null {
  const shown = bytes === undefined ? null : ipOf(family, bytes)
  if (shown === null) return null
  return length >= bitsOf(family) ? shown : `${shown}/${length}`
}

function portsOf(word: string, bytes: Buffer | undefined, maskBytes: Buffer | undefined): string[] {
  if (bytes === undefined || bytes.length < 4) return []
  const mask = maskBytes !== undefined && maskBytes.length >= 2 ? maskBytes.readUInt16LE(0) : 0
  // A whole mask stands for the one port; none for a range.
  if (mask !== 0 && mask !== 0xffff) return [word, `${bytes.readUInt16LE(0)}/${hex(mask)}`]
  const [first, last] = [bytes.readUInt16LE(0), bytes.readUInt16LE(2)]
  return [word, first === last ? String(first) : `${first}-${last}`]
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

/**
 * Rules of nftables as the kernel tells them (linux/netfilter/nf_tables.h) to those that alter addresses or pass packets
 * on, whoever set them: `nft` itself, or iptables over it. Pure, never throws.
 */
import { formatAddress, fromBytes, type RawText } from '@shoukou/protocol'
import { attributeMap, attributesIn } from '../../../base/parse-netlink.ts'
import { joinRaw, rawOfLatin1 } from './raw-words.ts'

const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG_GETRULE = 7
/** The kernel's number of the request for all rules. */
export const NFT_GET_RULES = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETRULE
/** `struct nfgenmsg`: family, version, two bytes of nothing. All families. */
export const NFT_ALL_FAMILIES = Buffer.from([0, 0, 0, 0])
const headerBytes = 4

const NFTA_RULE_TABLE = 1
const NFTA_RULE_CHAIN = 2
const NFTA_RULE_EXPRESSIONS = 4
const NFTA_EXPR_NAME = 1
const NFTA_EXPR_DATA = 2
const NFTA_IMMEDIATE_DREG = 1
const NFTA_IMMEDIATE_DATA = 2
const NFTA_DATA_VALUE = 1
const NFTA_NAT_TYPE = 1
const NFTA_NAT_REG_ADDR_MIN = 3
const NFTA_TARGET_NAME = 1

export interface AlteringRule {
  /** `bridge` where whole packets are handed to another interface (`fwd`, `dup` of the netdev family). */
  readonly service: 'address-translation' | 'bridge'
  /** Family, table, chain, and what it does: `ip nat postrouting: masquerade`. */
  readonly detail: RawText
  /** The table's name alone, to leave out one's own. */
  readonly table: RawText
}

const families: Readonly<Record<number, string>> = {
  1: 'inet',
  2: 'ip',
  3: 'arp',
  5: 'netdev',
  7: 'bridge',
  10: 'ip6',
}
/** Targets of xtables that alter addresses. */
const translatingTargets = new Set(['MASQUERADE', 'SNAT', 'DNAT', 'REDIRECT', 'NETMAP', 'TPROXY'])

/** Reads one NFT_MSG_NEWRULE; null for a rule that neither alters an address nor passes anything on. */
export function parseAlteringRule(message: Buffer): AlteringRule | null {
  const attributes = attributeMap(message, headerBytes)
  const expressions = attributes.get(NFTA_RULE_EXPRESSIONS)
  const [table, chain] = [wordOf(attributes.get(NFTA_RULE_TABLE)), wordOf(attributes.get(NFTA_RULE_CHAIN))]
  if (expressions === undefined || table === null || chain === null) return null
  const family = families[message[0] ?? 0] ?? 'other'
  const done = deedIn(expressions, family)
  if (done === null) return null
  return {
    service: done.service,
    detail: joinRaw(`${family} `, table, ' ', chain, `: ${done.words}`),
    table,
  }
}

interface Deed {
  readonly service: AlteringRule['service']
  readonly words: string
}

function deedIn(expressions: Buffer, family: string): Deed | null {
  const registers = new Map<number, Buffer>()
  for (const [, element] of attributesIn(expressions)) {
    const parts = attributeMap(element)
    const name = latin1Of(parts.get(NFTA_EXPR_NAME))
    const data = attributeMap(parts.get(NFTA_EXPR_DATA) ?? Buffer.alloc(0))
    if (name === 'immediate') keepImmediate(registers, data)
    const words = wordsOf(name, data, registers)
    if (words !== null) return { service: 'address-translation', words }
    if (family === 'netdev' && (name === 'fwd' || name === 'dup')) return { service: 'bridge', words: name }
  }
  return null
}

function wordsOf(
  name: string,
  data: ReadonlyMap<number, Buffer>,
  registers: ReadonlyMap<number, Buffer>,
): string | null {
  if (name === 'masq') return 'masquerade'
  if (name === 'redir') return 'redirect'
  if (name === 'tproxy') return 'tproxy'
  if (name === 'nat') {
    const address = registers.get(numberIn(data.get(NFTA_NAT_REG_ADDR_MIN)))
    const kind = numberIn(data.get(NFTA_NAT_TYPE)) === 0 ? 'snat' : 'dnat'
    const isAddress = address?.length === 4 || address?.length === 16
    return isAddress ? `${kind} to ${formatAddress(fromBytes(address))}` : kind
  }
  const target = latin1Of(data.get(NFTA_TARGET_NAME))
  return name === 'target' && translatingTargets.has(target) ? target : null
}

function keepImmediate(registers: Map<number, Buffer>, data: ReadonlyMap<number, Buffer>): void {
  const value = attributeMap(data.get(NFTA_IMMEDIATE_DATA) ?? Buffer.alloc(0)).get(NFTA_DATA_VALUE)
  if (value !== undefined) registers.set(numberIn(data.get(NFTA_IMMEDIATE_DREG)), value)
}

function numberIn(value: Buffer | undefined): number {
  return value?.length === 4 ? value.readUInt32BE(0) : 0
}

function latin1Of(value: Buffer | undefined): string {
  const text = value?.toString('latin1') ?? ''
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

function wordOf(value: Buffer | undefined): RawText | null {
  return value === undefined ? null : rawOfLatin1(latin1Of(value))
}

/**
 * What a network record proves, as evidence has it: fields out of the picture beside it, and `found` with everything.
 * Pure; texts that a network named stay as they are.
 */
import {
  type ConditionCode,
  type Confidence,
  type EvidenceOf,
  type FactNamed,
  type Flow,
  type NetworkInterface,
  type Picture,
  type Program,
  type RawText,
  type Record,
  rawTextKey,
  type Trace,
} from '@shoukou/protocol'
import { outcomeOf } from './insertion-rules.ts'

export type Found = NonNullable<EvidenceOf<'internet-connection'>['found']>

/** A list of violations is read with its evidence: a picture in it is cut to what a person looks at. The record has it whole. */
const itemsMax = 32
const addressesMax = 64

interface Told {
  readonly condition?: ConditionCode
  readonly confidence?: Confidence | null
  readonly rule?: string | null
  readonly text?: RawText | null
  readonly expected?: RawText | null
  readonly program?: Program | null
  readonly flows?: readonly Flow[]
  readonly traces?: readonly Trace[]
  readonly picture?: Picture | null
}

/** Returns everything that the record tells; what the agent did is its own word. */
export function foundIn({ decision }: Pick<Record, 'decision'>, told: Told): Found {
  const { outcome, wouldBlock } = outcomeOf(decision)
  const { picture = null } = told
  return {
    condition: told.condition ?? null,
    confidence: told.confidence ?? null,
    rule: (told.rule ?? decision?.rule ?? null)?.slice(0, 200) ?? null,
    outcome,
    wouldBlock,
    text: told.text ?? null,
    expected: told.expected ?? null,
    program: told.program ?? null,
    flows: [...(told.flows ?? [])],
    traces: [...(told.traces ?? [])],
    picture: picture === null ? null : shortened(picture),
  }
}

/** As `foundIn`, for a condition. */
export function foundOf(record: Pick<Record, 'decision'>, fact: FactNamed<'network.condition'>): Found {
  const { condition, confidence, text, expected, program, picture } = fact
  return foundIn(record, { condition, confidence, text, expected, program, picture })
}

/** The routers that lead off an interface; of all interfaces where none is named. */
export function gatewaysOf(picture: Picture | null, index: number | null): string[] {
  const routes = picture?.routes.filter(
    (route) => route.prefixLength === 0 && (index === null || route.interfaceIndex === index),
  )
  return distinct((routes ?? []).flatMap(({ gateway }) => (gateway === null ? [] : [gateway])))
}

/** The name servers in use, and those that the interface's lease brought. */
export function dnsServersOf(picture: Picture | null, adapter: NetworkInterface | null): string[] {
  if (picture === null) return []
  const leased = picture.leases.filter(
    ({ interfaceName }) =>
      adapter !== null && interfaceName !== null && rawTextKey(interfaceName) === rawTextKey(adapter.name),
  )
  return distinct([...picture.dnsServers, ...leased.flatMap(({ dnsServers }) => dnsServers)])
}

/** The networks that an interface has an address in. */
export function prefixesOf(adapter: NetworkInterface | null): string[] {
  return distinct((adapter?.addresses ?? []).map(({ address, prefixLength }) => `${address}/${prefixLength}`))
}

/** The MAC that answers for the first router of an interface; null where it is not known. */
export function gatewayMacOf(picture: Picture | null, index: number | null): string | null {
  const gateways = gatewaysOf(picture, index)
  const known = picture?.neighbours.find(
    (one) => gateways.includes(one.address) && (index === null || one.interfaceIndex === index),
  )
  return known?.mac ?? null
}

/** What nl80211 tells of an interface; null where it is not wireless. */
export function wirelessOf(
  picture: Picture | null,
  index: number | null,
): Picture['wireless'][number] | null {
  return picture?.wireless.find(({ interfaceIndex }) => interfaceIndex === index) ?? null
}

/** The interface that a flow names, or whose address it came from; null where neither is told. */
export function interfaceOf(picture: Picture | null, flow: Flow): NetworkInterface | null {
  if (picture === null) return null
  const { interface: name, local } = flow
  if (name !== null) {
    const key = rawTextKey(name)
    return picture.interfaces.find((one) => rawTextKey(one.name) === key) ?? null
  }
  const has = (one: NetworkInterface): boolean =>
    one.addresses.some(({ address }) => address === local?.address)
  return local === null ? null : (picture.interfaces.find(has) ?? null)
}

function shortened(picture: Picture): Picture {
  const lists = ['routes', 'neighbours', 'rules', 'sockets'] as const
  const left = lists.reduce((sum, list) => sum + Math.max(0, picture[list].length - itemsMax), 0)
  return {
    ...picture,
    interfaces: picture.interfaces.slice(0, itemsMax).map((one) => ({
      ...one,
      addresses: one.addresses.slice(0, itemsMax),
    })),
    routes: picture.routes.slice(0, itemsMax),
    neighbours: picture.neighbours.slice(0, itemsMax),
    rules: picture.rules.slice(0, itemsMax),
    sockets: picture.sockets.slice(0, itemsMax),
    omitted: picture.omitted + left + Math.max(0, picture.interfaces.length - itemsMax),
  }
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].slice(0, addressesMax)
}

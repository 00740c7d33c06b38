/** The named sets of the packet tables, their elements, and the matches that ask them. Pure. */
import type { ApprovedListener } from '@shoukou/protocol'
import {
  type ApprovedBoxes,
  type Box,
  type FamilyBoxes,
  LAYERS_MAX,
  listenerBoxes,
} from './approved-boxes.ts'
import { portsText, prefixText } from './nft-text.ts'

const families = [
  { family: 'ipv4', word: 'ip' },
  { family: 'ipv6', word: 'ip6' },
] as const
/** Elements in one command: a line of nft(8) has its bounds. */
const elementsPerLine = 256

/** Declares the sets of approved destinations, and empties them. */
export function approvedSets(table: string): string[] {
  return families.flatMap(({ family }) => [
    ...set(table, `any_${family}`, `${family}_addr`),
    ...set(table, `protocol_${family}`, `inet_proto . ${family}_addr`),
    ...layerSets(table, `ports_${family}`, family),
    ...set(table, `servers_${family}`, `${family}_addr . inet_service`),
  ])
}

/** Fills them. */
export function approvedElements(table: string, boxes: ApprovedBoxes): string[] {
  return families.flatMap(({ family }) => {
    const { any, byProtocol, layers, udpServers } = boxes[family]
    return [
      ...fill(table, `any_${family}`, any.map(prefixText)),
      ...fill(
        table,
        `protocol_${family}`,
        byProtocol.map(({ protocol, prefix }) => `${protocol} . ${prefixText(prefix)}`),
      ),
      ...layerElements(table, `ports_${family}`, layers),
      ...fill(
        table,
        `servers_${family}`,
        udpServers.map((box) => `${prefixText(box.prefix)} . ${portsText(box)}`),
      ),
    ]
  })
}

/** Declares and fills the sets of those who may connect to this computer. */
export function listenerSets(table: string, listeners: readonly ApprovedListener[]): string[] {
  return families.flatMap(({ family }) => [
    ...layerSets(table, `listen_${family}`, family),
    ...layerElements(table, `listen_${family}`, listenerBoxes(listeners, family).layers),
  ])
}

/** Matches packets whose `address` and `port` are of an approved destination. */
export function approvedRules(
  boxes: ApprovedBoxes,
  address: 'saddr' | 'daddr',
  port: 'sport' | 'dport',
): string[] {
  return families.flatMap(({ family, word }) => {
    const { any, byProtocol } = boxes[family]
    return [
      ...(any.length > 0 ? [`${word} ${address} @any_${family}`] : []),
      ...(byProtocol.length > 0 ? [`meta l4proto . ${word} ${address} @protocol_${family}`] : []),
      ...layerMatches({ boxes: boxes[family], word, name: `ports_${family}`, address, port }),
    ]
  })
}

/** Matches packets of those who may connect: towards this computer, or, turned round, answers to them. */
export function listenerRules(
  listeners: readonly ApprovedListener[],
  address: 'saddr' | 'daddr',
  port: 'sport' | 'dport',
): string[] {
  return families.flatMap(({ family, word }) =>
    layerMatches({ boxes: listenerBoxes(listeners, family), word, name: `listen_${family}`, address, port }),
  )
}

/** Matches answers of servers that have one known UDP port. */
export function serverRules(boxes: ApprovedBoxes): string[] {
  return families.flatMap(({ family, word }) =>
    boxes[family].udpServers.length > 0
      ? [`meta l4proto 17 ${word} saddr . udp sport @servers_${family}`]
      : [],
  )
}

interface LayerQuestion {
  readonly boxes: Pick<FamilyBoxes, 'layers' | 'single'>
  readonly word: 'ip' | 'ip6'
  readonly name: string
  readonly address: 'saddr' | 'daddr'
  readonly port: 'sport' | 'dport'
}

function layerMatches({ boxes, word, name, address, port }: LayerQuestion): string[] {
  return [
    ...boxes.layers.map((_, layer) => `meta l4proto . ${word} ${address} . th ${port} @${name}_${layer}`),
    ...boxes.single.map(
      (box) =>
        `meta l4proto ${box.protocol} ${word} ${address} ${prefixText(box.prefix)} th ${port} ${portsText(box)}`,
    ),
  ]
}

function layerSets(table: string, name: string, family: string): string[] {
  return Array.from({ length: LAYERS_MAX }, (_, layer) =>
    set(table, `${name}_${layer}`, `inet_proto . ${family}_addr . inet_service`),
  ).flat()
}

function layerElements(table: string, name: string, layers: readonly (readonly Box[])[]): string[] {
  return layers.flatMap((layer, number) =>
    fill(
      table,
      `${name}_${number}`,
      layer.map((box) => `${box.protocol} . ${prefixText(box.prefix)} . ${portsText(box)}`),
    ),
  )
}

function set(table: string, name: string, type: string): string[] {
  return [`add set ${table} ${name} { type ${type}; flags interval; }`, `flush set ${table} ${name}`]
}

function fill(table: string, name: string, elements: readonly string[]): string[] {
  const lines: string[] = []
  for (let at = 0; at < elements.length; at += elementsPerLine) {
    const part = elements.slice(at, at + elementsPerLine).join(', ')
    lines.push(`add element ${table} ${name} { ${part} }`)
  }
  return lines
}

/**
 * Approved destinations as sets that nf_tables can hold: no two elements of one set overlap, which its interval sets
 * refuse. Pure.
 */
import {
  type ApprovedListener,
  covers,
  type Destination,
  PROTOCOL_NUMBERS,
  type Prefix,
  parsePrefix,
} from '@shoukou/protocol'

/** A prefix, one protocol, a span of ports. */
export interface Box {
  readonly prefix: Prefix
  readonly protocol: number
  readonly firstPort: number
  readonly lastPort: number
}

/** One address family's part. */
export interface FamilyBoxes {
  /** Everything towards these is approved. */
  readonly any: readonly Prefix[]
  /** All of one protocol; its ports do not matter. */
  readonly byProtocol: readonly Box[]
  /** Protocol and ports, in layers: within one layer nothing overlaps. */
  readonly layers: readonly (readonly Box[])[]
  /** What found no layer: written as rules, one by one. */
  readonly single: readonly Box[]
  /** Servers at one UDP port (DNS, DHCP, time): what comes from there is an answer, whether or not the question was seen. */
  readonly udpServers: readonly Box[]
}

export interface ApprovedBoxes {
  readonly ipv4: FamilyBoxes
  readonly ipv6: FamilyBoxes
  /** Something but loopback may be reached: then the link needs ARP, neighbour discovery and the like. */
  readonly needsLink: boolean
}

/** Policies overlap twofold at most, as a rule; each layer costs a lookup for each packet. */
export const LAYERS_MAX = 4
const portMax = 65_535

/** Sorts what is approved into sets. */
export function boxesOf(approved: readonly Destination[]): ApprovedBoxes {
  const ofFamily = (family: 'ipv4' | 'ipv6'): FamilyBoxes =>
    familyBoxes(approved.filter(({ prefix }) => prefix.family === family))
  return {
    ipv4: ofFamily('ipv4'),
    ipv6: ofFamily('ipv6'),
    needsLink: approved.some(({ rule }) => rule !== 'loopback'),
  }
}

/** Sorts who may connect to this computer into layers, by protocol, their address and our port. */
export function listenerBoxes(
  listeners: readonly ApprovedListener[],
  family: 'ipv4' | 'ipv6',
): Pick<FamilyBoxes, 'layers' | 'single'> {
  const boxes = listeners.flatMap(({ prefix: text, protocol, ports }): Box[] => {
    const prefix = parsePrefix(text)
    if (prefix?.family !== family) return []
    return [{ prefix, protocol: PROTOCOL_NUMBERS[protocol], firstPort: ports.first, lastPort: ports.last }]
  })
  return layered(boxes)
}

function familyBoxes(approved: readonly Destination[]): FamilyBoxes {
  const isAny = (one: Destination): boolean => one.protocol === null && hasAllPorts(one)
  const any = outermost(approved.filter(isAny).map(({ prefix }) => prefix))
  const boxes = approved
    .filter((one) => !isAny(one) && !any.some((prefix) => covers(prefix, one.prefix)))
    .flatMap((one): Box[] => protocolsOf(one).map((protocol) => ({ ...one, protocol })))
  const byProtocol = uncovered(boxes.filter(hasAllPorts))
  const byPort = boxes.filter((box) => !byProtocol.some((wide) => isWithin(box, wide)))
  const udpServers = byPort.filter(
    ({ protocol, firstPort, lastPort }) => protocol === PROTOCOL_NUMBERS.udp && firstPort === lastPort,
  )
  return { any, byProtocol, ...layered(byPort), udpServers: uncovered(udpServers) }
}

/** A span of ports without a protocol means those protocols that have any. */
function protocolsOf({ protocol }: Destination): readonly number[] {
  const { tcp, udp, sctp } = PROTOCOL_NUMBERS
  return protocol === null ? [tcp, udp, sctp] : [protocol]
}

function layered(boxes: readonly Box[]): Pick<FamilyBoxes, 'layers' | 'single'> {
  const layers: Box[][] = []
  const single: Box[] = []
  for (const box of uncovered(boxes)) {
    const free = layers.find((layer) => !layer.some((other) => overlaps(box, other)))
    if (free !== undefined) free.push(box)
    else if (layers.length < LAYERS_MAX) layers.push([box])
    else single.push(box)
  }
  return { layers, single }
}

function outermost(prefixes: readonly Prefix[]): Prefix[] {
  const kept: Prefix[] = []
  for (const prefix of prefixes.toSorted((a, b) => a.length - b.length)) {
    if (!kept.some((wider) => covers(wider, prefix))) kept.push(prefix)
  }
  return kept
}

function uncovered(boxes: readonly Box[]): Box[] {
  const kept: Box[] = []
  for (const box of boxes.toSorted((a, b) => a.prefix.length - b.prefix.length || spanOf(b) - spanOf(a))) {
    if (!kept.some((wider) => isWithin(box, wider))) kept.push(box)
  }
  return kept
}

function isWithin(inner: Box, outer: Box): boolean {
  if (inner.protocol !== outer.protocol || !covers(outer.prefix, inner.prefix)) return false
  return outer.firstPort <= inner.firstPort && inner.lastPort <= outer.lastPort
}

function overlaps(a: Box, b: Box): boolean {
  if (a.protocol !== b.protocol || a.firstPort > b.lastPort || b.firstPort > a.lastPort) return false
  return covers(a.prefix, b.prefix) || covers(b.prefix, a.prefix)
}

function spanOf({ firstPort, lastPort }: Box): number {
  return lastPort - firstPort
}

function hasAllPorts({ firstPort, lastPort }: Pick<Box, 'firstPort' | 'lastPort'>): boolean {
  return firstPort === 0 && lastPort === portMax
}

/** The one line of a record of the network: what is so, of whom, and how often. Pure. */
import type { Fact } from '@shoukou/protocol/events/facts.ts'
import type { Flow, Peer, Program } from '@shoukou/protocol/network/shapes.ts'
import { code, counted, raw, type SummaryPart, words } from './summary-parts.ts'

export type NetworkCountedKey =
  | 'fact.count.interfaces'
  | 'fact.count.up'
  | 'fact.count.differences'
  | 'fact.count.connections'
  | 'fact.count.refused'
  | 'fact.count.counted'
  | 'fact.count.prohibited'
  | 'fact.count.lost'
  | 'fact.count.traces'
  | 'fact.count.steps-failed'

type NetworkFact = Extract<
  Fact,
  {
    kind:
      | 'network.picture'
      | 'network.changed-while-away'
      | 'network.condition'
      | 'network.connections'
      | 'network.counted'
      | 'network.hardware'
      | 'network.acted'
      | 'network.traces'
      | 'network.probed'
      | 'control.tampered'
  }
>

const networkKinds: ReadonlySet<Fact['kind']> = new Set<NetworkFact['kind']>([
  'network.picture',
  'network.changed-while-away',
  'network.condition',
  'network.connections',
  'network.counted',
  'network.hardware',
  'network.acted',
  'network.traces',
  'network.probed',
  'control.tampered',
])

/** Reports whether a fact is one of the network beyond its interfaces and routes. */
export function isNetworkFact(fact: Fact): fact is NetworkFact {
  return networkKinds.has(fact.kind)
}

/** Returns the few values by which people know one fact of the network from another. */
export function summarizeNetworkFact(fact: NetworkFact): SummaryPart[] {
  switch (fact.kind) {
    case 'network.picture': {
      const outward = fact.picture.interfaces.filter((one) => one.nature !== 'loopback')
      return [
        words(`value.cause.${fact.cause}`, fact.cause),
        counted('fact.count.interfaces', outward.length),
        counted('fact.count.up', outward.filter((one) => one.hasCarrier).length),
      ]
    }
    case 'network.changed-while-away':
      return [
        counted('fact.count.differences', fact.differences.length + fact.omitted),
        ...fact.differences.slice(0, 2).map(({ what }) => words(`value.what.${what}`, what)),
      ]
    case 'network.condition':
      return [
        words(`value.condition.${fact.condition}`, fact.condition),
        words(`value.state.${fact.state}`),
        ...raw(fact.interface?.name ?? null),
        ...peerOf(fact.peer),
        ...raw(fact.text),
        ...programOf(fact.program),
        ...(fact.state === 'began' ? [words(`value.confidence.${fact.confidence}`)] : []),
      ]
    case 'network.connections':
      return [...programOf(fact.program), ...flowsOf(fact.flows)]
    case 'network.counted': {
      const { counted: all, prohibited, lost } = fact.totals
      return [
        words(`value.net.${fact.net}`),
        counted('fact.count.counted', all),
        counted('fact.count.prohibited', prohibited),
        ...(lost === 0 ? [] : [counted('fact.count.lost', lost)]),
      ]
    }
    case 'network.hardware':
      return [
        words(`value.change.${fact.change}`),
        words(`value.kind.${fact.hardware.kind}`),
        ...raw(fact.hardware.model),
        words(`value.state.${fact.hardware.state}`),
      ]
    case 'network.acted': {
      const failed = fact.steps.filter((one) => one.result === 'failed').length
      return [
        words(`value.act.${fact.act}`),
        words(`value.cause.${fact.cause}`, fact.cause),
        ...raw(fact.interface?.name ?? null),
        ...(failed === 0 ? [] : [counted('fact.count.steps-failed', failed)]),
      ]
    }
    case 'network.traces':
      return [
        words(`value.cause.${fact.cause}`, fact.cause),
        counted('fact.count.traces', fact.traces.length),
        ...fact.traces.slice(0, 1).flatMap((one) => [words(`value.trace.${one.kind}`), ...raw(one.text)]),
      ]
    case 'network.probed':
      return [...peerOf(fact.target), words(`value.result.${fact.result}`)]
    case 'control.tampered':
      return [
        words(`value.group.${fact.group}`),
        words(`value.layer.${fact.layer}`, fact.layer),
        words(`value.what.${fact.what}`, fact.what),
        words(fact.isRestored ? 'tampered.restored' : 'tampered.not-restored'),
      ]
  }
}

function programOf(program: Program | null): SummaryPart[] {
  return program === null ? [] : raw(program.path ?? program.name)
}

function peerOf(peer: Peer | null): SummaryPart[] {
  return peer === null ? [] : [code(peerText(peer))]
}

function flowsOf(flows: readonly Flow[]): SummaryPart[] {
  const all = flows.reduce((sum, one) => sum + one.count, 0)
  const refused = flows.reduce((sum, one) => sum + one.refused, 0)
  const first = flows.find((one) => one.peer !== null)
  return [
    ...(first === undefined ? [] : [code('→'), ...peerOf(first.peer)]),
    ...(flows.length > 1 ? [code('…')] : []),
    counted('fact.count.connections', all),
    ...(refused === 0 ? [] : [counted('fact.count.refused', refused)]),
    ...flows.slice(0, 1).map((one) => words(`rule.${one.rule}`, one.rule)),
  ]
}

/** Writes one end of a connection; an IPv6 address with a port stands in brackets (RFC 3986). */
export function peerText({ address, port }: Peer): string {
  if (port === null) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/**
 * What a condition of the network means: violations 1, 2, 4, 6-9, 11 and 13. Pure.
 *
 * The agent says what is so and whether its policy allows it; here stands what it is called. A tunnel is named by where it
 * leads: to a public address it is the Internet, else a network that is not classified. A packet socket and a routing
 * rule accuse nobody: what goes out by them is told by itself.
 */
import {
  type EvidenceOf,
  type FactNamed,
  type NetworkInterface,
  type Picture,
  type RawText,
  rawTextKey,
} from '@shoukou/protocol'
import { type LinkViolation, subjectOfCondition, violationOfCondition } from './condition-meanings.ts'
import type { JudgeContext, Judgement, RecordOf } from './judgement.ts'
import { dnsServersOf, foundOf, gatewayMacOf, gatewaysOf, prefixesOf, wirelessOf } from './network-proof.ts'
import { tetherEvidence } from './tether-evidence.ts'

type Condition = FactNamed<'network.condition'>
type ConditionRecord = RecordOf<'network.condition'>

export function judgeCondition(record: ConditionRecord, { story = null }: JudgeContext): Judgement[] {
  const { fact, decision } = record
  if (fact.state !== 'began' || decision?.would === 'allow' || wasToldBefore(record)) return []
  const judgement = wordCondition(record, story)
  if (judgement === null) return []
  return [{ ...judgement, incident: { kind: 'lasting', subject: subjectOfCondition(fact) } }]
}

/**
 * What an earlier run told of was judged then; what was so at enrolment is the computer's own, unless the agent says that
 * even enrolment can't make it that: a way out stays a way out.
 */
function wasToldBefore({ fact, decision }: ConditionRecord): boolean {
  return fact.origin === 'still-present' || (fact.origin === 'baseline' && decision?.would !== 'block')
}

function wordCondition(record: ConditionRecord, story: JudgeContext['story']): Judgement | null {
  const { fact } = record
  const { interface: adapter, picture } = fact
  const index = adapter?.index ?? null
  const since = fact.sinceWallMs ?? record.wallMs
  const found = foundOf(record, fact)
  const type = violationOfCondition(fact)
  switch (type) {
    case 'internet-connection':
      return {
        type,
        evidence: {
          interface: adapter,
          gateways: gatewaysOf(picture, index),
          dnsServers: dnsServersOf(picture, adapter),
          peer: fact.peer,
          startedAtMs: since,
          endedAtMs: null,
          confidence: fact.confidence,
          found,
        },
      }
    case 'nonclassified-network-connection':
      return {
        type,
        evidence: {
          interface: adapter,
          ssid: wirelessOf(picture, index)?.ssid ?? null,
          prefixes: prefixesOf(adapter),
          gatewayMac:
            fact.condition === 'unapproved-gateway' ? gatewayMac(fact, index) : gatewayMacOf(picture, index),
          startedAtMs: since,
          durationMs: null,
          found,
        },
      }
    case 'dual-homing': {
      const interfaces = liveOf(fact)
      // Without any interface there is nothing to accuse: the agent told less than it must.
      if (interfaces.length === 0) return null
      return {
        type,
        evidence: {
          interfaces,
          routes: (picture?.routes ?? []).filter(({ prefixLength }) => prefixLength === 0),
          overlapMs: null,
          found,
        },
      }
    }
    case 'connection-sharing':
      return sharing(fact, found)
    case 'network-config-drift':
      return drift(fact, found)
    case 'wireless-link-up':
    case 'bluetooth-enabled':
    case 'modem-or-cellular-dialup':
    case 'phone-tethering':
      return wordLink(record, { type, since, found, story })
    case null:
      return null
  }
}

/** Violations that are about the interface itself. */
function wordLink(
  { fact }: ConditionRecord,
  told: {
    readonly type: LinkViolation
    readonly since: number
    readonly found: ReturnType<typeof foundOf>
    readonly story: JudgeContext['story']
  },
): Judgement | null {
  const { interface: adapter, picture } = fact
  const { type, since, found, story } = told
  switch (type) {
    case 'wireless-link-up': {
      // Without its interface there is nothing to accuse: the agent told less than it must.
      if (adapter === null) return null
      const wireless = wirelessOf(picture, adapter.index)
      return {
        type,
        evidence: {
          interface: adapter,
          ssid: wireless?.ssid ?? fact.text,
          bssid: wireless?.bssid ?? fact.peerMac,
          associatedAtMs: since,
          found,
        },
      }
    }
    case 'bluetooth-enabled':
      return {
        type,
        evidence: { device: busDeviceOfLink(adapter), isPowered: true, pairedNames: [], found },
      }
    case 'modem-or-cellular-dialup':
      return {
        type,
        evidence: {
          device: busDeviceOfLink(adapter),
          interface: adapter,
          link: fact.condition === 'ppp-up' ? 'ppp' : 'wwan',
          logLines: [],
          startedAtMs: since,
          endedAtMs: null,
          found,
        },
      }
    case 'phone-tethering':
      return {
        type,
        evidence: {
          ...tetherEvidence(adapter, story?.device ?? null),
          interface: adapter,
          durationMs: null,
          found,
        },
      }
  }
}

function sharing(fact: Condition, found: ReturnType<typeof foundOf>): Judgement {
  const { condition, interface: adapter, program } = fact
  const service =
    condition === 'access-point' ? 'hotspot' : condition === 'proxy-listening' ? 'proxy' : 'forwarding'
  return {
    type: 'connection-sharing',
    evidence: {
      service,
      interface: adapter,
      process: program === null ? null : { pid: null, name: program.name, path: program.path },
      port: service === 'proxy' ? proxyPort(fact) : null,
      clients: service === 'hotspot' ? stationsOf(fact) : [],
      found,
    },
  }
}

/** Evidence bounds an address; one that is longer is no 802.11 station's, and stays in the picture. */
function stationsOf({ interface: adapter, picture }: Condition): string[] {
  const stations = wirelessOf(picture, adapter?.index ?? null)?.stations ?? []
  return stations.filter((mac) => mac.length <= 64)
}

/** The proof lists what passes traffic on, each with its port; the finding names one of them by its text. */
function proxyPort({ picture, text }: Condition): number | null {
  const key = text === null ? null : rawTextKey(text)
  const one = picture?.sharing.find(
    ({ service, detail }) => service === 'proxy' && rawTextKey(detail) === key,
  )
  return one?.port ?? null
}

function drift(fact: Condition, found: ReturnType<typeof foundOf>): Judgement {
  const { interface: adapter, expected } = fact
  return {
    type: 'network-config-drift',
    evidence: {
      interfaceName: adapter?.name ?? '',
      differences: [
        {
          ...driftedOf(fact),
          registered: plain(expected),
        },
      ],
      account: found.picture?.sessionAccount ?? null,
      found,
    },
  }
}

type Difference = EvidenceOf<'network-config-drift'>['differences'][number]

function driftedOf({
  condition,
  interface: adapter,
  peerMac,
  peer,
}: Condition): Pick<Difference, 'field' | 'observed'> {
  const address = peer?.address ?? null
  if (condition === 'unapproved-dns') return { field: 'dns', observed: address }
  if (condition === 'gateway-mac-differs') return { field: 'gateway', observed: peerMac ?? address }
  return { field: 'mac', observed: adapter?.mac ?? null }
}

/** The links that are up together; where the agent names none, those that a default route leads over. */
function liveOf({ interface: adapter, others, picture }: Condition): NetworkInterface[] {
  const named = [...(adapter === null ? [] : [adapter]), ...others]
  const all = named.length >= 2 ? named : [...named, ...routedIn(picture)]
  const byIndex = new Map(all.map((one) => [one.index, one]))
  return [...byIndex.values()].slice(0, 16)
}

function routedIn(picture: Picture | null): NetworkInterface[] {
  if (picture === null) return []
  const routed = new Set(
    picture.routes.flatMap(({ prefixLength, interfaceIndex }) =>
      prefixLength === 0 ? [interfaceIndex] : [],
    ),
  )
  return picture.interfaces.filter(({ index }) => routed.has(index))
}

function gatewayMac({ peerMac, picture }: Condition, index: number | null): string | null {
  return peerMac ?? gatewayMacOf(picture, index)
}

/** The bus is all that an interface tells of its device. */
export function busDeviceOfLink(adapter: NetworkInterface | null): {
  busPath: RawText | null
  vendorId: null
  productId: null
  serial: null
  model: null
} {
  return { busPath: adapter?.busPath ?? null, vendorId: null, productId: null, serial: null, model: null }
}

/** Evidence has addresses as plain text; what is none stays in `found`. */
function plain(text: RawText | null): string | null {
  return typeof text === 'string' && text.length <= 64 ? text : null
}

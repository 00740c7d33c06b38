/**
 * What was so while nobody looked: traces that the system itself keeps (`nonclassified-network-connection`), and network
 * parameters that are others than before (`network-config-drift`). Pure.
 *
 * Only a trace that is certain accuses, and only where policy tells that it was not the unit's own network. What was
 * before enrolment is shown, and accuses nobody.
 */
import {
  type FactNamed,
  type Policy,
  type RawText,
  rawTextKey,
  showRawText,
  type Trace,
} from '@shoukou/protocol'
import {
  type Address,
  contains,
  kindOf,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol/network/addresses.ts'
import { subjectOfName } from './incident-subjects.ts'
import type { Judgement, RecordOf } from './judgement.ts'
import { foundIn } from './network-proof.ts'

export function judgeTraces(record: RecordOf<'network.traces'>, policy: Policy): Judgement[] {
  const { fact, wallMs } = record
  if (fact.cause === 'enrolment') return []
  const traces = fact.traces.filter((trace) => isForbiddenTrace(trace, policy))
  const [first] = traces
  if (first === undefined) return []
  const times = traces.flatMap((trace) => (trace.firstWallMs === null ? [] : [trace.firstWallMs]))
  const ends = traces.flatMap((trace) => (trace.lastWallMs === null ? [] : [trace.lastWallMs]))
  const startedAtMs = times.length === 0 ? wallMs : Math.min(...times)
  return [
    {
      type: 'nonclassified-network-connection',
      evidence: {
        interface: null,
        ssid: traces.find(({ kind }) => kind === 'wifi-association')?.text ?? null,
        prefixes: [],
        gatewayMac: null,
        startedAtMs,
        durationMs:
          ends.length === 0 || times.length === 0 ? null : Math.max(0, Math.max(...ends) - startedAtMs),
        found: foundIn(record, { confidence: 'link-up', text: first.text, traces }),
      },
    },
  ]
}

/** A radio and a telephone line are nobody's approved network; of the others, whoever was at the other end decides. */
function isForbiddenTrace({ kind, certainty, peer, interfaceName }: Trace, policy: Policy): boolean {
  if (certainty !== 'certain') return false
  switch (kind) {
    case 'wifi-association':
    case 'ppp-session':
    case 'modem':
      return true
    case 'dhcp-lease':
    case 'remote-login':
      return policy.settings.networkMode === 'standalone'
        ? peer !== null || kind === 'dhcp-lease'
        : isForeign(peer, policy)
    case 'link-up':
      // No cable may ever have been in it, also where the adapter is its own.
      return policy.settings.networkMode === 'standalone' && interfaceName !== 'lo'
    // Something was there, or was set up: no connection.
    case 'wifi-profile':
    case 'wifi-seen':
    case 'connection-profile':
    case 'usb-network-device':
    case 'bluetooth-paired':
    case 'vpn-profile':
      return false
  }
}

function isForeign(text: string | null, policy: Policy): boolean {
  const address = text === null ? null : parseAddress(text.split('%', 1)[0] ?? '')
  if (address === null) return false
  return !isOwnAddress(address, policy)
}

/** Without rules, as in the kernel: private addresses are the unit's own, for nothing else can be told. */
function isOwnAddress(address: Address, { settings }: Policy): boolean {
  const kind = kindOf(address)
  if (kind === 'loopback' || kind === 'link-local' || kind === 'unspecified') return true
  const rules = settings.network
  if (rules === undefined || rules.prefixes.length === 0) return kind === 'private'
  const servers = [...rules.dhcpServers, ...rules.dnsServers, ...rules.gateways.map((one) => one.address)]
  return (
    rules.prefixes.some((text) => {
      const prefix = parsePrefix(text)
      return prefix !== null && contains(prefix, address)
    }) || servers.some((text) => isSameAddress(text, address))
  )
}

function isSameAddress(text: string, address: Address): boolean {
  const other = parseAddress(text)
  return (
    other !== null &&
    other.family === address.family &&
    other.bytes.every((byte, at) => byte === address.bytes[at])
  )
}

type Difference = FactNamed<'network.changed-while-away'>['differences'][number]
type Drift = Extract<Judgement, { type: 'network-config-drift' }>['evidence']['differences'][number]

const differencesMax = 64

/** One violation for each known adapter: an adapter that the policy does not know is a violation by itself. */
export function judgeChangedAway(
  record: RecordOf<'network.changed-while-away'>,
  policy: Policy,
): Judgement[] {
  const byName = Map.groupBy(
    record.fact.differences.filter(
      ({ interfaceName }) => interfaceName === null || isOwn(interfaceName, policy),
    ),
    ({ interfaceName }) => (interfaceName === null ? '' : rawTextKey(interfaceName)),
  )
  return [...byName.values()].flatMap((differences): Judgement[] => {
    const name = differences[0]?.interfaceName ?? null
    const drifts = differences.flatMap((one) => driftOf(one, policy)).slice(0, differencesMax)
    if (drifts.length === 0) return []
    return [
      {
        type: 'network-config-drift',
        evidence: {
          interfaceName: name ?? '',
          differences: drifts,
          account: null,
          found: foundIn(record, {
            text: differences[0]?.after ?? null,
            expected: differences[0]?.before ?? null,
          }),
        },
        incident: { kind: 'lasting', subject: subjectOfName(name) },
      },
    ]
  })
}

/** What came in a register's place; what went away is no drift. */
function driftOf({ what, after, interfaceName }: Difference, policy: Policy): Drift[] {
  if (after === null) return []
  const observed = showRawText(after).slice(0, 64)
  const { approvedInterfaces, network } = policy.settings
  if (what === 'mac') {
    const own = policy.baseline.interfaces.filter((one) => isSameName(one.name, interfaceName))
    const known = [...approvedInterfaces.map(({ mac }) => mac), ...own.map(({ mac }) => mac)]
    return known.includes(observed) ? [] : [{ field: 'mac', registered: own[0]?.mac ?? null, observed }]
  }
  if (network === undefined) return []
  // Words of the system may have a length or a port behind the address.
  const address = parseAddress(observed.split(/[/%\s]/, 1)[0] ?? '')
  if (address === null) return []
  if (what === 'gateway') {
    const isKnown = network.gateways.some((one) => isSameAddress(one.address, address))
    if (isKnown || network.gateways.length === 0) return []
    return [{ field: 'gateway', registered: network.gateways[0]?.address ?? null, observed }]
  }
  if (what !== 'address' || network.prefixes.length === 0 || isOwnAddress(address, policy)) return []
  return [{ field: 'address', registered: network.prefixes[0] ?? null, observed }]
}

/** An adapter of the computer itself, by its name at enrolment. */
function isOwn(name: RawText | null, policy: Policy): boolean {
  return policy.baseline.interfaces.some((one) => isSameName(one.name, name))
}

function isSameName(a: RawText, b: RawText | null): boolean {
  return b !== null && rawTextKey(a) === rawTextKey(b)
}

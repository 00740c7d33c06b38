/**
 * What an interface's coming is: `unregistered-network-adapter` for hardware that the policy does not approve, as soon as
 * it is there, and for a virtual adapter as soon as it is live; a phone's is `phone-tethering`, a modem's
 * `modem-or-cellular-dialup`. `standalone-network-connection`: on a standalone computer, any live adapter but loopback.
 *
 * That a wireless interface is associated is told with its network's name by a condition (`network-condition-rules.ts`).
 * Agents that tell no `medium` have no conditions: theirs is told here, by its link.
 */
import { type NetworkInterface, type Policy, type RawText, rawTextKey } from '@shoukou/protocol'
import { isPhoneOrCamera } from '@shoukou/protocol/usb/functions.ts'
import { subjectOfLink } from './incident-subjects.ts'
import type { JudgeContext, Judgement, RecordOf, RecordOfAny } from './judgement.ts'
import { busDeviceOfLink } from './network-condition-rules.ts'
import { foundIn } from './network-proof.ts'
import { tetherEvidence } from './tether-evidence.ts'

type InterfaceRecord = RecordOfAny<'network.interface-added' | 'network.interface-changed'>
/** Violations that an interface's coming may be. */
type LinkJudgement = Extract<
  Judgement,
  {
    type:
      | 'unregistered-network-adapter'
      | 'phone-tethering'
      | 'modem-or-cellular-dialup'
      | 'wireless-link-up'
      | 'standalone-network-connection'
  }
>
type Unregistered = Extract<Judgement, { type: 'unregistered-network-adapter' }>

export function judgeInterface(record: InterfaceRecord, { policy, story = null }: JudgeContext): Judgement[] {
  const adapter = record.fact.interface
  if (adapter.nature === 'loopback') return []
  const subject = subjectOfLink(adapter)
  return [
    ...judgeAdapter(record, policy).map((judgement) => named(judgement, record, story)),
    ...judgeWireless(record, policy),
    ...judgeStandalone(record, policy),
  ].map((judgement) => ({ ...withFound(judgement, record), incident: { kind: 'lasting', subject } }))
}

/** What the agent did about it is its own word. */
function withFound(judgement: LinkJudgement, record: InterfaceRecord): LinkJudgement {
  const found = foundIn(record, { confidence: isLive(record.fact.interface) ? 'link-up' : null })
  return { ...judgement, evidence: { ...judgement.evidence, found } } as LinkJudgement
}

/** An adapter by what it is for; what the port held just before is told with it. */
function named(
  judgement: Unregistered,
  { wallMs }: InterfaceRecord,
  story: JudgeContext['story'],
): LinkJudgement {
  const { interface: adapter } = judgement.evidence
  const before = story?.before ?? null
  const isPhone =
    isPhoneOrCamera(story?.functions ?? []) ||
    isPhoneOrCamera(before?.functions ?? []) ||
    adapter?.medium === 'usb-tether' ||
    adapter?.tether === 'iphone'
  const told = story ? { functions: [...story.functions], before } : {}
  if (isPhone) {
    return {
      type: 'phone-tethering',
      evidence: {
        ...tetherEvidence(adapter, story?.device ?? null),
        interface: adapter,
        durationMs: null,
        ...told,
      },
    }
  }
  if (adapter?.medium === 'cellular' || adapter?.medium === 'ppp') {
    return {
      type: 'modem-or-cellular-dialup',
      evidence: {
        device: busDeviceOfLink(adapter),
        interface: adapter,
        link: adapter.medium === 'ppp' ? 'ppp' : 'wwan',
        logLines: [],
        startedAtMs: wallMs,
        endedAtMs: null,
        ...told,
      },
    }
  }
  return before === null ? judgement : { ...judgement, evidence: { ...judgement.evidence, before } }
}

function judgeAdapter(record: InterfaceRecord, policy: Policy): Unregistered[] {
  const { fact } = record
  const adapter = fact.interface
  if (!isToldFor(record, 'unregistered-network-adapter')) return []
  if (onlyJoins(adapter) || isApproved(adapter, policy) || isInBaseline(adapter, policy)) return []
  if (fact.kind === 'network.interface-added') {
    if (fact.origin === 'baseline' || fact.origin === 'still-present') return []
    if (adapter.nature === 'virtual' && !isLive(adapter)) return []
    return [
      {
        type: 'unregistered-network-adapter',
        evidence: { interface: adapter, origin: fact.origin, sighting: fact.sighting },
      },
    ]
  }
  // Hardware was judged when it was added; a virtual adapter is, when it comes to life.
  if (adapter.nature === 'physical' || isLive(fact.before) || !isLive(adapter)) return []
  return [
    {
      type: 'unregistered-network-adapter',
      evidence: { interface: adapter, origin: 'appeared', sighting: 'snapshot' },
    },
  ]
}

/** Bridges and veth pairs lead nowhere by themselves: a container's start is no new adapter, and is not one each time. */
function onlyJoins({ nature, medium }: NetworkInterface): boolean {
  return nature === 'virtual' && (medium === 'bridge' || medium === 'veth' || medium === 'bond')
}

function judgeWireless(record: InterfaceRecord, policy: Policy): LinkJudgement[] {
  const { fact } = record
  const adapter = fact.interface
  if (!adapter.isWireless || adapter.medium !== undefined || adapter.operState !== 'up') return []
  if (isApproved(adapter, policy) || isInBaseline(adapter, policy)) return []
  const wasJudged =
    fact.kind === 'network.interface-changed'
      ? fact.before.operState === 'up'
      : fact.origin !== 'appeared' && fact.origin !== 'present-at-start'
  if (wasJudged) return []
  return [
    {
      type: 'wireless-link-up',
      evidence: { interface: adapter, ssid: null, bssid: null, associatedAtMs: record.wallMs },
    },
  ]
}

function judgeStandalone(record: InterfaceRecord, policy: Policy): LinkJudgement[] {
  const { fact } = record
  if (policy.settings.networkMode !== 'standalone' || !isLive(fact.interface)) return []
  // What a container engine sets up leads nowhere; each of a bridge's or bond's ports is judged by itself.
  if (onlyJoins(fact.interface)) return []
  if (!isToldFor(record, 'standalone-network-connection')) return []
  if (fact.kind === 'network.interface-changed') {
    if (isLive(fact.before)) return []
    return [standalone(fact.interface, 'appeared', record.wallMs)]
  }
  // A live adapter in the baseline of a standalone computer is a violation all the same: it may have no network at all.
  if (fact.origin === 'still-present') return []
  return [standalone(fact.interface, fact.origin, fact.origin === 'appeared' ? record.wallMs : null)]
}

/** What a new policy had told again is judged by the rule that it was told for: the others have judged it before. */
function isToldFor(
  { fact, decision }: InterfaceRecord,
  rule: 'unregistered-network-adapter' | 'standalone-network-connection',
): boolean {
  if (fact.kind === 'network.interface-changed' || fact.origin !== 'policy-changed') return true
  return decision?.rule === rule
}

function standalone(
  adapter: NetworkInterface,
  origin: RecordOf<'network.interface-added'>['fact']['origin'],
  linkSinceMs: number | null,
): LinkJudgement {
  return { type: 'standalone-network-connection', evidence: { interface: adapter, origin, linkSinceMs } }
}

/** A link that carries, or an address that another could answer to. An IPv6 link-local address counts. */
export function isLive(adapter: NetworkInterface): boolean {
  if (adapter.nature === 'loopback') return false
  if (adapter.operState === 'up' || (adapter.isAdminUp && adapter.hasCarrier)) return true
  return adapter.addresses.some((address) => address.scope !== 'host')
}

function isApproved(adapter: NetworkInterface, policy: Policy): boolean {
  return policy.settings.approvedInterfaces.some(
    (approved) =>
      hasMac(adapter, approved.mac) &&
      (approved.busPath === null || isSame(approved.busPath, adapter.busPath)),
  )
}

/** The computer's own: same hardware at the same place; what software made, by its name. */
function isInBaseline(adapter: NetworkInterface, policy: Policy): boolean {
  return policy.baseline.interfaces.some((own) => {
    if (adapter.busPath !== null) return hasMac(adapter, own.mac) && isSame(own.busPath, adapter.busPath)
    // The kernel makes up a MAC for what software made, another one at each start.
    const isOwnMac = own.mac === adapter.mac || adapter.nature === 'virtual'
    return own.busPath === null && isSame(own.name, adapter.name) && isOwnMac
  })
}

/** As the agent reads it: a bond lends its own MAC to its ports; theirs is the one that the hardware has. */
function hasMac({ mac, permanentMac, masterIndex }: NetworkInterface, known: string | null): boolean {
  const isPort = masterIndex !== undefined && masterIndex !== null
  return mac === known || (isPort && known !== null && permanentMac === known)
}

function isSame(a: RawText | null, b: RawText | null): boolean {
  if (a === null || b === null) return a === b
  return rawTextKey(a) === rawTextKey(b)
}

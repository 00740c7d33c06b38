/**
 * `unregistered-network-adapter`: hardware that the policy does not approve, as soon as it is there; a virtual adapter
 * as soon as it is live. `standalone-network-connection`: on a standalone computer, any live adapter but loopback.
 */
import { type NetworkInterface, type Policy, type RawText, rawTextKey } from '@shoukou/protocol'
import { isPhoneOrCamera } from '@shoukou/protocol/usb/functions.ts'
import type { JudgeContext, Judgement, RecordOf, RecordOfAny } from './judgement.ts'
import { tethering } from './peripheral-rules.ts'

export function judgeInterface(
  record: RecordOfAny<'network.interface-added' | 'network.interface-changed'>,
  { policy, story = null }: JudgeContext,
): Judgement[] {
  if (record.fact.interface.nature === 'loopback') return []
  const adapters = judgeAdapter(record, policy).map((judgement) => withStory(judgement, story))
  return [...adapters, ...judgeStandalone(record, policy)]
}

/** A phone's adapter is its tether; what the port held just before is told with the adapter. */
function withStory(judgement: Judgement, story: JudgeContext['story']): Judgement {
  if (!story || judgement.type !== 'unregistered-network-adapter') return judgement
  const { before, device, functions } = story
  if (isPhoneOrCamera(functions) || isPhoneOrCamera(before?.functions ?? [])) {
    return {
      type: 'phone-tethering',
      evidence: {
        ...tethering(device),
        interface: judgement.evidence.interface,
        durationMs: null,
        functions: [...functions],
        before,
      },
    }
  }
  return before === null ? judgement : { ...judgement, evidence: { ...judgement.evidence, before } }
}

function judgeAdapter(
  record: RecordOfAny<'network.interface-added' | 'network.interface-changed'>,
  policy: Policy,
): Judgement[] {
  const { fact } = record
  const adapter = fact.interface
  if (!isToldFor(record, 'unregistered-network-adapter')) return []
  if (isApproved(adapter, policy) || isInBaseline(adapter, policy)) return []
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

function judgeStandalone(
  record: RecordOfAny<'network.interface-added' | 'network.interface-changed'>,
  policy: Policy,
): Judgement[] {
  const { fact } = record
  if (policy.settings.networkMode !== 'standalone' || !isLive(fact.interface)) return []
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
  { fact, decision }: RecordOfAny<'network.interface-added' | 'network.interface-changed'>,
  rule: 'unregistered-network-adapter' | 'standalone-network-connection',
): boolean {
  if (fact.kind === 'network.interface-changed' || fact.origin !== 'policy-changed') return true
  return decision?.rule === rule
}

function standalone(
  adapter: NetworkInterface,
  origin: RecordOf<'network.interface-added'>['fact']['origin'],
  linkSinceMs: number | null,
): Judgement {
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
      approved.mac === adapter.mac &&
      (approved.busPath === null || isSame(approved.busPath, adapter.busPath)),
  )
}

/** The computer's own: same hardware at the same place; what software made, by its name. */
function isInBaseline(adapter: NetworkInterface, policy: Policy): boolean {
  return policy.baseline.interfaces.some((own) => {
    if (adapter.busPath !== null) return own.mac === adapter.mac && isSame(own.busPath, adapter.busPath)
    return own.busPath === null && isSame(own.name, adapter.name) && own.mac === adapter.mac
  })
}

function isSame(a: RawText | null, b: RawText | null): boolean {
  if (a === null || b === null) return a === b
  return rawTextKey(a) === rawTextKey(b)
}

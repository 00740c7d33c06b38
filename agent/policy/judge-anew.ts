/**
 * Which rules a new policy brings to bear on a thing that stayed where it was. Pure.
 *
 * A computer that becomes standalone while its cable is in, an approval that is withdrawn while the adapter is there: no
 * sensor sees anything happen then.
 */
import type { FactNamed, NetworkInterface, Policy } from '@shoukou/protocol'
import { isApprovedInterface, isBaselineInterface, isBaselineUsb, isRegisteredMedium } from './own-things.ts'

export type PresentFact = FactNamed<'usb.attached'> | FactNamed<'network.interface-added'>
export type RuleBrought =
  | 'unregistered-media-inserted'
  | 'unregistered-network-adapter'
  | 'standalone-network-connection'

/** Returns the rules that forbid the thing now and did not under the policy before, by their names in the catalogue. */
export function rulesBrought(fact: PresentFact, before: Policy, after: Policy): readonly RuleBrought[] {
  if (fact.kind === 'usb.attached') {
    const { device } = fact
    const wasRegistered = isRegisteredMedium(device, before.settings.registeredMedia)
    const isFree =
      isRegisteredMedium(device, after.settings.registeredMedia) || isBaselineUsb(device, after.baseline)
    return wasRegistered && !isFree ? ['unregistered-media-inserted'] : []
  }
  const adapter = fact.interface
  if (adapter.nature === 'loopback') return []
  const rules: RuleBrought[] = []
  const wasApproved = isApprovedInterface(adapter, before.settings.approvedInterfaces)
  const isFree =
    isApprovedInterface(adapter, after.settings.approvedInterfaces) ||
    isBaselineInterface(adapter, after.baseline)
  if (wasApproved && !isFree) rules.push('unregistered-network-adapter')
  const becameStandalone =
    before.settings.networkMode !== 'standalone' && after.settings.networkMode === 'standalone'
  if (becameStandalone && mayBeLive(adapter)) rules.push('standalone-network-connection')
  return rules
}

/** Wider than any rule's own view of a link: whoever judges the record decides. */
function mayBeLive(adapter: NetworkInterface): boolean {
  return (
    adapter.hasCarrier ||
    adapter.operState === 'up' ||
    adapter.addresses.some(({ scope }) => scope !== 'host')
  )
}

/**
 * Everything that is so of a network and that a policy may forbid. Pure: the same picture, policy and surroundings give
 * the same conditions, with the same keys.
 *
 * That a link of a standalone computer is live at all is decided with the interface itself (`decide.ts`); here is what
 * it takes a view of the whole to see. Without rules of the network nothing that depends on them is accused.
 */
import type { Picture, Policy } from '@shoukou/protocol'
import { byIndex } from './adapters.ts'
import { type Condition, type ConditionSurroundings, conditionOf, type Found } from './condition.ts'
import { findAddresses } from './condition-addresses.ts'
import { findGateways } from './condition-gateways.ts'
import { findLinks } from './condition-links.ts'
import { findNetworks } from './condition-networks.ts'
import { findServers } from './condition-servers.ts'
import { findSharing } from './condition-sharing.ts'
import type { View } from './view.ts'

/** Conditions of one computer held at a time; beyond, those of the rarer kinds go first. */
export const CONDITIONS_MAX = 512

/** Works out what is so; in a fixed order, each key once. */
export function conditionsOf(picture: Picture, policy: Policy, around: ConditionSurroundings): Condition[] {
  const view: View = {
    picture,
    policy,
    rules: policy.settings.network ?? null,
    adapters: byIndex(picture.interfaces),
    console: around.console,
  }
  const found: Found[] = [
    ...findLinks(view),
    ...findAddresses(view),
    ...findGateways(view),
    ...findServers(view),
    ...findNetworks(view),
    ...findSharing(view),
  ]
  const conditions = new Map<string, Condition>()
  for (const each of found) {
    const condition = conditionOf(each, policy, around)
    if (!conditions.has(condition.key)) conditions.set(condition.key, condition)
  }
  return [...conditions.values()].slice(0, CONDITIONS_MAX)
}

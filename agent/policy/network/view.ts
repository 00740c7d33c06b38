/** What all findings of the network look at. */
import type { NetworkInterface, NetworkRules, Picture, Policy } from '@shoukou/protocol'
import { parseAddress } from '@shoukou/protocol'
import { type AdaptersByIndex, isForbiddenMedium, isKnownWay, mediumOf } from './adapters.ts'
import type { Response } from './condition.ts'
import { interfaceToward } from './route-lookup.ts'

export interface View {
  readonly picture: Picture
  readonly policy: Policy
  readonly rules: NetworkRules | null
  readonly adapters: AdaptersByIndex
  readonly console: readonly { readonly address: string; readonly port: number }[]
}

/**
 * Says what to do about an interface that must not be as it is. One that the unit knows may carry the link to the
 * console: it is kept, and the computer speaks to nobody else. One that is not known goes, whatever it carries; so does
 * a radio or modem, unless the console is reached by it and the unit knows it.
 */
export function responseTo(adapter: NetworkInterface | null, view: View): Response {
  if (adapter === null) return 'isolate'
  const isKnown = isKnownWay(adapter, view.adapters, view.policy)
  if (!isKnown) return 'cut'
  if (isForbiddenMedium(mediumOf(adapter))) return isConsoleInterface(adapter, view) ? 'isolate' : 'cut'
  return 'isolate'
}

/** Reports whether packets to the console leave by this interface now. */
export function isConsoleInterface(adapter: NetworkInterface, view: View): boolean {
  return view.console.some(({ address }) => {
    const parsed = parseAddress(address)
    return parsed !== null && interfaceToward(parsed, view.picture) === adapter.index
  })
}

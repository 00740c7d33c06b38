/** How a policy is to be put into force over the network. Pure. */
import type { Policy } from '@shoukou/protocol'

export type NetworkControlMode = Policy['settings']['modes']['network']

/**
 * Returns the mode that can be put into force: a computer of the classified network whose rules nobody has set is only
 * observed, whatever is asked, because nothing could tell an approved connection from another.
 */
export function networkModeOf({ settings }: Policy): NetworkControlMode {
  const isSaid = settings.networkMode === 'standalone' || settings.network !== undefined
  return isSaid ? settings.modes.network : 'observe'
}

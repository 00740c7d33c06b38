/**
 * A policy that was in force before a narrower ceiling came: what of it goes on to hold. Pure.
 *
 * Everything that a ceiling forbids and that can be narrowed is narrowed; what can't (a level, a mode that needs rules which
 * are not there) stays as it was and is named. The result is never weaker than the policy: it only loses permissions.
 */
import type { Policy, PolicySettings } from '../policy.ts'
import type { Beyond } from './beyond.ts'
import { exportAfterMsMaxOf, exportAfterMsOf, judgeAgainstCeiling, modeRank } from './judge.ts'
import { withinNetworks } from './judge-network.ts'
import type { Ceiling, LevelCeiling } from './shapes.ts'

export interface Tightened {
  /** The very same object where nothing had to be narrowed. */
  readonly policy: Policy
  /** Why the policy is beyond the ceiling; empty where it is within. */
  readonly beyond: readonly Beyond[]
}

/** Returns the stricter of both: what the policy allows and the ceiling does not forbid. */
export function tightenToCeiling(policy: Policy, ceiling: Ceiling): Tightened {
  const beyond = judgeAgainstCeiling({ kind: 'policy', policy }, ceiling)
  if (beyond.length === 0) return { policy, beyond }
  const allowed = ceiling.levels[policy.settings.level]
  // No word on this level: what the ceiling says for all of them holds, and the rest stays as it was.
  const settings =
    allowed === null
      ? withNetwork(policy.settings, ceiling)
      : narrowed(withNetwork(policy.settings, ceiling), allowed)
  return { policy: { ...policy, settings }, beyond }
}

function withNetwork(settings: PolicySettings, ceiling: Ceiling): PolicySettings {
  if (settings.network === undefined) return settings
  return { ...settings, network: withinNetworks(settings.network, ceiling.network.within) }
}

function narrowed(settings: PolicySettings, allowed: LevelCeiling): PolicySettings {
  const { modes, limits, registeredMedia, approvedInterfaces, roles, approvedPeripherals } = settings
  const { weakest } = allowed
  const isLanForbidden = !allowed.networkModes.includes('classified-lan')
  return {
    ...settings,
    // `standalone` is the stricter of the two; the other way about would be a loosening.
    networkMode:
      isLanForbidden && allowed.networkModes.includes('standalone') ? 'standalone' : settings.networkMode,
    modes: {
      media: stricter(modes.media, weakest.media),
      // Without rules of the network nothing but observing can be held.
      network: settings.network === undefined ? modes.network : stricter(modes.network, weakest.network),
      files: stricter(modes.files, weakest.files),
    },
    registeredMedia: allowed.media.byDeviceIds ? registeredMedia : [],
    approvedInterfaces: allowed.furtherInterfaces ? approvedInterfaces : [],
    ...(approvedPeripherals === undefined
      ? {}
      : {
          approvedPeripherals: approvedPeripherals.filter(
            ({ serial }) =>
              allowed.peripherals === 'any-serial' ||
              (allowed.peripherals === 'by-serial' && serial !== null),
          ),
        }),
    ...(roles === undefined ? {} : { roles: roles.filter((role) => allowed.roles.includes(role)) }),
    limits: {
      ...limits,
      silentAfterMs: Math.min(limits.silentAfterMs, allowed.limits.silentAfterMsMax),
      stoppedAfterMs: Math.min(limits.stoppedAfterMs, allowed.limits.stoppedAfterMsMax),
      ...(exportAfterMsOf(limits) > exportAfterMsMaxOf(allowed)
        ? { exportAfterMs: exportAfterMsMaxOf(allowed) }
        : {}),
      clockBackMsMax: Math.min(limits.clockBackMsMax, allowed.limits.clockBackMsMax),
    },
    requiredSensors: [...new Set([...settings.requiredSensors, ...allowed.requiredSensors])],
  }
}

function stricter<Mode extends 'observe' | 'alarm' | 'enforce'>(set: Mode, weakest: Mode): Mode {
  return modeRank[set] < modeRank[weakest] ? weakest : set
}

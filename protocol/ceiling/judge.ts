/**
 * What of a policy, a command or a seal lies beyond a ceiling. Pure: the console asks before it asks for a signature, the
 * signing process before it signs, the agent before it obeys; each with a ceiling that it verified for itself.
 *
 * An empty answer means: allowed. The most that is named is `CEILING_LIMITS.beyondMax`; there may be more.
 */
import type { Command } from '../frames.ts'
import type { Level } from '../levels.ts'
import type { MediumRight, Seal } from '../media/shapes.ts'
import { type Baseline, EXPORT_AFTER_MS_DEFAULT, type Policy, type PolicySettings } from '../policy.ts'
import type { Beyond, BeyondRule } from './beyond.ts'
import { judgeNetwork } from './judge-network.ts'
import { CEILING_LIMITS, type Ceiling, type LevelCeiling } from './shapes.ts'

export type UnderCeiling =
  /** `before`: the policy in force on that computer, where it is known. */
  | { readonly kind: 'policy'; readonly policy: Policy; readonly before?: Policy | undefined }
  /** `level`: of the computer; null where it is not known: the widest of all levels counts then. */
  | { readonly kind: 'command'; readonly command: Command; readonly level: Level | null }
  | { readonly kind: 'seal'; readonly seal: Pick<Seal, 'right'> }

/** Returns what lies beyond the ceiling, in the order of the fields. */
export function judgeAgainstCeiling(asked: UnderCeiling, ceiling: Ceiling): Beyond[] {
  switch (asked.kind) {
    case 'policy':
      return [
        ...judgeStep(asked.policy, asked.before, ceiling),
        ...judgeSettings(asked.policy.settings, ceiling),
      ].slice(0, CEILING_LIMITS.beyondMax)
    case 'command':
      return judgeCommandName(asked.command, asked.level, ceiling)
    case 'seal':
      return rightBeyond('seal.right', asked.seal.right, widestRight(ceiling))
  }
}

/** Judges settings alone: what an editor asks while nothing is made yet. */
export function judgeSettings(settings: PolicySettings, ceiling: Ceiling): Beyond[] {
  const allowed = ceiling.levels[settings.level]
  if (allowed === null) return [beyond('settings.level', 'level-not-allowed', settings.level, '')]
  return [
    ...judgeModes(settings, allowed),
    ...judgeRoles(settings, allowed),
    ...judgeDevices(settings, allowed),
    ...judgeNetwork(settings.network, ceiling.network.within),
    ...judgeWatching(settings, allowed),
  ].slice(0, CEILING_LIMITS.beyondMax)
}

/** The widest right of a medium on a computer of a level. */
export function mediumRightMax(ceiling: Ceiling, level: Level): MediumRight {
  return ceiling.levels[level]?.media.right ?? 'none'
}

/** Reports whether a temporary right is within the ceiling on a computer of a level; also for spoken codes. */
export function mayGrant(
  ceiling: Ceiling,
  level: Level,
  { right, minutes }: { readonly right: MediumRight; readonly minutes: number },
): boolean {
  const grants = ceiling.levels[level]?.grants
  return grants !== undefined && minutes <= grants.minutesMax && rightRank[right] <= rightRank[grants.right]
}

/** Returns how long a computer that reports by bundles may go without one: what the policy says, else the default. */
export function exportAfterMsOf({ exportAfterMs }: PolicySettings['limits']): number {
  return exportAfterMs ?? EXPORT_AFTER_MS_DEFAULT
}

/** Returns the longest that a level allows; a ceiling that says nothing allows the default. */
export function exportAfterMsMaxOf({ limits }: LevelCeiling): number {
  return limits.exportAfterMsMax ?? EXPORT_AFTER_MS_DEFAULT
}

export const rightRank: Readonly<Record<MediumRight, number>> = { none: 0, 'read-only': 1, 'read-write': 2 }
export const modeRank: Readonly<Record<'observe' | 'alarm' | 'enforce', number>> = {
  observe: 0,
  alarm: 1,
  enforce: 2,
}

/** Returns those things of a baseline that another one has not. */
export function addedToBaseline(before: Baseline, after: Baseline): number {
  const more = (key: 'usb' | 'disks' | 'interfaces'): number => {
    const known = new Set(before[key].map((one) => JSON.stringify(sorted(one))))
    return after[key].filter((one) => !known.has(JSON.stringify(sorted(one)))).length
  }
  return more('usb') + more('disks') + more('interfaces')
}

/** What may not differ from the policy in force: a computer that is called something else is held to something else. */
function judgeStep(policy: Policy, before: Policy | undefined, ceiling: Ceiling): Beyond[] {
  if (before === undefined) return []
  const found: Beyond[] = []
  const { level } = policy.settings
  if (level !== before.settings.level && !ceiling.mayChangeLevel)
    found.push(beyond('settings.level', 'level-changed', level, before.settings.level))
  const added = addedToBaseline(before.baseline, policy.baseline)
  if (added > 0) found.push(beyond('baseline', 'baseline-widened', `${added}`, '0'))
  return found
}

function judgeModes({ modes, networkMode }: PolicySettings, allowed: LevelCeiling): Beyond[] {
  const found: Beyond[] = []
  for (const group of ['media', 'network', 'files'] as const) {
    const weakest = allowed.weakest[group]
    if (modeRank[modes[group]] < modeRank[weakest])
      found.push(beyond(`settings.modes.${group}`, 'mode-too-weak', modes[group], weakest))
  }
  if (!allowed.networkModes.includes(networkMode)) {
    const field = 'settings.networkMode'
    found.push(beyond(field, 'network-mode-not-allowed', networkMode, listed(allowed.networkModes)))
  }
  return found
}

function judgeRoles({ roles = [] }: PolicySettings, allowed: LevelCeiling): Beyond[] {
  return roles.flatMap((role, at) =>
    allowed.roles.includes(role)
      ? []
      : [beyond(`settings.roles.${at}`, 'role-not-allowed', role, listed(allowed.roles))],
  )
}

function judgeDevices(settings: PolicySettings, allowed: LevelCeiling): Beyond[] {
  const { registeredMedia, approvedPeripherals = [], approvedInterfaces } = settings
  const found: Beyond[] = []
  if (registeredMedia.length > 0 && !allowed.media.byDeviceIds) {
    found.push(beyond('settings.registeredMedia', 'device-ids-not-allowed', `${registeredMedia.length}`, '0'))
  }
  for (const [at, { serial }] of approvedPeripherals.entries()) {
    const field = `settings.approvedPeripherals.${at}`
    if (allowed.peripherals === 'none') found.push(beyond(field, 'peripheral-not-allowed', '', ''))
    else if (allowed.peripherals === 'by-serial' && serial === null)
      found.push(beyond(`${field}.serial`, 'peripheral-without-serial', '', ''))
  }
  if (!allowed.furtherInterfaces) {
    for (const at of approvedInterfaces.keys())
      found.push(beyond(`settings.approvedInterfaces.${at}`, 'interface-not-allowed', '', ''))
  }
  return found
}

function judgeWatching({ requiredSensors, limits }: PolicySettings, allowed: LevelCeiling): Beyond[] {
  const found: Beyond[] = []
  const bounds = [
    ['silentAfterMs', limits.silentAfterMs, allowed.limits.silentAfterMsMax],
    ['stoppedAfterMs', limits.stoppedAfterMs, allowed.limits.stoppedAfterMsMax],
    // A policy that leaves it out means the default, which a ceiling may be below.
    ['exportAfterMs', exportAfterMsOf(limits), exportAfterMsMaxOf(allowed)],
    ['clockBackMsMax', limits.clockBackMsMax, allowed.limits.clockBackMsMax],
  ] as const
  for (const [name, set, max] of bounds) {
    if (set > max) found.push(beyond(`settings.limits.${name}`, 'limit-too-long', `${set}`, `${max}`))
  }
  for (const sensor of allowed.requiredSensors) {
    if (!requiredSensors.includes(sensor))
      found.push(beyond('settings.requiredSensors', 'sensor-missing', sensor, ''))
  }
  return found
}

function judgeCommandName(command: Command, level: Level | null, ceiling: Ceiling): Beyond[] {
  if (!ceiling.commands.includes(command.name))
    return [beyond('command.name', 'command-not-allowed', command.name, listed(ceiling.commands))]
  if (command.name !== 'grant-medium') return []
  const levels = level === null ? Object.values(ceiling.levels) : [ceiling.levels[level]]
  const grants = levels.flatMap((one) => (one === null ? [] : [one.grants]))
  // One level must allow both: minutes of one and the right of another are nobody's.
  const { right, minutes } = command
  const isAllowed = grants.some(
    (one) => minutes <= one.minutesMax && rightRank[right] <= rightRank[one.right],
  )
  if (isAllowed) return []
  const widest = widestOf(grants.map((one) => one.right))
  const longest = Math.max(0, ...grants.map((one) => one.minutesMax))
  const found = rightBeyond('command.right', right, widest)
  if (minutes > longest || found.length === 0)
    found.push(beyond('command.minutes', 'grant-too-long', `${minutes}`, `${longest}`))
  return found
}

function rightBeyond(field: string, right: MediumRight, max: MediumRight): Beyond[] {
  return rightRank[right] > rightRank[max] ? [beyond(field, 'right-too-wide', right, max)] : []
}

function widestRight(ceiling: Ceiling): MediumRight {
  return widestOf(Object.values(ceiling.levels).flatMap((one) => (one === null ? [] : [one.media.right])))
}

function widestOf(rights: readonly MediumRight[]): MediumRight {
  return rights.reduce((widest, one) => (rightRank[one] > rightRank[widest] ? one : widest), 'none')
}

function beyond(field: string, rule: BeyondRule, found: string, allowed: string): Beyond {
  return { field, rule, found, allowed }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? '-' : names.join(', ')
}

function sorted(thing: object): unknown {
  return Object.entries(thing).sort(([a], [b]) => (a < b ? -1 : 1))
}

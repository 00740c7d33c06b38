/**
 * A policy while it is edited: what is wrong with it, what was changed, and how it joins with a change that somebody
 * else made meanwhile. Pure; the console decides in the end.
 */
import type { ApprovedInterface, Baseline, PolicySettings, RegisteredMedium } from '@shoukou/protocol'
import { type NetworkFault, networkFaults } from './network-draft.ts'

export type DraftFault =
  | {
      readonly field: 'medium'
      readonly at: number
      readonly what: 'vendor' | 'product' | 'serial' | 'twice'
    }
  | { readonly field: 'peripheral'; readonly at: number; readonly what: 'vendor' | 'product' | 'twice' }
  | { readonly field: 'interface'; readonly at: number; readonly what: 'mac' | 'twice' }
  | { readonly field: 'limit'; readonly name: LimitName }
  | NetworkFault

export type LimitName = keyof PolicySettings['limits']

/** Bounds of the protocol's schema, in ms. */
export const limitBounds = {
  silentAfterMs: { min: 30_000, max: 31 * 86_400_000 },
  stoppedAfterMs: { min: 60_000, max: 366 * 86_400_000 },
  clockBackMsMax: { min: 1_000, max: 86_400_000 },
  exportAfterMs: { min: 3_600_000, max: 366 * 86_400_000 },
} as const satisfies Readonly<Record<LimitName, { readonly min: number; readonly max: number }>>

const hex4 = /^[0-9a-f]{4}$/
const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5,31}$/

/** Returns what the console would refuse. */
export function draftFaults(settings: PolicySettings): DraftFault[] {
  const faults: DraftFault[] = []
  const media = new Set<string>()
  for (const [at, medium] of settings.registeredMedia.entries()) {
    const key = mediumKey(medium)
    if (!hex4.test(medium.vendorId)) faults.push({ field: 'medium', at, what: 'vendor' })
    if (!hex4.test(medium.productId)) faults.push({ field: 'medium', at, what: 'product' })
    if (medium.serial === '') faults.push({ field: 'medium', at, what: 'serial' })
    else if (media.has(key)) faults.push({ field: 'medium', at, what: 'twice' })
    media.add(key)
  }
  const peripherals = new Set<string>()
  for (const [at, one] of (settings.approvedPeripherals ?? []).entries()) {
    const key = JSON.stringify([one.vendorId, one.productId, one.serial])
    if (!hex4.test(one.vendorId)) faults.push({ field: 'peripheral', at, what: 'vendor' })
    else if (!hex4.test(one.productId)) faults.push({ field: 'peripheral', at, what: 'product' })
    else if (peripherals.has(key)) faults.push({ field: 'peripheral', at, what: 'twice' })
    peripherals.add(key)
  }
  const interfaces = new Set<string>()
  for (const [at, one] of settings.approvedInterfaces.entries()) {
    const key = interfaceKey(one)
    if (!macPattern.test(one.mac)) faults.push({ field: 'interface', at, what: 'mac' })
    else if (interfaces.has(key)) faults.push({ field: 'interface', at, what: 'twice' })
    interfaces.add(key)
  }
  faults.push(...networkFaults(settings))
  for (const name of Object.keys(limitBounds) as LimitName[]) {
    const value = settings.limits[name]
    // One that may be left out: then the protocol's own holds.
    if (value === undefined) continue
    const isWhole = Number.isInteger(value)
    if (!isWhole || value < limitBounds[name].min || value > limitBounds[name].max)
      faults.push({ field: 'limit', name })
  }
  return faults
}

export const policyFields = [
  'level',
  'networkMode',
  'modes',
  'registeredMedia',
  'approvedInterfaces',
  'network',
  'approvedPeripherals',
  'roles',
  'limits',
  'requiredSensors',
] as const satisfies readonly (keyof PolicySettings)[]
export type PolicyField = (typeof policyFields)[number]

/** Returns the fields in which two settings differ. */
export function changedFields(before: PolicySettings, after: PolicySettings): PolicyField[] {
  // A list that an older console left out is an empty one.
  return policyFields.filter((field) => !isSame(before[field] ?? [], after[field] ?? []))
}

export interface JoinedPolicy {
  readonly settings: PolicySettings
  /** Both changed these: mine stand, and I am told. */
  readonly conflicts: readonly PolicyField[]
}

/** Joins my draft with the version in force: what I did not touch is theirs, what I touched stays mine. */
export function joinPolicies(
  base: PolicySettings,
  mine: PolicySettings,
  theirs: PolicySettings,
): JoinedPolicy {
  const myChanges = changedFields(base, mine)
  const conflicts = myChanges.filter(
    (field) => !isSame(base[field], theirs[field]) && !isSame(mine[field], theirs[field]),
  )
  const kept = Object.fromEntries(myChanges.map((field) => [field, mine[field]])) as Partial<PolicySettings>
  return { settings: { ...theirs, ...kept }, conflicts }
}

export type BaselineInterface = Baseline['interfaces'][number]

/** Returns the approval of a baseline interface; null where it has no address to be known by, or is approved already. */
export function approvalOf(
  one: BaselineInterface,
  approved: readonly ApprovedInterface[],
  note: string,
): ApprovedInterface | null {
  if (one.mac === null || !macPattern.test(one.mac)) return null
  if (
    approved.some(
      (other) => other.mac === one.mac && (other.busPath === null || isSame(other.busPath, one.busPath)),
    )
  ) {
    return null
  }
  return { mac: one.mac, busPath: one.busPath, note }
}

function mediumKey(medium: RegisteredMedium): string {
  return JSON.stringify([medium.vendorId, medium.productId, medium.serial])
}

function interfaceKey(one: ApprovedInterface): string {
  return JSON.stringify([one.mac, one.busPath])
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

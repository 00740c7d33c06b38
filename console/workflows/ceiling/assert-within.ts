/**
 * Refuses what the ceiling does not allow before anybody is asked to sign it: an administrator is told the fields, instead
 * of finding a policy that no computer takes. It is the first of three gates and trusts none of the others.
 */
import {
  type Beyond,
  type Ceiling,
  type Command,
  judgeAgainstCeiling,
  judgeSettings,
  type Level,
  type Policy,
  type PolicySettings,
  ShoukouError,
  type SignedCeiling,
  sayBeyond,
} from '@shoukou/protocol'

/** The ceiling in force, as this console verified it; null or left out where the unit has none. */
export type CeilingNow = { readonly signed: SignedCeiling; readonly ceiling: Ceiling } | null

/** @throws ShoukouError `beyond-ceiling`, naming each field in both languages. */
export function assertPolicyWithin(now: CeilingNow | undefined, policy: Policy, before?: Policy): void {
  if (now) assertNothing(judgeAgainstCeiling({ kind: 'policy', policy, before }, now.ceiling))
}

/** As `assertPolicyWithin`, while there is no computer yet. */
export function assertSettingsWithin(now: CeilingNow | undefined, settings: PolicySettings): void {
  if (now) assertNothing(judgeSettings(settings, now.ceiling))
}

/** As `assertPolicyWithin`; `level` null where the computer's is not known. */
export function assertCommandWithin(
  now: CeilingNow | undefined,
  command: Command,
  level: Level | null,
): void {
  if (now) assertNothing(judgeAgainstCeiling({ kind: 'command', command, level }, now.ceiling))
}

/** As `assertPolicyWithin`, for a temporary right that is spoken instead of sent. */
export function assertGrantWithin(
  now: CeilingNow | undefined,
  grant: { readonly right: 'read-only' | 'read-write'; readonly minutes: number },
  level: Level | null,
): void {
  const command = { v: 1, id: 'spoken', agent: 'spoken', issuedAtMs: 0, instance: 'spoken' } as const
  assertCommandWithin(now, { ...command, name: 'grant-medium', ...grant }, level)
}

const namedMax = 8

/** @throws ShoukouError `beyond-ceiling` where something is beyond. */
export function assertNothing(beyond: readonly Beyond[]): void {
  if (beyond.length === 0) return
  const words = beyond.slice(0, namedMax).map((one) => `${sayBeyond(one, 'zh')} ${sayBeyond(one, 'en')}`)
  const more = beyond.length > namedMax ? ` (+${beyond.length - namedMax})` : ''
  throw new ShoukouError('beyond-ceiling', `${words.join('\n')}${more}`, {
    context: { fields: beyond.length, field: beyond[0]?.field ?? '' },
  })
}

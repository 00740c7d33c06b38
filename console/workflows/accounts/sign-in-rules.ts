/**
 * The rules of signing in, by the console's own level: what a unit may set, and what its level demands at least. The
 * union of all rules that hold, the strictest of each. Pure.
 *
 * A console that rises to a stricter level is bound by it at once: what was stored before is tightened when it is read,
 * never trusted.
 */
import { LEVELS, type Level, ROLES, type Role, ShoukouError } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { ACCOUNT_LIMITS } from './limits.ts'
import type { SessionLimits } from './session.ts'

const closed = { additionalProperties: false } as const
const integer = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum })
const roles = Type.Array(Type.Enum([...ROLES]), { maxItems: ROLES.length, uniqueItems: true })

/** The widest that any level allows; a level narrows it. */
export const SignInRulesSchema = Type.Object(
  {
    passwordCharactersMin: integer(ACCOUNT_LIMITS.passwordCharactersMin, 64),
    /** Where the password is all that is shown. */
    passwordDaysMax: integer(5, 365),
    /** Where a second factor is in use. */
    passwordDaysMaxWithFactor: integer(5, 365),
    /** So that nobody cycles back to an old password in an afternoon. */
    passwordHoursMin: integer(24, 72),
    passwordsRemembered: integer(12, 24),
    wrongTriesMax: integer(3, ACCOUNT_LIMITS.wrongPasswordsMax),
    lockMinutes: integer(ACCOUNT_LIMITS.lockMs / 60_000, 1_440),
    idleMinutes: integer(1, ACCOUNT_LIMITS.sessionIdleMs / 60_000),
    sessionHours: integer(1, ACCOUNT_LIMITS.sessionMs / 3_600_000),
    /** How long a screen may show the unit with nobody at it; 0: no screen may. */
    wallDaysMax: integer(0, 90),
    /** Signing in elsewhere ends the older session. */
    isOneSession: Type.Boolean(),
    /** A session counts only from the address it was opened from. */
    isAddressKept: Type.Boolean(),
    /** Roles that must have a second factor: a code or a certificate. */
    secondFactorRoles: roles,
    /** Roles that must show a certificate on a USB key. */
    certificateRoles: roles,
  },
  closed,
)
export type SignInRules = Static<typeof SignInRulesSchema>

/** Where a bound comes from; the pages have words for each. */
export const RULE_SOURCES = [
  'unit-length',
  'unit-screen-lock',
  'level-confidential',
  'level-secret',
  'level-top-secret',
  'console',
] as const
export type RuleSource = (typeof RULE_SOURCES)[number]

type NumberKey = {
  [Key in keyof SignInRules]: SignInRules[Key] extends number ? Key : never
}[keyof SignInRules]
type SwitchKey = 'isOneSession' | 'isAddressKept'
type RolesKey = 'secondFactorRoles' | 'certificateRoles'

export interface NumberBound {
  readonly min: number
  readonly max: number
  readonly source: RuleSource
}

/** What a level demands. */
export interface RuleBounds {
  readonly numbers: Readonly<Record<NumberKey, NumberBound>>
  readonly switches: Readonly<
    Record<SwitchKey, { readonly isDemanded: boolean; readonly source: RuleSource }>
  >
  readonly roles: Readonly<
    Record<RolesKey, { readonly demanded: readonly Role[]; readonly source: RuleSource }>
  >
}

/**
 * Returns the bounds of a level. 秘密: a password is changed within a month; 机密: a password alone within a week; 绝密: a
 * second factor always. From the public rule on passwords by level, and the unit's own rules on length and screen locks.
 */
export function boundsOf(level: Level): RuleBounds {
  const rank = LEVELS.indexOf(level)
  const isAtLeast = (one: Level): boolean => rank >= LEVELS.indexOf(one)
  const month = { min: 5, max: 30, source: 'level-confidential' } as const
  const alone: NumberBound = isAtLeast('secret')
    ? { min: 5, max: 7, source: isAtLeast('top-secret') ? 'level-top-secret' : 'level-secret' }
    : isAtLeast('confidential')
      ? month
      : widest('passwordDaysMax', 'console')
  return {
    numbers: {
      passwordCharactersMin: widest('passwordCharactersMin', 'unit-length'),
      passwordDaysMax: alone,
      passwordDaysMaxWithFactor: isAtLeast('confidential')
        ? month
        : widest('passwordDaysMaxWithFactor', 'console'),
      passwordHoursMin: widest('passwordHoursMin', 'console'),
      passwordsRemembered: widest('passwordsRemembered', 'console'),
      wrongTriesMax: widest('wrongTriesMax', 'console'),
      lockMinutes: widest('lockMinutes', 'console'),
      idleMinutes: widest('idleMinutes', 'unit-screen-lock'),
      sessionHours: widest('sessionHours', 'console'),
      // Nobody shows a second factor at a screen on the wall.
      wallDaysMax: isAtLeast('top-secret')
        ? { min: 0, max: 0, source: 'level-top-secret' }
        : widest('wallDaysMax', 'console'),
    },
    switches: {
      // No rule that is published asks for these two: this console does, from these levels on.
      isOneSession: { isDemanded: isAtLeast('top-secret'), source: 'console' },
      isAddressKept: { isDemanded: isAtLeast('secret'), source: 'console' },
    },
    roles: {
      secondFactorRoles: isAtLeast('top-secret')
        ? { demanded: ROLES, source: 'level-top-secret' }
        : { demanded: [], source: 'console' },
      certificateRoles: { demanded: [], source: 'console' },
    },
  }
}

/** Returns what holds on a console of a level where nobody has set anything. */
export function defaultRules(level: Level): SignInRules {
  return tightened(
    {
      passwordCharactersMin: ACCOUNT_LIMITS.passwordCharactersMin,
      passwordDaysMax: 90,
      passwordDaysMaxWithFactor: 90,
      passwordHoursMin: 24,
      passwordsRemembered: 12,
      wrongTriesMax: ACCOUNT_LIMITS.wrongPasswordsMax,
      lockMinutes: ACCOUNT_LIMITS.lockMs / 60_000,
      idleMinutes: ACCOUNT_LIMITS.sessionIdleMs / 60_000,
      sessionHours: ACCOUNT_LIMITS.sessionMs / 3_600_000,
      wallDaysMax: 0,
      isOneSession: false,
      isAddressKept: true,
      secondFactorRoles: [],
      certificateRoles: [],
    },
    level,
  )
}

/** Returns stored rules as they hold on a console of a level: never weaker than it demands. */
export function tightened(rules: SignInRules, level: Level): SignInRules {
  const bounds = boundsOf(level)
  const numbers = Object.fromEntries(
    (Object.entries(bounds.numbers) as [NumberKey, NumberBound][]).map(([key, { min, max }]) => [
      key,
      Math.min(max, Math.max(min, rules[key])),
    ]),
  ) as Record<NumberKey, number>
  const all = (key: RolesKey): Role[] =>
    ROLES.filter((role) => rules[key].includes(role) || bounds.roles[key].demanded.includes(role))
  return {
    ...numbers,
    isOneSession: rules.isOneSession || bounds.switches.isOneSession.isDemanded,
    isAddressKept: rules.isAddressKept || bounds.switches.isAddressKept.isDemanded,
    secondFactorRoles: all('secondFactorRoles'),
    certificateRoles: all('certificateRoles'),
  }
}

/** Returns the names of the settings that are weaker than the level demands. */
export function weakerThanLevel(rules: SignInRules, level: Level): (keyof SignInRules)[] {
  const strict = tightened(rules, level)
  return (Object.keys(strict) as (keyof SignInRules)[]).filter((key) => !isSame(rules[key], strict[key]))
}

/** What older rules do not say: the strictest. */
const addedLater: Partial<SignInRules> = { wallDaysMax: 0 }

/** Reads rules from the store's text. @throws ShoukouError `state-unusable` where they are none: nothing weaker is put in their place. */
export function parseRules(text: string): SignInRules {
  const value: unknown = { ...addedLater, ...(JSON.parse(text) as object) }
  if (Value.Check(SignInRulesSchema, value)) return value
  throw new ShoukouError('state-unusable', 'The stored rules of signing in are damaged; restore the backup.')
}

/** Returns until when a password may be used, Unix ms. */
export function passwordEndsAt(rules: SignInRules, passwordAt: number, hasSecondFactor: boolean): number {
  return passwordAt + (hasSecondFactor ? rules.passwordDaysMaxWithFactor : rules.passwordDaysMax) * 86_400_000
}

/** Returns the limits of sessions that the rules set. */
export function sessionLimitsOf(rules: SignInRules): SessionLimits {
  return {
    idleMs: rules.idleMinutes * 60_000,
    absoluteMs: rules.sessionHours * 3_600_000,
    wallMs: rules.wallDaysMax * 86_400_000,
  }
}

function widest(key: NumberKey, source: RuleSource): NumberBound {
  const { minimum, maximum } = SignInRulesSchema.properties[key] as unknown as {
    minimum: number
    maximum: number
  }
  return { min: minimum, max: maximum, source }
}

function isSame(one: SignInRules[keyof SignInRules], other: SignInRules[keyof SignInRules]): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other
  return one.length === other.length && one.every((role) => other.includes(role))
}

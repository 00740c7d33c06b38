/** The rules in force: read once, kept in memory, changed in versions that are never altered. */
import { type Level, type Role, ShoukouError } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import type { SessionLimits } from './session.ts'
import {
  defaultRules,
  parseRules,
  type SignInRules,
  sessionLimitsOf,
  tightened,
  weakerThanLevel,
} from './sign-in-rules.ts'

export interface RulesChange {
  readonly baseVersion: number
  readonly rules: SignInRules
  readonly reason: string
}

export interface RulesBook {
  /** As they hold on this console: never weaker than its level demands. */
  current(): SignInRules
  /** 0 where none were ever set. */
  version(): number
  /** The sessions' limits, always those in force. */
  readonly sessionLimits: SessionLimits
  /**
   * Sets the next version.
   *
   * @throws ShoukouError `edit-conflict` where `baseVersion` is not the newest, `invalid-request` where they are weaker than
   * the level demands, or would lock somebody out.
   */
  change(change: RulesChange, by: { readonly account: string; readonly now: number }): Promise<void>
}

/** Reads the rules. @throws ShoukouError `state-unusable` where they can't be read. */
export async function openRulesBook(store: Store, level: Level): Promise<RulesBook> {
  let [version, rules] = await readNewest(store, level)
  return {
    current: () => rules,
    version: () => version,
    sessionLimits: {
      get idleMs() {
        return sessionLimitsOf(rules).idleMs
      },
      get absoluteMs() {
        return sessionLimitsOf(rules).absoluteMs
      },
      get wallMs() {
        return sessionLimitsOf(rules).wallMs ?? 0
      },
    },
    change: async (change, { account, now }) => {
      const weaker = weakerThanLevel(change.rules, level)
      if (weaker.length > 0) {
        throw new ShoukouError(
          'invalid-request',
          `Weaker than the level of this console demands: ${weaker.join(', ')}.`,
        )
      }
      const added = change.rules.certificateRoles.filter((role) => !rules.certificateRoles.includes(role))
      await assertKeysAtHand(store, added, now)
      const isNext = change.baseVersion === version
      const row = {
        version: version + 1,
        settings: JSON.stringify(change.rules),
        at: now,
        account,
        reason: change.reason,
      }
      if (!isNext || !(await store.addSignInRules(row))) {
        throw new ShoukouError('edit-conflict', 'The rules were changed meanwhile; look at them again.')
      }
      ;[version, rules] = await readNewest(store, level)
    },
  }
}

async function readNewest(store: Store, level: Level): Promise<[number, SignInRules]> {
  const stored = await store.signInRules()
  if (stored === null) return [0, defaultRules(level)]
  return [stored.version, tightened(parseRules(stored.settings), level)]
}

/** Whoever has no USB key yet could not sign in any more: keys come before the rule. */
async function assertKeysAtHand(store: Store, roles: readonly Role[], now: number): Promise<void> {
  if (roles.length === 0) return
  const certificates = await store.certificates()
  const holders = new Set(
    certificates
      .filter(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > now)
      .map(({ account }) => account),
  )
  const bare = (await store.accounts()).filter(
    ({ name, role, state }) => state === 'active' && roles.includes(role) && !holders.has(name),
  )
  if (bare.length === 0) return
  throw new ShoukouError(
    'invalid-request',
    `These accounts have no certificate yet and could not sign in any more: ${bare.map(({ name }) => name).join(', ')}. Issue theirs first.`,
  )
}

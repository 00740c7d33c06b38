/** The rules as rows: one for each setting, with what the level leaves open and where that comes from. Pure. */
import type { Role } from '@shoukou/protocol/access.ts'
import type { SignInRulesAnswer, SignInRulesValues } from '../../api/contract-sign-in.ts'

type Values = SignInRulesValues
type KeysOf<Kind> = { [Key in keyof Values]: Values[Key] extends Kind ? Key : never }[keyof Values]
export type NumberKey = KeysOf<number>
export type SwitchKey = KeysOf<boolean>
export type RolesKey = KeysOf<readonly Role[]>

export type RuleRow =
  | {
      readonly kind: 'number'
      readonly key: NumberKey
      readonly min: number
      readonly max: number
      readonly source: string
    }
  | {
      readonly kind: 'switch'
      readonly key: SwitchKey
      readonly isDemanded: boolean
      readonly source: string
    }
  | {
      readonly kind: 'roles'
      readonly key: RolesKey
      readonly demanded: readonly Role[]
      readonly source: string
    }

/** Returns the rows in the order of the page. */
export function ruleRows({ numbers, switches, roles }: SignInRulesAnswer): RuleRow[] {
  return [
    ...numbers.map(({ key, ...bound }) => ({ kind: 'number', key: key as NumberKey, ...bound }) as const),
    ...switches.map(({ key, ...one }) => ({ kind: 'switch', key: key as SwitchKey, ...one }) as const),
    ...roles.map(({ key, ...one }) => ({ kind: 'roles', key: key as RolesKey, ...one }) as const),
  ]
}

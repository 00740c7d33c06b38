/**
 * The words that no password of this console may hold: what everybody knows who knows where it stands. Written down in
 * docs/security.md; the page shows the demand, the console decides. Pure.
 */

/** Of the product, and of the roles as their first accounts are called. */
export const PRODUCT_WORDS: readonly string[] = [
  'shoukou',
  '守口',
  'sysadmin',
  'secadmin',
  'auditor',
  'custodian',
  'operator',
  '保密',
  '涉密',
]

export interface UnitNames {
  /** How the office calls itself. */
  readonly unit: string
  /** Names and addresses of the console. */
  readonly names: readonly string[]
}

/** Returns the words of a unit: of its name, whole and in parts, and of the names of its console. */
export function unitWords({ unit, names }: UnitNames): readonly string[] {
  const parts = [
    unit,
    ...unit.split(/[\s\p{P}\p{S}]+/u),
    ...names.filter(isName).flatMap((name) => name.split(/[.-]/)),
  ]
  return [...new Set([...PRODUCT_WORDS, ...parts.map((part) => part.trim().toLowerCase()).filter(isTelling)])]
}

/** Returns those of departments, which only the console compares with: not everybody may know them. */
export function departmentWords(departments: readonly string[]): readonly string[] {
  return departments.map((name) => name.trim().toLowerCase()).filter(isTelling)
}

function isName(name: string): boolean {
  return !/^[\d.:a-f]+$/i.test(name) || !/[\d:]/.test(name)
}

/** Shorter ones stand in passwords by chance: three Latin letters, or one character of a Chinese word. */
function isTelling(word: string): boolean {
  const isLatin = /^[\p{ASCII}]*$/u.test(word)
  return Array.from(word).length >= (isLatin ? 4 : 2) && !/^\d+$/.test(word)
}

/** What an account sees of the unit: all of it, or what belongs to its department. Pure: the one place that decides it. */
import { ROLE_SCOPES, type Role } from './access.ts'

export type ViewScope =
  | { readonly kind: 'unit' }
  /** Null: the account is given to no department, and sees nothing. */
  | { readonly kind: 'department'; readonly department: string | null }

/** Returns what an account sees. */
export function viewScopeOf({
  role,
  department,
}: {
  readonly role: Role
  readonly department: string | null
}): ViewScope {
  return ROLE_SCOPES[role] === 'unit' ? { kind: 'unit' } : { kind: 'department', department }
}

/**
 * Reports whether an object of a department may be seen. One that is given to none is seen by nobody who sees a
 * department alone.
 */
export function mayReach(scope: ViewScope, department: string | null): boolean {
  switch (scope.kind) {
    case 'unit':
      return true
    case 'department':
      return department !== null && department !== '' && scope.department === department
  }
}

/** Returns a department's name as it is kept and compared: one way to write it. */
export function departmentName(text: string): string {
  return text.normalize('NFC').trim().replaceAll(/\s+/gu, ' ')
}

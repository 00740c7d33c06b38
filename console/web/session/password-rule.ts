/** The rule for passwords of the console's own accounts: pure, and shown as one types. The console decides. */
export const passwordCharactersMin = 10

export type PasswordDemand = 'length' | 'upper' | 'lower' | 'digit' | 'special' | 'different'
export const passwordDemands: readonly PasswordDemand[] = [
  'length',
  'upper',
  'lower',
  'digit',
  'special',
  'different',
]

/** Returns what a new password still lacks, in the order of the rule. */
export function missingDemands(next: string, current: string): PasswordDemand[] {
  return passwordDemands.filter((demand) => !isMet(demand, next, current))
}

function isMet(demand: PasswordDemand, next: string, current: string): boolean {
  switch (demand) {
    case 'length':
      return Array.from(next).length >= passwordCharactersMin
    case 'upper':
      return /[A-Z]/.test(next)
    case 'lower':
      return /[a-z]/.test(next)
    case 'digit':
      return /[0-9]/.test(next)
    case 'special':
      return /[^A-Za-z0-9\s]/.test(next)
    case 'different':
      return next !== '' && next !== current
  }
}

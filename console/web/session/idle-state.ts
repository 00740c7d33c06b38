/** When a page that nobody touches warns, and when it locks: pure. */
export type IdleState =
  | { readonly kind: 'in-use' }
  | { readonly kind: 'warning'; readonly secondsLeft: number }
  | { readonly kind: 'over' }

export interface IdleLimits {
  readonly idleMs: number
  readonly warningMs: number
}

/**
 * Returns how it stands after so many ms without a touch. The page locks a twentieth early: the console counts uses in
 * steps of that size, and the page shall be first.
 */
export function idleState(untouchedMs: number, { idleMs, warningMs }: IdleLimits): IdleState {
  const leftMs = idleMs * 0.95 - untouchedMs
  if (leftMs <= 0) return { kind: 'over' }
  return leftMs > warningMs
    ? { kind: 'in-use' }
    : { kind: 'warning', secondsLeft: Math.max(1, Math.ceil(leftMs / 1_000)) }
}

/** What to say where nothing happens: how long, and what is nevertheless not known. Pure. */
import type { Overview } from '../../api/contract.ts'

const dayMs = 86_400_000

export interface Quiet {
  /** Whole days since the newest violation; null where there never was one. */
  readonly days: number | null
  readonly unproven: number
  /** When the one of them that was heard longest ago was heard; null: one was never heard, or none is unproven. */
  readonly heardAt: number | null
}

export function quietOf(watch: Overview['watch'], lastViolationAt: number | null, now: number): Quiet {
  return {
    days: lastViolationAt === null ? null : Math.max(0, Math.floor((now - lastViolationAt) / dayMs)),
    unproven: watch.unproven + watch.broken,
    heardAt: watch.heardAt,
  }
}

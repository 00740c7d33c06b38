/** Which steps of a clock are due: somebody is to be told. Pure. */
import type { EscalationStep } from '../../store/clock-ports.ts'
import type { ClockNow } from './clocks.ts'

/** Returns the steps that a clock has come to, the earliest first; none of one that is over. */
export function stepsDue(
  { kind, state, leftMs }: Pick<ClockNow, 'kind' | 'state' | 'leftMs'>,
  steps: readonly EscalationStep[],
): readonly EscalationStep[] {
  if (state === 'met' || state === 'stopped') return []
  return steps
    .filter(({ clock, leftMinutes }) => clock === kind && leftMs <= leftMinutes * 60_000)
    .toSorted((a, b) => b.leftMinutes - a.leftMinutes)
}

/**
 * Whether an agent's machine is the one that it was enrolled on, by what its makers burnt in. Pure.
 *
 * A false accusation is worse here than a difference that is only shown: a disk or a card that was exchanged, or a board
 * whose firmware was written anew, leaves others of its numbers. A machine that has none of them is another machine.
 */
import { type HardwareFact, isStableHardware } from '@shoukou/protocol'

export type MachineVerdict =
  /** `unknown`: too little is told on one side to say anything. */
  { readonly kind: 'same' | 'unknown' } | { readonly kind: 'changed' | 'other'; readonly inCommon: number }

/** Compares what enrolment said with what is told now; null: not told. */
export function judgeMachine(
  known: readonly HardwareFact[],
  told: readonly HardwareFact[] | null,
): MachineVerdict {
  if (told === null) return { kind: 'unknown' }
  const common = inCommon(known, told)
  if (common.length === known.length && common.length === told.length)
    return { kind: known.length === 0 ? 'unknown' : 'same' }
  const changed = { kind: 'changed', inCommon: common.length } as const
  if (common.some(({ part }) => isStableHardware(part))) return changed
  if (!tellsSameStablePart(known, told)) return common.length > 0 ? changed : { kind: 'unknown' }
  // A new board behind the old disk and the old card: a repair, to be looked at, and no other machine for sure.
  const isRepaired = ['disk', 'adapter'].every((part) => common.some((one) => one.part === part))
  return isRepaired ? changed : { kind: 'other', inCommon: common.length }
}

/**
 * Reports whether two agents stand on one machine. One number is not enough: makers leave the same one in many machines.
 */
export function isSameMachine(a: readonly HardwareFact[], b: readonly HardwareFact[]): boolean {
  const common = inCommon(a, b)
  if (common.length < 2 || !common.some(({ part }) => isStableHardware(part))) return false
  return partsOf(a).every(
    (part) =>
      !isStableHardware(part) || !partsOf(b).includes(part) || common.some((one) => one.part === part),
  )
}

function inCommon(a: readonly HardwareFact[], b: readonly HardwareFact[]): HardwareFact[] {
  const keys = new Set(b.map(keyOf))
  return a.filter((fact) => keys.has(keyOf(fact)))
}

/** Only a number that both name, and name otherwise, tells two machines apart. */
function tellsSameStablePart(a: readonly HardwareFact[], b: readonly HardwareFact[]): boolean {
  return partsOf(a).some((part) => isStableHardware(part) && partsOf(b).includes(part))
}

function partsOf(facts: readonly HardwareFact[]): HardwareFact['part'][] {
  return facts.map(({ part }) => part)
}

function keyOf({ part, hash }: HardwareFact): string {
  return `${part} ${hash}`
}

/**
 * Settles gaps: numbers that an agent no longer had when it sent what follows. Pure.
 *
 * A gap is declared where the journal itself, in its chain, says so (`journal.gap`) no later than the end that the
 * agent named when it connected. What is not declared by then, nobody declared. What this console's own receipt proves
 * to have been acknowledged before counts as declared: the agent was free to delete it, and the loss is the console's.
 */
import type { Record } from '@shoukou/protocol'
import type { NewGap } from '../store/ports.ts'

export interface SeqRange {
  readonly firstSeq: number
  readonly lastSeq: number
}

export interface SettledGap extends SeqRange {
  readonly state: 'declared' | 'undeclared'
}

/** Settles what can be settled once everything up to `lastSeq` is known, `declared` being all that the journal declared. */
export function settleGaps(
  pending: readonly NewGap[],
  declared: readonly SeqRange[],
  lastSeq: number,
): SettledGap[] {
  const settled: SettledGap[] = []
  for (const gap of pending) {
    const { firstSeq, declareBySeq } = gap
    if (isCovered(gap, declared)) settled.push({ firstSeq, lastSeq: gap.lastSeq, state: 'declared' })
    else if (lastSeq >= declareBySeq) settled.push({ firstSeq, lastSeq: gap.lastSeq, state: 'undeclared' })
  }
  return settled
}

/** The ranges that records declare. */
export function declaredIn(records: readonly Record[]): SeqRange[] {
  return records.flatMap(({ fact }) =>
    fact.kind === 'journal.gap' ? [{ firstSeq: fact.firstSeq, lastSeq: fact.lastSeq }] : [],
  )
}

/** The range that a proven receipt vouches for. */
export function acknowledgedBefore(receipt: { readonly seq: number } | null): SeqRange[] {
  return receipt === null || receipt.seq === 0 ? [] : [{ firstSeq: 1, lastSeq: receipt.seq }]
}

/** Several segments set aside are several declarations, and may be one gap. */
function isCovered(gap: SeqRange, declared: readonly SeqRange[]): boolean {
  let next = gap.firstSeq
  for (const range of declared.toSorted((a, b) => a.firstSeq - b.firstSeq)) {
    if (range.firstSeq <= next) next = Math.max(next, range.lastSeq + 1)
  }
  return next > gap.lastSeq
}

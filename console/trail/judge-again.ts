/**
 * Judges a violation's own record again: does the rule make the same violation, with the same evidence, of these bytes
 * and the policy that was in force?
 *
 * Only what a record and its policy alone decide is said to be otherwise. What was made of several records (a stay, a
 * connection, the register as it stood then) is proved by the evidence chain and by its record being there, not by this.
 */
import { type FactKind, type Policy, parseRecord } from '@shoukou/protocol'
import { judge } from '../rules/judge.ts'
import type { JudgeAgain, JudgedAgain } from '../store/verify/verify-kept.ts'

/** Kinds whose rules look at nothing but the record and the policy. */
const decidedAlone: ReadonlySet<FactKind> = new Set<FactKind>([
  'control.tampered',
  'network.traces',
  'network.changed-while-away',
  'network.hardware',
])

export const judgeAgain: JudgeAgain = ({ type, evidence, raw, policy, hasEarlierJournal }) => {
  if (policy === null) return 'needs-more'
  let kind: FactKind
  let made: readonly { readonly type: string; readonly evidence: unknown }[]
  try {
    const record = parseRecord(raw)
    kind = record.fact.kind
    made = judge(record, { policy: policy satisfies Policy, hasEarlierJournal })
  } catch {
    // The bytes themselves are verified where the chains are.
    return 'needs-more'
  }
  return verdict(type, evidence, kind, made)
}

function verdict(
  type: string,
  evidence: string,
  kind: FactKind,
  made: readonly { readonly type: string; readonly evidence: unknown }[],
): JudgedAgain {
  const isSame = made.some((one) => one.type === type && JSON.stringify(one.evidence) === evidence)
  if (isSame) return 'same'
  return decidedAlone.has(kind) ? 'otherwise' : 'needs-more'
}

/** The unit's own patterns of numbers. */
import { ShoukouError } from '@shoukou/protocol'
import { isMediumNumber } from '../../ledger/medium-details.ts'
import {
  numberIn,
  type PatternFault,
  type PatternKind,
  patternFault,
  stemOf,
} from '../../ledger/number-pattern.ts'
import type { Store } from '../../store/ports.ts'
import { reasonOf } from './faults.ts'

const exampleYear = 2026

const remedies: Readonly<Record<PatternFault, string>> = {
  'no-count': 'A pattern has {seq} once: it is what makes each number another one.',
  'unknown-part': 'A pattern knows {level}, {dept}, {year} and {seq:4}; take other braces out.',
  'bad-characters': 'A number begins with a letter or a digit, and has letters, digits and . _ / - alone.',
  'too-long': 'A pattern has 40 characters at most.',
}

/** @throws ShoukouError `invalid-request` where no numbers can be made by it, `edit-conflict`. */
export async function setNumberPattern(
  store: Store,
  kind: PatternKind,
  asked: { readonly pattern: string; readonly baseVersion: number; readonly reason: string },
  by: { readonly account: string; readonly now: number },
): Promise<void> {
  const pattern = asked.pattern.normalize('NFKC').trim()
  const fault = patternFault(pattern) ?? mediaFault(kind, pattern)
  if (fault !== null) throw new ShoukouError('invalid-request', remedies[fault])
  const { account: changedBy, now: changedAt } = by
  const row = { kind, pattern, version: asked.baseVersion + 1, changedAt, changedBy }
  await store.setNumberPattern(row, asked.baseVersion, reasonOf(asked.reason))
}

/** Numbers of media have fewer characters than those of the other registers: seals carry them. */
function mediaFault(kind: PatternKind, pattern: string): PatternFault | null {
  const stem = stemOf(pattern, { level: 'secret', departmentCode: 'A', year: exampleYear })
  return kind !== 'media' || isMediumNumber(numberIn(stem, 1)) ? null : 'bad-characters'
}

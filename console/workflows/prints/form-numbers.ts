/** How forms are numbered: by the unit's own pattern, beside those of the registers. */
import { ShoukouError } from '@shoukou/protocol'
import { patternFault, stemOf } from '../../ledger/number-pattern.ts'
import type { NumberStem } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'

const patternName = 'forms'
const firstPattern = 'BD-{year}-{seq:4}'

export interface FormPattern {
  readonly pattern: string
  /** 0: the unit has none of its own. */
  readonly version: number
}

export async function readFormPattern(store: Store): Promise<FormPattern> {
  const own = (await store.numberPatterns()).find(({ kind }) => kind === patternName)
  return { pattern: own?.pattern ?? firstPattern, version: own?.version ?? 0 }
}

/** Returns what stands around the count of a form's number this year. */
export async function formStem(store: Store, now: number): Promise<NumberStem> {
  const { pattern } = await readFormPattern(store)
  return stemOf(pattern, { level: null, departmentCode: '', year: new Date(now).getFullYear() })
}

/** @throws ShoukouError `invalid-request` where no numbers can be made by it, `edit-conflict`. */
export async function setFormPattern(
  store: Store,
  asked: { readonly pattern: string; readonly baseVersion: number; readonly reason: string },
  by: { readonly account: string; readonly now: number },
): Promise<void> {
  const pattern = asked.pattern.normalize('NFKC').trim()
  if (patternFault(pattern) !== null || /\{(?:level|dept)\}/.test(pattern))
    throw new ShoukouError(
      'invalid-request',
      'A pattern of form numbers has {seq} once, may have {year}, and else letters, digits and . _ / - alone.',
    )
  const row = {
    ...{ kind: patternName, pattern, version: asked.baseVersion + 1 },
    ...{ changedAt: by.now, changedBy: by.account },
  }
  await store.setNumberPattern(row, asked.baseVersion, asked.reason)
}

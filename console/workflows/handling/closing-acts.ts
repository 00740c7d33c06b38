/** The two ends of a serious violation, each carried out once a second person has agreed: closed, or called a false positive. */
import { ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { Type } from 'typebox'
import { OUTSIDE_RECIPIENTS } from '../../store/clock-ports.ts'
import { DISPOSITIONS, type Disposition } from '../../store/handling-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import type { ActExecutor, ActWords } from '../two-person/executor.ts'
import { DISPOSITION_WORDS } from './disposition-words.ts'
import { assertFollows } from './handle-violation.ts'
import { actOfStep, afterStep, type Handled, handledBy, mayClose, nextSteps } from './handling-state.ts'

export interface ClosingPayload {
  readonly violation: number
  /** What came of it; left out where a step told it before. */
  readonly disposition?: Disposition
}

const ClosingPayloadSchema = Type.Object(
  {
    violation: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    disposition: Type.Optional(Type.Enum([...DISPOSITIONS])),
  },
  { additionalProperties: false },
)
const check = checkOf(ClosingPayloadSchema)

/** Says of a violation what its list says: the sentence that a director understands. */
export type HeadlineOf = (violation: ViolationRow) => ActWords

export interface ClosingOptions {
  readonly store: Store
  readonly headlineOf: HeadlineOf
  /** Told after each change. */
  readonly changed: (violation: number) => Promise<void>
}

export function closingExecutors(options: ClosingOptions): readonly ActExecutor<ClosingPayload>[] {
  return [
    closing(options, { act: 'violation-close-serious', kind: 'close' }),
    closing(options, { act: 'violation-false-positive', kind: 'false-positive' }),
  ]
}

interface Closing {
  readonly act: 'violation-close-serious' | 'violation-false-positive'
  readonly kind: 'close' | 'false-positive'
}

const doing: Readonly<Record<Closing['kind'], ActWords>> = {
  close: { zh: '结案', en: 'Close' },
  'false-positive': { zh: '认定为误报', en: 'Call a false positive' },
}

/** Whoever agrees to close what may be a leak is to know that nobody was told of it. */
const UNREPORTED: ActWords = {
  zh: '。注意：没有登记过向保密行政管理部门或上级主管部门报告',
  en: '. Note: no report to the bureau or the superior office is on record',
}

async function isStillToBeReported(
  store: Pick<Store, 'clockReports'>,
  { id, severity, standing }: ViolationRow,
): Promise<boolean> {
  if (severity !== 'critical' && standing?.isIncident !== true) return false
  const reports = await store.clockReports(id)
  return !reports.some(({ what, recipient }) => what === 'report' && OUTSIDE_RECIPIENTS.includes(recipient))
}

/** Somebody may comment while it is carried out. */
const triesMax = 5

function mayEnd(kind: Closing['kind'], handled: Handled, detail: string): boolean {
  return kind === 'false-positive' || mayClose(handled, detail)
}

function closing(
  { store, headlineOf, changed }: ClosingOptions,
  { act, kind }: Closing,
): ActExecutor<ClosingPayload> {
  return {
    act,
    isRepeatable: true,
    async prepare(payload) {
      if (!check.Check(payload)) throw new ShoukouError('invalid-request', 'This is no end of a violation.')
      const violation = await store.violation(payload.violation)
      if (violation === null)
        throw new ShoukouError('not-found', 'There is no violation of this number; see the list.')
      const handled = handledBy(await store.handling(violation.id))
      assertFollows(handled, kind, violation)
      const detail = payload.disposition ?? handled.disposition ?? ''
      const isRepeat = (violation.standing?.repeatOf ?? null) !== null
      if (isRepeat || actOfStep(kind, violation.severity, handled) !== act || !mayEnd(kind, handled, detail))
        throw new ShoukouError('edit-conflict', 'That does not follow as it stands; look at its handling.')
      const headline = headlineOf(violation)
      const came = kind === 'close' && detail !== '' ? DISPOSITION_WORDS[detail] : null
      const repeats = violation.standing?.repeats ?? 1
      const isUnreported = kind === 'close' && (await isStillToBeReported(store, violation))
      return {
        object: String(violation.id),
        basis: JSON.stringify([
          violation.type,
          violation.severity,
          handled.state,
          handled.disposition,
          repeats,
        ]),
        words: {
          zh: `${doing[kind].zh}：违规 ${violation.id}${repeats > 1 ? `（共 ${repeats} 次）` : ''}，${headline.zh}${came === null ? '' : `（处理：${came.zh}）`}${isUnreported ? UNREPORTED.zh : ''}`,
          en: `${doing[kind].en}: violation ${violation.id}${repeats > 1 ? ` (${repeats} times)` : ''}, ${headline.en}${came === null ? '' : ` (what came of it: ${came.en})`}${isUnreported ? UNREPORTED.en : ''}`,
        },
      }
    },
    async carryOut({ payload, reason, askedBy, agreedBy, proposal, now }) {
      const { violation } = payload
      const severity = (await store.violation(violation))?.severity ?? 'critical'
      for (let tries = 0; tries < triesMax; tries += 1) {
        const steps = await store.handling(violation)
        const isDone = steps.some((one) => one.proposal === proposal)
        const handled = handledBy(steps)
        if (!isDone && !nextSteps(handled, severity).includes(kind)) break
        const taken = { kind, detail: payload.disposition ?? '' }
        const step = { violation, at: now, account: `${askedBy}, ${agreedBy}`, reason, proposal, ...taken }
        const row = await store.addHandling(step, steps.at(-1)?.id ?? null, afterStep(handled, taken))
        if (row === null) continue
        await changed(violation)
        return { detail: `${violation}: ${kind}` }
      }
      throw new ShoukouError('edit-conflict', 'Somebody took another step meanwhile; look at its handling.')
    },
  }
}

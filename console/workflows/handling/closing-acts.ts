/** The two ends of a serious violation, each carried out once a second person has agreed: closed, or called a false positive. */
import { ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Store, ViolationRow } from '../../store/ports.ts'
import type { ActExecutor, ActWords } from '../two-person/executor.ts'
import { actOfStep, handlingState, NEXT_STEPS } from './handling-state.ts'

export interface ClosingPayload {
  readonly violation: number
}

const ClosingPayloadSchema = Type.Object(
  { violation: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)
const check = Compile(ClosingPayloadSchema)

/** Says of a violation what its list says: the sentence that a director understands. */
export type HeadlineOf = (violation: ViolationRow) => ActWords

export function closingExecutors(
  store: Store,
  headlineOf: HeadlineOf,
): readonly ActExecutor<ClosingPayload>[] {
  return [
    closing(store, headlineOf, { act: 'violation-close-serious', kind: 'close' }),
    closing(store, headlineOf, { act: 'violation-false-positive', kind: 'false-positive' }),
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

/** Somebody may comment while it is carried out. */
const triesMax = 5

function closing(store: Store, headlineOf: HeadlineOf, { act, kind }: Closing): ActExecutor<ClosingPayload> {
  return {
    act,
    isRepeatable: true,
    async prepare(payload) {
      if (!check.Check(payload)) throw new ShoukouError('invalid-request', 'This is no end of a violation.')
      const violation = await store.violation(payload.violation)
      if (violation === null)
        throw new ShoukouError('not-found', 'There is no violation of this number; see the list.')
      const state = handlingState(await store.handling(violation.id))
      if (!NEXT_STEPS[state].includes(kind) || actOfStep(kind, violation.severity) !== act)
        throw new ShoukouError('edit-conflict', `That does not follow on ${state}; look at its handling.`)
      const headline = headlineOf(violation)
      return {
        object: String(violation.id),
        basis: JSON.stringify([violation.type, violation.severity, state]),
        words: {
          zh: `${doing[kind].zh}：违规 ${violation.id}，${headline.zh}`,
          en: `${doing[kind].en}: violation ${violation.id}, ${headline.en}`,
        },
      }
    },
    async carryOut({ payload, reason, askedBy, agreedBy, proposal, now }) {
      const { violation } = payload
      for (let tries = 0; tries < triesMax; tries += 1) {
        const steps = await store.handling(violation)
        const isDone = steps.some((one) => one.proposal === proposal)
        if (!isDone && !NEXT_STEPS[handlingState(steps)].includes(kind)) break
        const step = { violation, at: now, account: `${askedBy}, ${agreedBy}`, kind, reason, proposal }
        const row = await store.addHandling(step, steps.at(-1)?.id ?? null)
        if (row !== null) return { detail: `${violation}: ${kind}` }
      }
      throw new ShoukouError('edit-conflict', 'Somebody took another step meanwhile; look at its handling.')
    },
  }
}

/** Steps of handling a violation: written at once, or asked for where two people must want them. */
import { ShoukouError } from '@shoukou/protocol'
import type { HandlingKind, HandlingRow, ProposalRow } from '../../store/access-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import type { ActingAccount, TwoPerson } from '../two-person/two-person.ts'
import type { ClosingPayload } from './closing-acts.ts'
import { actOfStep, type HandlingState, handlingState, NEXT_STEPS } from './handling-state.ts'

export interface StepAsked {
  readonly kind: HandlingKind
  readonly reason: string
  /** The newest step that was seen; null: none. */
  readonly after: number | null
}

export interface HandlingNow {
  readonly state: HandlingState
  readonly steps: readonly HandlingRow[]
  /** Wishes that nobody has decided. */
  readonly open: readonly ProposalRow[]
}

export interface Handling {
  read(violation: number): Promise<HandlingNow>
  /**
   * Returns the wish where two people must want the step, null where it is done.
   *
   * @throws ShoukouError `edit-conflict` where somebody took a step meanwhile, or this one does not follow.
   */
  step(violation: ViolationRow, asked: StepAsked, by: ActingAccount): Promise<ProposalRow | null>
}

const openMax = 10

export function createHandling({
  store,
  acts,
  now,
}: {
  readonly store: Store
  readonly acts: TwoPerson
  readonly now: () => number
}): Handling {
  return {
    async read(violation) {
      const [steps, open] = await Promise.all([
        store.handling(violation),
        store.proposals({
          acts: ['violation-close-serious', 'violation-false-positive'],
          object: String(violation),
          isOpen: true,
          limit: openMax,
        }),
      ])
      return { state: handlingState(steps), steps, open }
    },
    async step(violation, { kind, reason, after }, by) {
      const steps = await store.handling(violation.id)
      if ((steps.at(-1)?.id ?? null) !== after) throw steppedMeanwhile()
      const state = handlingState(steps)
      if (!NEXT_STEPS[state].includes(kind))
        throw new ShoukouError('edit-conflict', `That does not follow on ${state}; look at its handling.`)
      const act = actOfStep(kind, violation.severity)
      if (act !== null) {
        const payload: ClosingPayload = { violation: violation.id }
        return acts.ask(act, payload, reason, by)
      }
      const step = { violation: violation.id, at: now(), account: by.name, kind, reason, proposal: null }
      if ((await store.addHandling(step, after)) === null) throw steppedMeanwhile()
      return null
    },
  }
}

function steppedMeanwhile(): ShoukouError {
  return new ShoukouError('edit-conflict', 'Somebody took a step meanwhile; look at it, then go on.')
}

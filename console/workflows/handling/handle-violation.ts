/** Steps of handling a violation: written at once, or asked for where two people must want them. */
import { mayRole, ShoukouError } from '@shoukou/protocol'
import type { ProposalRow } from '../../store/access-ports.ts'
import type { Disposition, HandlingKind, HandlingRow, StepKind } from '../../store/handling-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import type { ActingAccount, TwoPerson } from '../two-person/two-person.ts'
import type { ClosingPayload } from './closing-acts.ts'
import {
  actOfStep,
  afterStep,
  type Handled,
  handledBy,
  isOver,
  mayClose,
  nextSteps,
} from './handling-state.ts'

export interface StepAsked {
  readonly kind: StepKind
  readonly reason: string
  /** The newest step that was seen; null: none. */
  readonly after: number | null
  /** Of `dispose`, and of `close` where none was told before. */
  readonly disposition?: Disposition
}

export interface HandlingNow {
  readonly handled: Handled
  readonly steps: readonly HandlingRow[]
  /** Wishes that nobody has decided. */
  readonly open: readonly ProposalRow[]
}

export interface Handling {
  read(violation: number): Promise<HandlingNow>
  /**
   * Returns the wish where two people must want the step, null where it is done.
   *
   * @throws ShoukouError `edit-conflict` where somebody took a step meanwhile, or this one does not follow: the message says
   * what may; `invalid-request` where a closing does not say what came of it.
   */
  step(violation: ViolationRow, asked: StepAsked, by: ActingAccount): Promise<ProposalRow | null>
  /** Leaves a line in the history that changes no state. */
  note(violation: ViolationRow, line: NoteLine): Promise<void>
  /** Gives it to an account; empty: to nobody. @throws ShoukouError `invalid-request`, `edit-conflict` */
  assign(violation: ViolationRow, asked: AssignAsked, by: ActingAccount): Promise<void>
  /** Makes a violation a repeat of another one. @throws ShoukouError `edit-conflict` */
  merge(violation: ViolationRow, lead: ViolationRow, asked: MergeAsked): Promise<void>
  /** Lets a repeat stand for itself again. @throws ShoukouError `edit-conflict` */
  unmerge(violation: ViolationRow, asked: MergeAsked): Promise<void>
}

export interface NoteLine {
  readonly kind: Exclude<HandlingKind, StepKind>
  readonly account: string
  readonly reason: string
  readonly detail: string
}
export interface AssignAsked {
  readonly account: string
  readonly reason: string
  readonly after: number | null
}
export interface MergeAsked {
  readonly reason: string
  readonly account: string
}

const openMax = 10
/** Somebody may take a step meanwhile: a line that changes nothing is written after it. */
const triesMax = 5

export interface HandlingOptions {
  readonly store: Store
  readonly acts: TwoPerson
  readonly now: () => number
  /** Told after each change. */
  readonly changed: (violation: number) => Promise<void>
}

export function createHandling({ store, acts, now, changed }: HandlingOptions): Handling {
  return {
    async read(violation) {
      const [steps, open] = await Promise.all([
        store.handling(violation),
        store.proposals({
          acts: ['violation-close-serious', 'violation-false-positive', 'violation-exception'],
          object: String(violation),
          isOpen: true,
          limit: openMax,
        }),
      ])
      return { handled: handledBy(steps), steps, open }
    },
    async step(violation, { kind, reason, after, disposition }, by) {
      assertOwnStanding(violation)
      const steps = await store.handling(violation.id)
      if ((steps.at(-1)?.id ?? null) !== after) throw steppedMeanwhile()
      const handled = handledBy(steps)
      assertFollows(handled, kind, violation)
      const detail = disposition ?? ''
      if (kind === 'dispose' && disposition === undefined)
        throw new ShoukouError('invalid-request', 'Say what came of it: choose one of the measures.')
      if (kind === 'close' && !mayClose(handled, detail))
        throw new ShoukouError(
          'invalid-request',
          'Say first what came of it for whoever answers for it: no violation is closed without.',
        )
      const act = actOfStep(kind, violation.severity, handled)
      if (act !== null) {
        const payload: ClosingPayload = {
          violation: violation.id,
          ...(kind === 'close' && disposition !== undefined ? { disposition } : {}),
        }
        return acts.ask(act, payload, reason, by)
      }
      const taken = { kind, detail: kind === 'dispose' || kind === 'close' ? detail : '' }
      const step = { violation: violation.id, at: now(), account: by.name, reason, proposal: null, ...taken }
      const row = await store.addHandling(step, after, afterStep(handled, taken))
      if (row === null) throw steppedMeanwhile()
      await changed(violation.id)
      return null
    },
    async note(violation, { kind, account, reason, detail }) {
      for (let tries = 0; tries < triesMax; tries += 1) {
        const steps = await store.handling(violation.id)
        const step = { violation: violation.id, at: now(), account, kind, reason, proposal: null, detail }
        const row = await store.addHandling(step, steps.at(-1)?.id ?? null, handledBy(steps))
        if (row !== null) return changed(violation.id)
      }
      throw steppedMeanwhile()
    },
    async assign(violation, { account, reason, after }, by) {
      assertOwnStanding(violation)
      if (account !== '') await assertHandler(store, account)
      const steps = await store.handling(violation.id)
      if ((steps.at(-1)?.id ?? null) !== after) throw steppedMeanwhile()
      const taken = { kind: 'assign', detail: account } as const
      const step = { violation: violation.id, at: now(), account: by.name, reason, proposal: null, ...taken }
      const row = await store.addHandling(step, after, afterStep(handledBy(steps), taken))
      if (row === null) throw steppedMeanwhile()
      await changed(violation.id)
    },
    async merge(violation, lead, { reason, account }) {
      assertMergeable(violation, lead)
      const by = { at: now(), account, reason }
      if (!(await store.mergeViolations(lead.id, violation.id, by))) throw steppedMeanwhile()
      await changed(lead.id)
      await changed(violation.id)
    },
    async unmerge(violation, { reason, account }) {
      const lead = violation.standing?.repeatOf ?? null
      const by = { at: now(), account, reason }
      const own = handledBy(await store.handling(violation.id))
      if (lead === null || !(await store.unmergeViolation(violation.id, by, own)))
        throw new ShoukouError('edit-conflict', 'It stands for itself already; look at it anew.')
      await changed(lead)
      await changed(violation.id)
    },
  }
}

/** Throws where a step does not follow; the message says what may. */
export function assertFollows(
  handled: Handled,
  kind: StepKind,
  { severity }: Pick<ViolationRow, 'severity'>,
): void {
  const may = nextSteps(handled, severity)
  if (may.includes(kind)) return
  throw new ShoukouError(
    'edit-conflict',
    `That does not follow on ${handled.state}; what may follow: ${may.join(', ')}. Look at its handling.`,
  )
}

function assertOwnStanding({ standing }: ViolationRow): void {
  const lead = standing?.repeatOf ?? null
  if (lead === null) return
  throw new ShoukouError(
    'edit-conflict',
    `It is a repeat of violation ${lead} and is handled there; let it stand for itself first, or go there.`,
  )
}

async function assertHandler(store: Store, name: string): Promise<void> {
  const account = await store.account(name)
  if (account?.state === 'active' && mayRole(account.role, 'violations.handle')) return
  throw new ShoukouError(
    'invalid-request',
    'No account of this name handles violations; choose one of the list.',
  )
}

/** Nothing is put behind another one that says less, and nothing that somebody has taken up. */
function assertMergeable(violation: ViolationRow, lead: ViolationRow): void {
  const refuse = (why: string): never => {
    throw new ShoukouError('edit-conflict', why)
  }
  if (violation.id === lead.id) refuse('A violation is no repeat of itself; choose another one.')
  if (violation.agent !== lead.agent || violation.type !== lead.type)
    refuse('Only violations of one type on one computer are merged; choose another one.')
  if (violation.severity !== lead.severity || violation.level !== lead.level)
    refuse('One of them weighs more than the other; handle each by itself.')
  const [own, other] = [violation.standing, lead.standing]
  if ((own?.repeatOf ?? null) !== null || (other?.repeatOf ?? null) !== null)
    refuse('One of them is a repeat already; merge what stands for itself.')
  if (own !== undefined && own.state !== 'detected' && own.state !== 'acknowledged')
    refuse('It is under way already; handle it to its end.')
  if (other !== undefined && isOver(other.state))
    refuse('The one to merge it into is over; open that again first.')
  if (areTwoThings(own?.subject ?? null, other?.subject ?? null))
    refuse('They are about two media, or two devices: one found or explained says nothing of the other.')
  // Its clock would stop, and its sound with it, by an exception that nobody made for it.
  if ((own?.exception?.id ?? null) !== (other?.exception?.id ?? null))
    refuse('An exception allows one of them and not the other; handle each by itself.')
}

/** Two carriers, each with a name of its own. A net may call itself otherwise from one moment to the next. */
function areTwoThings(one: string | null, other: string | null): boolean {
  const isThing = (subject: string | null): boolean =>
    subject !== null && /^(?:medium|device|place):/.test(subject)
  return one !== other && isThing(one) && isThing(other)
}

function steppedMeanwhile(): ShoukouError {
  return new ShoukouError('edit-conflict', 'Somebody took a step meanwhile; look at it, then go on.')
}

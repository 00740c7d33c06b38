/**
 * Exceptions: the like of a violation is allowed on its computer until a day, for a reason. It is recorded all the same and
 * shown as allowed; it runs no clock and makes no sound. Of what may be a leak, two people must want it.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { ProposalRow } from '../../store/access-ports.ts'
import type { ExceptionRow } from '../../store/handling-ports.ts'
import type { Severity, Store, ViolationRow } from '../../store/ports.ts'
import type { ActingAccount, TwoPerson } from '../two-person/two-person.ts'
import type { ExceptionPayload } from './exception-act.ts'

const dayMs = 86_400_000
export const EXCEPTION_DAYS_MAX: Readonly<Record<Severity, number>> = {
  critical: 30,
  high: 90,
  medium: 90,
  low: 90,
}

export interface ExceptionAsked {
  readonly until: number
  readonly reason: string
}

export interface Exceptions {
  /**
   * Makes it, or asks for it where two people must want it.
   *
   * @throws ShoukouError `invalid-request`, `edit-conflict` where one of the same is in force.
   */
  make(
    violation: ViolationRow,
    asked: ExceptionAsked,
    by: ActingAccount,
  ): Promise<{ readonly exception: ExceptionRow | null; readonly proposal: ProposalRow | null }>
  /** @throws ShoukouError `edit-conflict` where it is over already. */
  revoke(id: number, by: { readonly account: string; readonly reason: string }): Promise<void>
  /** Lets what lasts come back from under those whose time is over; tells of each as of a new one. */
  expire(): Promise<void>
}

export interface ExceptionsOptions {
  readonly store: Store
  readonly acts: TwoPerson
  readonly now: () => number
  readonly changed: (violation: number) => Promise<void>
}

export function createExceptions({ store, acts, now, changed }: ExceptionsOptions): Exceptions {
  return {
    async make(violation, { until, reason }, by) {
      assertException(violation, until, now())
      if (violation.severity === 'critical') {
        const payload: ExceptionPayload = { violation: violation.id, until }
        return { exception: null, proposal: await acts.ask('violation-exception', payload, reason, by) }
      }
      const made = { until, reason, account: by.name, proposal: null }
      const exception = await addException({ store, changed }, violation, { ...made, from: now() })
      return { exception, proposal: null }
    },
    async revoke(id, { account, reason }) {
      const back = await store.revokeException(id, { at: now(), account, reason })
      if (back === null)
        throw new ShoukouError('edit-conflict', 'This exception is over already; look at the list anew.')
      for (const violation of back) await changed(violation.id)
    },
    async expire() {
      for (const violation of await store.expireExceptions(now())) await changed(violation.id)
    },
  }
}

/** @throws ShoukouError `invalid-request` where there is nothing to allow, or for too long. */
export function assertException(violation: ViolationRow, until: number, now: number): void {
  if ((violation.standing?.subject ?? null) === null)
    throw new ShoukouError(
      'invalid-request',
      'It is about nothing that could be told from another: no exception can be made of it.',
    )
  const days = EXCEPTION_DAYS_MAX[violation.severity]
  if (until <= now || until > now + days * dayMs)
    throw new ShoukouError('invalid-request', `An exception ends within ${days} days; choose an earlier day.`)
}

/** @throws ShoukouError `edit-conflict` where one of the same is in force. */
export async function addException(
  { store, changed }: Pick<ExceptionsOptions, 'store' | 'changed'>,
  violation: ViolationRow,
  made: {
    readonly from: number
    readonly until: number
    readonly reason: string
    readonly account: string
    readonly proposal: number | null
  },
): Promise<ExceptionRow> {
  const { type, agent, standing, id } = violation
  const exception = await store.addException({
    ...made,
    type,
    agent,
    subject: standing?.subject ?? '',
    violation: id,
  })
  if (exception === null)
    throw new ShoukouError(
      'edit-conflict',
      'An exception for the same is in force already; revoke that first.',
    )
  await changed(id)
  return exception
}

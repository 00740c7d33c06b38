/** Puts together what two people must want, who has which account, and how violations are handled; and ends what nobody decided. */
import type { Store, ViolationRow } from '../../store/ports.ts'
import { type Accounts, createAccounts } from '../accounts/manage-accounts.ts'
import { roleChangeExecutor } from '../accounts/role-change.ts'
import { closingExecutors, type HeadlineOf } from '../handling/closing-acts.ts'
import { exceptionExecutor } from '../handling/exception-act.ts'
import { createExceptions, type Exceptions } from '../handling/exceptions.ts'
import { createHandling, type Handling } from '../handling/handle-violation.ts'
import { createPapers, type Papers } from '../handling/papers.ts'
import type { Isolation } from '../network/isolation.ts'
import { releaseExecutor } from '../network/isolation-release.ts'
import type { ActExecutor } from './executor.ts'
import { TWO_PERSON_LIMITS } from './limits.ts'
import { createTwoPerson, type TwoPerson } from './two-person.ts'

export interface AccessPort {
  readonly acts: TwoPerson
  readonly accounts: Accounts
  readonly handling: Handling
  readonly papers: Papers
  readonly exceptions: Exceptions
}

export interface AccessOptions {
  readonly store: Store
  readonly now: () => number
  readonly log: { error(fields: object, message: string): void }
  readonly isolation: Isolation
  readonly headlineOf: HeadlineOf
  /** Told of each violation whose handling has changed, as it is then. */
  readonly handled?: (violation: ViolationRow) => void
  /** Of acts that other parts of the console carry out. */
  readonly executors?: readonly ActExecutor<never>[]
}

export function createAccess(options: AccessOptions): AccessPort {
  const { store, now, log, isolation, headlineOf, executors = [] } = options
  const changed = async (id: number): Promise<void> => {
    const violation = await store.violation(id)
    if (violation !== null) options.handled?.(violation)
  }
  const acts = createTwoPerson({
    store,
    now,
    log,
    executors: [
      roleChangeExecutor(store),
      releaseExecutor(store, isolation),
      ...closingExecutors({ store, headlineOf, changed }),
      exceptionExecutor({ store, headlineOf, now, changed }),
      ...executors,
    ] as readonly ActExecutor<never>[],
  })
  const handling = createHandling({ store, acts, now, changed })
  return {
    acts,
    accounts: createAccounts({ store, acts, now }),
    handling,
    papers: createPapers({ store, handling, now }),
    exceptions: createExceptions({ store, acts, now, changed }),
  }
}

/** Ends what nobody decided in time, again and again; returns what stops it, once the last look has ended. */
export function watchOverdue(acts: TwoPerson, log: AccessOptions['log']): () => Promise<void> {
  let look: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    look = look.then(() =>
      acts.expire().catch((error: unknown) => log.error({ err: error }, 'overdue acts could not be ended')),
    )
  }, TWO_PERSON_LIMITS.overdueCheckMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await look
  }
}

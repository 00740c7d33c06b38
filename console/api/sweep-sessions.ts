/** Ends sessions whose time is over though no request says so, notes it, and removes the rows of those that ended long ago. */
import type { Store } from '../store/ports.ts'
import { ACCOUNT_LIMITS } from '../workflows/accounts/limits.ts'
import type { SessionLimits } from '../workflows/accounts/session.ts'
import type { Api } from './fastify.ts'
import { API_LIMITS } from './limits.ts'
import type { OpenFeeds } from './open-feeds.ts'
import type { ApiLog } from './ports.ts'

export interface SweepOptions {
  readonly store: Store
  readonly feeds: OpenFeeds
  readonly log: ApiLog
  readonly now: () => number
  readonly sessionLimits: SessionLimits
}

/** Sweeps once: a session that nobody used is ended and noted as such, as if its page had locked itself. */
export async function sweepSessions({ store, feeds, now, sessionLimits }: SweepOptions): Promise<void> {
  const at = now()
  const ended = await store.sweepSessions({
    at,
    usedBefore: at - sessionLimits.idleMs,
    createdBefore: at - sessionLimits.absoluteMs,
    endedBefore: at - ACCOUNT_LIMITS.sessionMs,
  })
  for (const { id, account, address, ending } of ended) {
    feeds.end({ session: id })
    await store.addAction({
      at,
      account,
      action: 'session-over',
      object: account,
      detail: ending ?? '',
      address,
    })
  }
}

/** Sweeps again and again while the API runs. */
export function sweepWhileRunning(api: Api, options: SweepOptions): void {
  const sweep = (): void => {
    sweepSessions(options).catch((error: unknown) => {
      options.log.error({ err: error }, 'sessions that are over could not be ended')
    })
  }
  const timer = setInterval(sweep, API_LIMITS.sessionSweepMs)
  timer.unref()
  api.addHook('preClose', async () => clearInterval(timer))
}

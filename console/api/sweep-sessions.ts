/** Ends sessions whose time is over though no request says so, notes it, and removes the rows of those that ended long ago. */
import type { Store } from '../store/ports.ts'
import type { SessionRow } from '../store/sign-in-ports.ts'
import { ACCOUNT_LIMITS } from '../workflows/accounts/limits.ts'
import { isWallOver, type SessionLimits } from '../workflows/accounts/session.ts'
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
  const walls = await endWallsThatAreOver(store, at, sessionLimits)
  for (const { id, account, address, ending } of [...ended, ...walls]) {
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

/** Wall displays are not ended for want of use, but when their own time is over, or the rules no longer allow them. */
async function endWallsThatAreOver(
  store: Store,
  at: number,
  limits: SessionLimits,
): Promise<readonly Pick<SessionRow, 'id' | 'account' | 'address' | 'ending'>[]> {
  const over = (await store.openWalls()).filter((wall) => isWallOver(wall, at, limits))
  const ended: Pick<SessionRow, 'id' | 'account' | 'address' | 'ending'>[] = []
  for (const { id, session, account, address } of over) {
    await store.endWall(id, { at, by: '', why: '' })
    if (session !== null && (await store.endSession(session, 'wall-over', at)))
      ended.push({ id: session, account, address, ending: 'wall-over' })
  }
  return ended
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

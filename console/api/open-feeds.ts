/** The feed connections that are open, by session: so that signing out ends them at once. */
import { ShoukouError } from '@shoukou/protocol'
import type { FeedConnection } from './feed-connection.ts'
import { API_LIMITS } from './limits.ts'

export class OpenFeeds {
  readonly #bySession = new Map<string, Set<FeedConnection>>()

  /** @throws ShoukouError `rate-limited` where a session has as many as it may. */
  assertRoom(session: string): void {
    if ((this.#bySession.get(session)?.size ?? 0) < API_LIMITS.feedsPerSessionMax) return
    throw new ShoukouError('rate-limited', 'Too many pages of one session follow the feed; close some, then reload.')
  }

  add(session: string, connection: FeedConnection): void {
    const open = this.#bySession.get(session) ?? new Set()
    this.#bySession.set(session, open.add(connection))
  }

  remove(session: string, connection: FeedConnection): void {
    const open = this.#bySession.get(session)
    open?.delete(connection)
    if (open?.size === 0) this.#bySession.delete(session)
  }

  closeSession(session: string): void {
    for (const connection of [...(this.#bySession.get(session) ?? [])]) connection.close('session-over')
  }

  closeAll(): void {
    for (const open of [...this.#bySession.values()]) for (const connection of [...open]) connection.close('stopping')
  }
}

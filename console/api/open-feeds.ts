/** The feed connections that are open, and whose they are: so that signing out ends them at once. */
import { ShoukouError } from '@shoukou/protocol'
import type { FeedConnection } from './feed-connection.ts'
import { API_LIMITS } from './limits.ts'

export interface FeedOwner {
  readonly session: string
  readonly account: string
}

export class OpenFeeds {
  readonly #owners = new Map<FeedConnection, FeedOwner>()

  /** @throws ShoukouError `rate-limited` where a session has as many as it may. */
  assertRoom(session: string): void {
    const open = [...this.#owners.values()].filter((owner) => owner.session === session).length
    if (open < API_LIMITS.feedsPerSessionMax) return
    throw new ShoukouError(
      'rate-limited',
      'Too many pages of one session follow the feed; close some, then reload.',
    )
  }

  /** Keeps a connection until it closes. */
  add(owner: FeedOwner, connection: FeedConnection, afterClose: () => void): void {
    this.#owners.set(connection, owner)
    connection.onClose(() => {
      this.#owners.delete(connection)
      afterClose()
    })
  }

  /** Ends those of a session, or of an account. */
  end(whose: Partial<FeedOwner>): void {
    for (const [connection, owner] of this.#owners) {
      if (owner.session === whose.session || owner.account === whose.account) connection.close('session-over')
    }
  }

  endAll(): void {
    for (const connection of this.#owners.keys()) connection.close('stopping')
  }
}

/**
 * Messages that were taken from the kernel and are not told yet, up to a bound; and what was lost on the way, which only
 * a dump makes good.
 */
import type { OverflowWatch } from '../overflow-watch.ts'
import type { SensorLog } from '../sensor.ts'
import type { NetMessage } from './net-messages.ts'
import type { TakenMessages } from './rtnetlink-linux.ts'

export const inboxMessagesMax = 200_000

export class MessageInbox {
  readonly #overflows: OverflowWatch
  readonly #log: SensorLog
  #messages: NetMessage[] = []

  constructor(overflows: OverflowWatch, log: SensorLog) {
    this.#overflows = overflows
    this.#log = log
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0
  }

  put(taken: TakenMessages, nowMs: number): void {
    if (taken.foreign > 0) this.#log.warn({ count: taken.foreign }, 'netlink messages of a stranger dropped')
    if (taken.unreadable > 0) this.#overflows.noticed('unreadable-messages', nowMs)
    if (taken.overflowed) this.#overflows.noticed('netlink-route', nowMs)
    if (this.#messages.length + taken.messages.length > inboxMessagesMax) {
      this.#messages = []
      this.#overflows.noticed('pending-messages', nowMs)
      return
    }
    for (const message of taken.messages) this.#messages.push(message)
  }

  /** Returns all, and keeps none. */
  empty(): readonly NetMessage[] {
    return this.#messages.splice(0)
  }
}

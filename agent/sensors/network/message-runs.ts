/** Messages in runs of one subject, so that thousands of one kind are played at one go. Pure. */
import type { AddressMessage, LinkMessage, NetMessage, RouteMessage } from './net-messages.ts'

export type MessageRun =
  | { readonly kind: 'routes'; readonly messages: readonly RouteMessage[] }
  | { readonly kind: 'interfaces'; readonly messages: readonly (LinkMessage | AddressMessage)[] }

interface Stretch {
  readonly way: 'links' | 'coming' | 'going'
  readonly interfaces: (LinkMessage | AddressMessage)[]
  readonly routes: RouteMessage[]
}

/**
 * Returns the runs in the order of the kernel's messages. Where addresses and routes only come, or only go, an address
 * and its route in turns, the addresses are one run and the routes another: in the order of cause, an address before
 * the route that it brings, and after the one that it takes along.
 */
export function messageRuns(messages: readonly NetMessage[]): MessageRun[] {
  const stretches: Stretch[] = []
  for (const message of messages) {
    if (message.kind === 'neighbour' || message.kind === 'rule' || message.kind === 'setting') continue
    const way = message.kind === 'link' ? 'links' : message.isRemoval ? 'going' : 'coming'
    let last = stretches.at(-1)
    if (last?.way !== way) {
      last = { way, interfaces: [], routes: [] }
      stretches.push(last)
    }
    if (message.kind === 'route') last.routes.push(message)
    else last.interfaces.push(message)
  }
  return stretches.flatMap(({ way, interfaces, routes }): MessageRun[] => {
    const runs: MessageRun[] = [
      { kind: 'interfaces', messages: interfaces },
      { kind: 'routes', messages: routes },
    ]
    return (way === 'going' ? runs.toReversed() : runs).filter((run) => run.messages.length > 0)
  })
}

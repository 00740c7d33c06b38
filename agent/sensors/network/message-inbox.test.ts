import { expect, it } from 'vitest'
import { OverflowWatch } from '../overflow-watch.ts'
import { inboxMessagesMax, MessageInbox } from './message-inbox.ts'
import type { NetMessage } from './net-messages.ts'

const message: NetMessage = {
  kind: 'address',
  isRemoval: false,
  index: 2,
  family: 'ipv4',
  address: '192.0.2.1',
  prefixLength: 24,
  scope: 'global',
}
const warned: string[] = []
const log = {
  info: () => undefined,
  warn: (_: object, text: string) => void warned.push(text),
  error: () => undefined,
}
const taken = (count: number, more: object = {}) => ({
  messages: Array.from({ length: count }, () => message),
  overflowed: false,
  foreign: 0,
  unreadable: 0,
  ...more,
})

it('holds messages up to its bound; one more is a loss that is told', () => {
  const overflows = new OverflowWatch()
  const inbox = new MessageInbox(overflows, log)
  inbox.put(taken(inboxMessagesMax), 1_000)
  expect(overflows.take(1_000)).toEqual([])
  expect(inbox.empty()).toHaveLength(inboxMessagesMax)
  inbox.put(taken(inboxMessagesMax), 2_000)
  inbox.put(taken(1), 2_001)
  expect(overflows.take(2_001)).toEqual([{ queue: 'pending-messages', noticedMs: 2_001 }])
  expect(inbox.isEmpty).toBe(true)
})

it('takes a message that could not be understood for a loss, and a stranger’s for none', () => {
  const overflows = new OverflowWatch()
  const inbox = new MessageInbox(overflows, log)
  inbox.put(taken(0, { foreign: 3 }), 1_000)
  expect(overflows.take(1_000)).toEqual([])
  expect(warned).toHaveLength(1)
  inbox.put(taken(0, { unreadable: 1 }), 2_000)
  inbox.put(taken(0, { overflowed: true }), 2_001)
  expect(overflows.take(2_001).map(({ queue }) => queue)).toEqual(['unreadable-messages', 'netlink-route'])
})

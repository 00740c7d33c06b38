import { expect, it } from 'vitest'
import {
  attribute,
  attributeMap,
  attributesIn,
  errnoOf,
  NLMSG_DONE,
  NLMSG_ERROR,
  netlinkMessage,
  parseNetlink,
} from './parse-netlink.ts'

const refusal = netlinkMessage(NLMSG_ERROR, 0, 7, Buffer.from([0xfe, 0xff, 0xff, 0xff, 1, 2, 3, 4]))

it('reads every message of a datagram, padding left out', () => {
  const bytes = Buffer.concat([netlinkMessage(20, 2, 7, Buffer.from([1, 2, 3, 4, 5])), refusal])
  const { messages, faults } = parseNetlink(bytes)
  expect(messages.map(({ type, sequence, body }) => [type, sequence, body.length])).toEqual([
    [20, 7, 5],
    [NLMSG_ERROR, 7, 8],
  ])
  expect(faults).toBe(0)
})

it('tells the errno of a refusal, and none of an end without one', () => {
  const [error] = parseNetlink(refusal).messages
  const [done] = parseNetlink(netlinkMessage(NLMSG_DONE, 2, 7, Buffer.alloc(0))).messages
  if (error === undefined || done === undefined) throw new Error('no message')
  expect([errnoOf(error), errnoOf(done)]).toEqual([2, 0])
})

it('counts a message that says to be longer than the datagram, and keeps those before it', () => {
  const liar = netlinkMessage(20, 0, 1, Buffer.alloc(4))
  liar.writeUInt32LE(4_000_000_000, 0)
  const { messages, faults } = parseNetlink(Buffer.concat([refusal, liar]))
  expect([messages.length, faults]).toEqual([1, 1])
  expect(parseNetlink(Buffer.alloc(40)).messages).toEqual([])
})

it('walks attributes without their flags, and ends at one that lies about its length', () => {
  const nested = attribute(0x8003, attribute(1, Buffer.from('ab')))
  const liar = Buffer.from([200, 0, 9, 0])
  const body = Buffer.concat([Buffer.from([9, 9, 9, 9]), attribute(2, Buffer.from('x')), nested, liar])
  expect([...attributesIn(body, 4)].map(([type]) => type)).toEqual([2, 3])
  const inner = attributeMap(body, 4).get(3)
  expect(inner === undefined ? null : attributeMap(inner).get(1)?.toString()).toBe('ab')
})

it('never throws, whatever the bytes are', () => {
  for (let seed = 0; seed < 2_000; seed += 1) {
    const bytes = Buffer.from(
      Array.from({ length: seed % 97 }, (_, index) => (seed * 31 + index * index * 7) & 0xff),
    )
    for (const { body } of parseNetlink(bytes).messages) attributeMap(body)
    expect([...attributesIn(bytes)].length).toBeLessThan(40)
  }
})

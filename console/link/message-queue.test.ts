import { LIMITS } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { MessageQueue } from './message-queue.ts'

const records = (bytes: number) => ({ data: Buffer.alloc(bytes), isBinary: true })
const control = { data: Buffer.from('{}'), isBinary: false }

it('takes neighbouring records together, up to what one frame may hold, and never past another message', () => {
  const queue = new MessageQueue()
  for (const message of [records(10), records(20), control, records(30)]) queue.push(message)
  expect([queue.take().length, queue.take(), queue.take().length]).toEqual([2, [control], 1])
  expect(queue.isEmpty).toBe(true)
  queue.push(records(LIMITS.frameBytesMax))
  queue.push(records(1))
  expect([queue.take().length, queue.take().length]).toEqual([1, 1])
})

it('is full at 256 messages, or at the bytes of the window, and no longer when they are taken', () => {
  const many = new MessageQueue()
  for (let n = 0; n < 255; n += 1) many.push(control)
  expect(many.isFull).toBe(false)
  many.push(control)
  expect(many.isFull).toBe(true)
  many.take()
  expect(many.isFull).toBe(false)
  const large = new MessageQueue()
  for (let n = 0; n < 4; n += 1) large.push(records(LIMITS.windowBytesMax / 4 - (n === 3 ? 1 : 0)))
  expect(large.isFull).toBe(false)
  large.push(records(1))
  expect(large.isFull).toBe(true)
})

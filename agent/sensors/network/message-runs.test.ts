import { expect, it } from 'vitest'
import { messageRuns } from './message-runs.ts'
import type { NetMessage } from './net-messages.ts'

const address = (last: number, isRemoval = false): NetMessage => ({
  kind: 'address',
  isRemoval,
  index: 2,
  family: 'ipv4',
  address: `192.0.2.${last}`,
  prefixLength: 24,
  scope: 'global',
})
const route = (last: number, isRemoval = false): NetMessage => ({
  kind: 'route',
  isRemoval,
  family: 'ipv4',
  destination: `192.0.2.${last}`,
  prefixLength: 32,
  gateway: null,
  index: 2,
  table: 254,
  metric: null,
})
const shapeOf = (messages: readonly NetMessage[]): string[] =>
  messageRuns(messages).map((run) => `${run.kind} ${run.messages.length}`)

it('makes two runs of thousands of addresses that each bring a route', () => {
  const coming = Array.from({ length: 1_000 }, (_, index) => [address(index), route(index)]).flat()
  expect(shapeOf(coming)).toEqual(['interfaces 1000', 'routes 1000'])
})

it('puts the routes first where they go with their addresses', () => {
  expect(shapeOf([address(1, true), route(1, true)])).toEqual(['routes 1', 'interfaces 1'])
})

it('keeps apart what came and what went, so that what stood for a moment is told', () => {
  expect(shapeOf([route(1), route(1, true), route(1)])).toEqual(['routes 1', 'routes 1', 'routes 1'])
})

import type { Route } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { GatewayWatch } from './gateway-watch.ts'
import type { NeighbourMessage } from './net-messages.ts'

const route = (gateway: string | null): Route => ({
  family: 'ipv4',
  destination: '0.0.0.0',
  prefixLength: 0,
  gateway,
  interfaceIndex: 2,
  interfaceName: 'eth0',
  table: 254,
  metric: null,
})
const says = (address: string, mac: string | null, isRemoval = false): NeighbourMessage => ({
  kind: 'neighbour',
  isRemoval,
  neighbour: { address, mac, interfaceIndex: 2, state: 'reachable', isRouter: false },
})

it('hears of a gateway’s first and of its other hardware address, once each', () => {
  const watch = new GatewayWatch()
  watch.follow([route('192.0.2.254'), route(null)])
  const [first, other] = ['02:00:00:00:00:fe', '02:00:00:00:00:66']
  expect(watch.hears(says('192.0.2.254', first))).toBe(true)
  expect(watch.hears(says('192.0.2.254', first))).toBe(false)
  expect(watch.hears(says('192.0.2.254', other))).toBe(true)
  expect(watch.hears(says('192.0.2.7', other))).toBe(false)
})

it('still knows a gateway that fell silent, and takes the same one again for no change', () => {
  const watch = new GatewayWatch()
  watch.follow([route('192.0.2.254')])
  watch.learn([says('192.0.2.254', '02:00:00:00:00:fe').neighbour])
  expect(watch.hears(says('192.0.2.254', null))).toBe(false)
  expect(watch.hears(says('192.0.2.254', null, true))).toBe(false)
  watch.follow([route('192.0.2.254'), route('192.0.2.1')])
  expect(watch.hears(says('192.0.2.254', '02:00:00:00:00:fe'))).toBe(false)
  expect(watch.hears(says('192.0.2.254', '02:00:00:00:00:66'))).toBe(true)
})

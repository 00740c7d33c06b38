import type { Flow, Picture } from '@shoukou/protocol/network/shapes.ts'
import { expect, it } from 'vitest'
import { pathOutOf } from './path-out.ts'

const picture = {
  interfaces: [
    { index: 2, name: 'eth0', nature: 'physical', addresses: [{ address: '10.1.2.31' }] },
    { index: 5, name: 'usb0', nature: 'physical', addresses: [{ address: '192.168.42.17' }] },
  ],
  routes: [
    { family: 'ipv4', prefixLength: 0, gateway: '10.1.2.1', interfaceIndex: 2, metric: 100 },
    { family: 'ipv4', prefixLength: 0, gateway: '192.168.42.130', interfaceIndex: 5, metric: 60 },
    { family: 'ipv4', prefixLength: 0, gateway: '192.168.42.129', interfaceIndex: 5, metric: 50 },
  ],
  neighbours: [{ address: '192.168.42.129', mac: '02:1a:11:f0:00:09', interfaceIndex: 5 }],
} as unknown as Picture
const flow = (more: object) =>
  ({
    family: 'ipv4',
    peer: { address: '39.156.66.10', port: 443 },
    local: null,
    interface: null,
    confidence: 'attempt',
    ...more,
  }) as Flow

it('goes over the interface that has the own address, to the gateway that is tried first there', () => {
  const path = pathOutOf([flow({ local: { address: '192.168.42.17', port: 1 } })], picture)
  expect(path?.through.name).toBe('usb0')
  expect(path?.gateway).toEqual({ address: '192.168.42.129', mac: '02:1a:11:f0:00:09' })
})

it('is that of the connection that was proven furthest', () => {
  const path = pathOutOf(
    [flow({ interface: 'eth0' }), flow({ interface: 'usb0', confidence: 'confirmed-reachability' })],
    picture,
  )
  expect(path?.through.name).toBe('usb0')
})

it('is none where nothing says over which interface', () => {
  expect(pathOutOf([flow({})], picture)).toBeNull()
  expect(pathOutOf([flow({ interface: 'gone0' })], picture)).toBeNull()
  expect(pathOutOf([flow({ interface: 'eth0' })], null)).toBeNull()
})

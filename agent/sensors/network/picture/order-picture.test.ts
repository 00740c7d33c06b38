import { LIMITS, type Neighbour, PictureSchema, type SocketSeen } from '@shoukou/protocol'
import { Value } from 'typebox/value'
import { expect, it } from 'vitest'
import { findBridges } from './find-bridges.ts'
import { listsMax, orderPicture } from './order-picture.ts'
import { eth0, samplePicture, usb0 } from './testing/sample-picture.ts'

const loopback = { ...eth0, index: 1, name: 'lo', nature: 'loopback' as const, medium: 'loopback' as const }
const down = { ...eth0, index: 3, name: 'eth1', isAdminUp: false, hasCarrier: false }

it('puts first what is live: interfaces that are up, default routes, gateways among neighbours', () => {
  const { omitted: _, ...parts } = samplePicture
  const [gateway, colleague] = parts.neighbours
  if (gateway === undefined || colleague === undefined) throw new Error('the sample is not whole')
  const failed: Neighbour = { ...colleague, address: '10.1.0.8', mac: null, state: 'failed' }
  const picture = orderPicture({
    ...parts,
    interfaces: [loopback, down, eth0, usb0],
    routes: [...parts.routes].reverse(),
    neighbours: [failed, colleague, gateway],
  })
  expect(picture.interfaces.map(({ name }) => name)).toEqual(['eth0', 'usb0', 'eth1', 'lo'])
  expect(picture.routes.map(({ prefixLength }) => prefixLength)).toEqual([0, 24])
  expect(picture.neighbours.map(({ address }) => address)).toEqual(['10.1.0.1', '10.1.0.9', '10.1.0.8'])
  expect(picture.omitted).toBe(0)
})

it('keeps the gateway of ten thousand neighbours, and counts every one that has no room', () => {
  const { omitted: _, ...parts } = samplePicture
  const [gateway, colleague] = parts.neighbours
  if (gateway === undefined || colleague === undefined) throw new Error('the sample is not whole')
  const many = Array.from({ length: 10_000 }, (_unused, index) => ({
    ...colleague,
    address: `10.1.${index >> 8}.${index & 255}`,
  }))
  const picture = orderPicture({ ...parts, neighbours: [...many, gateway] }, 5)
  expect(picture.neighbours[0]?.address).toBe('10.1.0.1')
  expect(picture.neighbours).toHaveLength(LIMITS.pictureItemsMax)
  expect(picture.omitted).toBe(10_001 - LIMITS.pictureItemsMax + 5)
})

it('stays within the schema and within a third of a record where everything is as long as it may be', () => {
  const { omitted: _, ...parts } = samplePicture
  const addresses = Array.from({ length: 4_096 }, (_unused, index) => ({
    family: 'ipv6' as const,
    address: `2001:db8:ffff:ffff:ffff:ffff:ffff:${index.toString(16)}`,
    prefixLength: 64,
    scope: 'global' as const,
  }))
  const interfaces = Array.from({ length: 300 }, (_unused, index) => ({
    ...eth0,
    index,
    name: { b64: Buffer.from(`\xff${index}`, 'latin1').toString('base64') },
    addresses,
  }))
  const socket: SocketSeen = {
    protocol: 6,
    family: 'ipv4',
    state: 'established',
    local: { address: '10.1.0.44', port: 40_000 },
    peer: { address: '10.1.0.9', port: 443 },
    pid: 99,
    uid: 0,
    program: '\u0001'.repeat(15),
  }
  const sockets = Array.from({ length: 128 }, () => socket)
  const picture = orderPicture({ ...parts, interfaces, sockets })
  expect(Buffer.byteLength(JSON.stringify(picture))).toBeLessThan(LIMITS.recordBytesMax / 2)
  expect(Value.Check(PictureSchema, picture)).toBe(true)
  expect(picture.interfaces.length).toBeGreaterThan(8)
  const kept = picture.interfaces.reduce((sum, one) => sum + one.addresses.length, 0)
  expect(picture.omitted).toBeGreaterThanOrEqual(300 - picture.interfaces.length)
  expect(kept).toBe(picture.interfaces.length * 32)
})

it('names parts that could not be read once each, and no more than there is room for', () => {
  const { omitted: _, ...parts } = samplePicture
  const unread = ['dns', 'dns', ...Array.from({ length: 30 }, (_unused, index) => `part-${index}`)]
  expect(orderPicture({ ...parts, unread }).unread).toHaveLength(listsMax.unread)
})

it('finds a bridge that joins a physical interface with another live one', () => {
  const bridge = {
    ...eth0,
    index: 20,
    name: 'br0',
    nature: 'virtual' as const,
    medium: 'bridge' as const,
    linkKind: 'bridge',
  }
  const port = { ...eth0, masterIndex: 20 }
  const tether = { ...usb0, masterIndex: 20 }
  const veth = { ...usb0, index: 9, name: { b64: '/w==' }, nature: 'virtual' as const, masterIndex: 20 }
  expect(findBridges([bridge, tether, port])).toMatchObject([{ service: 'bridge', detail: 'br0: eth0 usb0' }])
  expect(findBridges([bridge, veth, port])[0]?.detail).toEqual({
    b64: Buffer.from('br0: eth0 \xff', 'latin1').toString('base64'),
  })
  expect(findBridges([bridge, port])).toEqual([])
  expect(findBridges([bridge, port, { ...tether, hasCarrier: false }])).toEqual([])
  expect(findBridges([bridge, veth, { ...veth, index: 10 }])).toEqual([])
  expect(findBridges([{ ...bridge, isAdminUp: false }, tether, port])).toEqual([])
})

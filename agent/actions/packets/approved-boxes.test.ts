import {
  contains,
  type Destination,
  judgeDestination,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { type ApprovedBoxes, type Box, boxesOf, LAYERS_MAX, listenerBoxes } from './approved-boxes.ts'

describe('boxesOf', () => {
  it('approves exactly what the policy approves, whatever overlaps in it', () => {
    const random = sequence(7)
    for (let round = 0; round < 200; round += 1) {
      const approved = Array.from({ length: 1 + (random() % 12) }, () => randomDestination(random))
      const boxes = boxesOf(approved)
      for (let question = 0; question < 50; question += 1) {
        const to = {
          address: need(parseAddress(`10.${random() % 2}.${random() % 4}.${random() % 4}`)),
          port: random() % 8,
          protocol: [6, 17, 132][random() % 3] ?? 6,
        }
        const wanted = judgeDestination(approved, to, {
          networkMode: 'classified-lan',
          rules: null,
        }).isApproved
        expect(isApproved(boxes, to), JSON.stringify([approved, to])).toBe(wanted)
      }
      for (const layer of boxes.ipv4.layers)
        expect(layer.filter((box) => layer.some((other) => meet(box, other)))).toEqual([])
    }
  })

  it('writes what fits in no layer as rules of their own', () => {
    const nested = Array.from({ length: LAYERS_MAX + 2 }, (_, at) =>
      destination(`10.0.0.0/${8 + at}`, 6, [at, 100 + at]),
    )
    const { layers, single } = boxesOf(nested).ipv4
    expect(layers).toHaveLength(LAYERS_MAX)
    expect(layers.flat().length + single.length).toBeGreaterThan(LAYERS_MAX)
    expect(single.length).toBeGreaterThan(0)
  })

  it('needs no link where only the computer itself may be reached', () => {
    const loopback = { ...destination('127.0.0.0/8', null, [0, 65_535]), rule: 'loopback' }
    expect(boxesOf([loopback]).needsLink).toBe(false)
    expect(boxesOf([loopback, destination('10.0.0.1/32', 6, [443, 443])]).needsLink).toBe(true)
  })
})

describe('listenerBoxes', () => {
  it('takes each family by itself', () => {
    const listeners = ['10.0.0.0/8', 'fd00::/8'].map((prefix) => ({
      prefix,
      protocol: 'tcp' as const,
      ports: { first: 22, last: 22 },
      note: '',
    }))
    expect(listenerBoxes(listeners, 'ipv4').layers.flat()).toHaveLength(1)
    expect(listenerBoxes(listeners, 'ipv6').layers.flat()[0]?.prefix.family).toBe('ipv6')
  })
})

/** Marsaglia's xorshift: the same questions in each run. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

function randomDestination(random: () => number): Destination {
  const length = [8, 16, 24, 30, 32][random() % 5] ?? 8
  const first = random() % 8
  const span: [number, number] = random() % 3 === 0 ? [0, 65_535] : [first, first + (random() % 4)]
  const protocol = [null, 6, 17, 132][random() % 4] ?? null
  return destination(`10.${random() % 2}.${random() % 4}.${random() % 4}/${length}`, protocol, span)
}

function destination(
  text: string,
  protocol: number | null,
  [firstPort, lastPort]: [number, number],
): Destination {
  return { prefix: need(parsePrefix(text)), protocol, firstPort, lastPort, rule: 'approved-destination' }
}

/** As nf_tables would look it up. */
function isApproved(
  boxes: ApprovedBoxes,
  to: { address: Parameters<typeof contains>[1]; port: number; protocol: number },
): boolean {
  const { any, byProtocol, layers, single } = boxes.ipv4
  const isIn = ({ prefix, protocol }: Box): boolean =>
    protocol === to.protocol && contains(prefix, to.address)
  return (
    any.some((prefix: Prefix) => contains(prefix, to.address)) ||
    byProtocol.some(isIn) ||
    [...layers.flat(), ...single].some(
      (box) => isIn(box) && box.firstPort <= to.port && to.port <= box.lastPort,
    )
  )
}

function meet(a: Box, b: Box): boolean {
  if (a === b || a.protocol !== b.protocol || a.firstPort > b.lastPort || b.firstPort > a.lastPort)
    return false
  return contains(a.prefix, b.prefix) || contains(b.prefix, a.prefix)
}

function need<T>(value: T | null): T {
  if (value === null) throw new Error('not there')
  return value
}

import { expect, it } from 'vitest'
import { layOutTiles } from './tile-layout.ts'

const aspect = 2.2

it('fills the whole, without overlap, whatever the weights', () => {
  for (const weights of [
    [1],
    [600],
    [5, 4, 1],
    Array.from({ length: 60 }, (_, at) => 60 - at),
    [1_000, 1, 1, 1],
  ]) {
    const boxes = layOutTiles(weights, aspect)
    expect(boxes).toHaveLength(weights.length)
    expect(boxes.reduce((sum, { width, height }) => sum + width * height, 0)).toBeCloseTo(1)
    for (const one of boxes) {
      expect(one.left).toBeGreaterThanOrEqual(-1e-9)
      expect(one.top).toBeGreaterThanOrEqual(-1e-9)
      expect(one.left + one.width).toBeLessThanOrEqual(1 + 1e-9)
      expect(one.top + one.height).toBeLessThanOrEqual(1 + 1e-9)
    }
    for (const [at, one] of boxes.entries())
      for (const other of boxes.slice(at + 1)) {
        const wide = Math.min(one.left + one.width, other.left + other.width) - Math.max(one.left, other.left)
        const high = Math.min(one.top + one.height, other.top + other.height) - Math.max(one.top, other.top)
        expect(Math.min(wide, high)).toBeLessThan(1e-6)
      }
  }
})

it('gives the larger department the larger tile, and the smallest one room for its name', () => {
  const boxes = layOutTiles([300, 200, 80, 15, 1], aspect)
  const areas = boxes.map(({ width, height }) => width * height)
  for (const [at, area] of areas.entries()) expect(area).toBeLessThanOrEqual((areas[at - 1] ?? 1) + 1e-9)
  expect(Math.min(...areas)).toBeGreaterThan(0.05)
})

it('has nothing to lay out where there is nothing', () => {
  expect(layOutTiles([], aspect)).toEqual([])
})

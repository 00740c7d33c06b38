import { expect, it } from 'vitest'
import type { MediumSighting } from '../../api/contract-media.ts'
import { sightingLanes } from './sightings.ts'

const stay = (computer: string, at: number, endedAt: number | null) =>
  ({ computer, at, endedAt }) as MediumSighting

it('gives each computer a lane, the one with the latest stay first', () => {
  const span = sightingLanes([stay('A', 0, 100), stay('B', 500, 600), stay('A', 200, 300)], 1_000)
  expect(span.lanes.map((lane) => [lane.computer, lane.stays.length])).toEqual([
    ['B', 1],
    ['A', 2],
  ])
  expect(span.lanes[0]?.stays[0]).toMatchObject({ start: 0.5, length: 0.1, isNow: false })
})

it('lets a stay that has not ended reach now, and shows the shortest within the span', () => {
  const span = sightingLanes([stay('A', 0, 400), stay('B', 1_000, 1_000), stay('C', 750, null)], 1_000)
  const of = (computer: string) => span.lanes.find((lane) => lane.computer === computer)?.stays[0]
  expect(of('C')).toMatchObject({ start: 0.75, length: 0.25, isNow: true })
  const short = of('B')
  expect(short?.length).toBeGreaterThan(0)
  expect((short?.start ?? 1) + (short?.length ?? 1)).toBeLessThanOrEqual(1)
})

it('stands nothing on its head where there is no sighting', () => {
  expect(sightingLanes([], 1_000)).toEqual({ from: 1_000, to: 1_000, lanes: [] })
})

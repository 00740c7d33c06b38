import { expect, it } from 'vitest'
import type { Severity } from '../../store/ports.ts'
import { wallTiles } from './wall-view.ts'

const computer = (agent: string, department: string | null, state: 'proven' | 'unproven' | 'broken') => ({
  agent,
  department,
  watch: { state },
})
const open = (agent: string, severity: Severity, count = 1) => ({ agent, severity, count })

it('sizes a department by its computers and colours it by the worst that is open there', () => {
  const tiles = wallTiles(
    [
      computer('a', '研究一室', 'proven'),
      computer('b', '研究一室', 'broken'),
      computer('c', null, 'unproven'),
      computer('d', '办公室', 'proven'),
    ],
    [open('a', 'low', 7), open('b', 'critical'), open('c', 'medium', 2)],
  )
  expect(tiles).toEqual([
    { name: '研究一室', computers: 2, proven: 1, unproven: 0, broken: 1, worst: 'critical', open: 8 },
    { name: '办公室', computers: 1, proven: 1, unproven: 0, broken: 0, worst: null, open: 0 },
    { name: null, computers: 1, proven: 0, unproven: 1, broken: 0, worst: 'medium', open: 2 },
  ])
})

it('puts the smallest departments into one tile, which has the worst of them', () => {
  const computers = Array.from({ length: 10 }, (_, at) => computer(String(at), `department ${at}`, 'proven'))
  const tiles = wallTiles(
    [...computers, computer('x', 'department 0', 'proven')],
    [open('9', 'high', 3)],
    [],
    4,
  )
  expect(tiles).toHaveLength(4)
  expect(tiles[0]).toMatchObject({ name: 'department 0', computers: 2 })
  expect(tiles[3]).toMatchObject({ name: '', computers: 7, worst: 'high', open: 3 })
  expect(tiles.reduce((sum, one) => sum + one.computers, 0)).toBe(11)
})

it('shows what no computer did where its medium belongs, also where there is no computer', () => {
  const missing = (department: string | null) => ({ department, severity: 'critical', count: 1 }) as const
  const tiles = wallTiles(
    [computer('a', '研究一室', 'proven')],
    [open('a', 'low')],
    [missing('研究一室'), missing('档案室'), missing(null)],
  )
  expect(tiles.map(({ name, computers, worst, open: count }) => [name, computers, worst, count])).toEqual([
    ['研究一室', 1, 'critical', 2],
    ['档案室', 0, 'critical', 1],
    [null, 0, 'critical', 1],
  ])
})

import { describe, expect, it } from 'vitest'
import type { RecordItem } from '../../api/contract.ts'
import { shownAfter, shownBefore, timelineWindow } from './timeline-window.ts'

const timeline = Array.from({ length: 100 }, (_, at) => ({ seq: at, wallMs: at * 1_000 }) as RecordItem)

describe('the part of a timeline that is shown first', () => {
  it('stands around the record that made the violation', () => {
    expect(timelineWindow(timeline, 50, 0)).toEqual({ first: 50 - shownBefore, end: 50 + shownAfter + 1 })
  })

  it('does not reach beyond either end', () => {
    expect(timelineWindow(timeline, 0, 0)).toEqual({ first: 0, end: shownAfter + 1 })
    expect(timelineWindow(timeline, 99, 0)).toEqual({ first: 99 - shownBefore, end: 100 })
    expect(timelineWindow([], -1, 0)).toEqual({ first: 0, end: 0 })
  })

  it('stands around the time where no record made it, and at the end where nothing came after', () => {
    expect(timelineWindow(timeline, -1, 30_000).first).toBe(30 - shownBefore)
    expect(timelineWindow(timeline, -1, 999_000)).toEqual({ first: 100 - shownBefore, end: 100 })
  })
})

import { describe, expect, it } from 'vitest'
import { dayAfterKey } from '../coverage/calendar-moves.ts'
import { formatTick } from './ticks.ts'
import { lasting, moved, spanMsMax, spanMsMin, spanOf, zoomed } from './timeline-span.ts'

const hour = 3_600_000
const span = { fromMs: 100 * hour, toMs: 104 * hour }

describe('the span of a timeline', () => {
  it('keeps what is under the pointer where it is', () => {
    expect(zoomed(span, 0.5, 101 * hour)).toEqual({ fromMs: 100.5 * hour, toMs: 102.5 * hour })
  })
  it('goes no closer than a second and no farther than a year', () => {
    expect(zoomed({ fromMs: 0, toMs: spanMsMin }, 0.5)).toMatchObject({ toMs: spanMsMin })
    const all = zoomed({ fromMs: 0, toMs: spanMsMax }, 4)
    expect(all.toMs - all.fromMs).toBe(spanMsMax)
  })
  it('ends now where it ended now', () => {
    expect(lasting(span, hour, 104 * hour)).toEqual({ fromMs: 103 * hour, toMs: 104 * hour })
    expect(moved(span, -0.5)).toEqual({ fromMs: 98 * hour, toMs: 102 * hour })
  })
  it.each(['', 'from=5', 'from=9&to=1', 'from=-1&to=5000', 'from=0&to=99999999999999', 'from=x&to=y'])(
    'is none where the address says %j',
    (text) => expect(spanOf(new URLSearchParams(text))).toBeNull(),
  )
  it('stands in the address', () => {
    expect(spanOf(new URLSearchParams('from=1000&to=3000'))).toEqual({ fromMs: 1_000, toMs: 3_000 })
  })
  it('is told by the month in a year and by the millisecond in a second', () => {
    const at = new Date(2026, 2, 1, 0, 0, 0).getTime()
    expect(formatTick(at, 365 * 24 * hour, 'zh-CN')).toBe('2026年3月')
    expect(formatTick(at, 24 * hour, 'en')).toBe('1/3')
    expect(formatTick(at + 1_500, 2_000, 'en')).toBe('00:00:01.500')
  })
})

describe('keys in the calendar', () => {
  it('lead from day to day and month to month, and not out of the year', () => {
    expect(dayAfterKey('2026-03-01', 'ArrowLeft')).toBe('2026-02-28')
    expect(dayAfterKey('2026-01-01', 'ArrowLeft')).toBe('2026-01-01')
    expect(dayAfterKey('2026-01-31', 'ArrowDown')).toBe('2026-02-28')
    expect(dayAfterKey('2026-02-28', 'ArrowRight')).toBe('2026-03-01')
    expect(dayAfterKey('2026-12-31', 'ArrowRight')).toBe('2026-12-31')
    expect(dayAfterKey('2026-12-05', 'End')).toBe('2026-12-31')
    expect(dayAfterKey('2026-12-05', 'Enter')).toBeNull()
  })
})

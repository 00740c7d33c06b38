import { describe, expect, it } from 'vitest'
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatIsoDay,
  formatList,
  formatTime,
} from './format.ts'

const at = new Date(2026, 10, 5, 9, 3, 7).getTime()

describe('times', () => {
  it('are written as an office of each language writes them', () => {
    expect(formatTime(at, 'zh-CN')).toBe('2026年11月5日 09:03:07')
    expect(formatTime(at, 'en')).toBe('5 Nov 2026, 09:03:07')
  })

  it('of a day that is kept in digits are written alike, and what is no day stays as it is', () => {
    expect(formatIsoDay('2026-03-01', 'zh-CN')).toBe('2026年3月1日')
    expect(formatIsoDay('2026-03-01', 'en')).toBe('1 Mar 2026')
    expect(formatIsoDay('去年', 'zh-CN')).toBe('去年')
  })

  it('become ages in one unit, and are never in the future', () => {
    expect(formatAge(0, 4_000, 'en')).toBe('just now')
    expect(formatAge(0, 59_000, 'en')).toBe('59 seconds ago')
    expect(formatAge(0, 3_599_000, 'en')).toBe('59 minutes ago')
    expect(formatAge(0, 7_200_000, 'zh-CN')).toBe('2小时前')
    expect(formatAge(9_000, 0, 'zh-CN')).toBe('刚刚')
  })
})

describe('lists', () => {
  it('are parted as each language parts them', () => {
    expect(formatList(['甲', '乙'], 'zh-CN')).toBe('甲、乙')
    expect(formatList(['A', 'B'], 'en')).toBe('A, B')
  })
})

describe('durations', () => {
  it('show their two largest units and keep their sign', () => {
    expect(formatDuration(7_500_000, 'zh-CN')).toBe('2 小时 5 分')
    expect(formatDuration(-90_000, 'en')).toBe('−1 min 30 s')
    expect(formatDuration(86_400_000, 'en')).toBe('1 d')
    expect(formatDuration(999, 'en')).toBe('999 ms')
  })
})

describe('sizes and counts', () => {
  it('keep the exact number of bytes', () => {
    expect(formatBytes(15_610_576_896, 'en')).toBe('15.6 GB (15,610,576,896 B)')
    expect(formatBytes(512, 'zh-CN')).toBe('512 B')
    expect(formatBytes(0, 'en')).toBe('0 B')
    expect(formatCount(1_203, 'zh-CN')).toBe('1,203')
  })
})

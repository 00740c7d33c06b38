import { seededRandom } from '@shoukou/protocol/fixtures/seeded-random.ts'
import { describe, expect, it } from 'vitest'
import { afterDays, afterHours, afterMonths, dayIn, endOfDay, isZone } from './deadlines.ts'

const china = 'Asia/Shanghai'
/** By a clock in China. */
const at = (text: string): number => Date.parse(`${text}+08:00`)

describe('a term of months', () => {
  it('ends with the day of the same number, at 24:00 in the unit’s zone', () => {
    expect(afterMonths(at('2026-01-15T09:30:00'), 3, china)).toBe(at('2026-04-16T00:00:00'))
    // Late in the evening in China is the same day there, though not in Greenwich.
    expect(afterMonths(at('2026-01-15T00:00:01'), 3, china)).toBe(at('2026-04-16T00:00:00'))
    expect(afterMonths(at('2026-01-15T23:59:59'), 3, china)).toBe(at('2026-04-16T00:00:00'))
  })

  it('ends with the last day of a month that has no such day', () => {
    expect(afterMonths(at('2026-11-30T12:00:00'), 3, china)).toBe(at('2027-03-01T00:00:00'))
    expect(afterMonths(at('2027-11-30T12:00:00'), 3, china)).toBe(at('2028-03-01T00:00:00'))
    expect(afterMonths(at('2026-03-31T12:00:00'), 3, china)).toBe(at('2026-07-01T00:00:00'))
    expect(afterMonths(at('2026-10-31T12:00:00'), 3, china)).toBe(at('2027-02-01T00:00:00'))
    // The last of February begins it: the day of the same number ends it, not the last of May.
    expect(afterMonths(at('2026-02-28T12:00:00'), 3, china)).toBe(at('2026-05-29T00:00:00'))
  })

  it('goes over the end of a year', () => {
    expect(afterMonths(at('2026-12-31T23:00:00'), 3, china)).toBe(at('2027-04-01T00:00:00'))
  })
})

describe('a term of days', () => {
  it('does not count the day on which it begins', () => {
    expect(afterDays(at('2026-11-22T10:00:00'), 10, china)).toBe(at('2026-12-03T00:00:00'))
    expect(afterDays(at('2026-11-22T10:00:00'), 60, china)).toBe(at('2027-01-22T00:00:00'))
    expect(afterDays(at('2028-02-20T10:00:00'), 10, china)).toBe(at('2028-03-02T00:00:00'))
  })

  it('ends at midnight also where the zone’s clock is changed in between', () => {
    const berlin = 'Europe/Berlin'
    const end = afterDays(Date.parse('2026-10-20T10:00:00+02:00'), 10, berlin)
    expect(end).toBe(Date.parse('2026-10-31T00:00:00+01:00'))
    expect(endOfDay({ year: 2026, month: 3, day: 28 }, berlin)).toBe(Date.parse('2026-03-29T00:00:00+01:00'))
  })
})

it('counts hours from the moment itself', () => {
  expect(afterHours(at('2026-11-22T10:45:22'), 24)).toBe(at('2026-11-23T10:45:22'))
})

it('ends no term early or a day late, wherever it begins', () => {
  const random = seededRandom(61)
  for (let i = 0; i < 300; i += 1) {
    const from = at('2020-01-01T00:00:00') + random.int(10 * 365) * 86_400_000 + random.int(86_400_000)
    for (const days of [10, 60]) {
      const end = afterDays(from, days, china)
      expect((end - at('2020-01-01T00:00:00')) % 86_400_000).toBe(0)
      expect(end - from).toBeGreaterThan(days * 86_400_000)
      expect(end - from).toBeLessThanOrEqual((days + 1) * 86_400_000)
    }
    const last = dayIn(afterMonths(from, 3, china) - 1, china)
    const first = dayIn(from, china)
    expect((last.year - first.year) * 12 + last.month - first.month).toBe(3)
    expect(last.day).toBeLessThanOrEqual(first.day)
  }
})

it('knows which names are zones', () => {
  expect(isZone(china)).toBe(true)
  expect(isZone('Middle/Earth')).toBe(false)
})

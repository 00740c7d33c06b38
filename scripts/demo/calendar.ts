/** Days of the demonstration's year: which are worked on, by the time zone of this computer. Pure. */

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
export const MINUTE_MS = 60_000

/** Public holidays that fall on the same days each year; those of the lunar calendar are left out. */
const holidays = new Set(['1-1', '5-1', '5-2', '5-3', '10-1', '10-2', '10-3', '10-4', '10-5', '10-6', '10-7'])

/** Returns when the day of a moment began, Unix ms. */
export function startOfDay(ms: number): number {
  const day = new Date(ms)
  day.setHours(0, 0, 0, 0)
  return day.getTime()
}

export function isWorkday(dayMs: number): boolean {
  const day = new Date(dayMs)
  const weekday = day.getDay()
  return weekday !== 0 && weekday !== 6 && !holidays.has(`${day.getMonth() + 1}-${day.getDate()}`)
}

/** Returns the workdays of the `days` days before the day of `endMs`, oldest first: each by its beginning. */
export function workdaysBefore(endMs: number, days: number): readonly number[] {
  const today = startOfDay(endMs)
  const found: number[] = []
  for (let back = days; back >= 1; back -= 1) {
    // Noon is in the day also where clocks were moved.
    const day = startOfDay(today - back * DAY_MS + 12 * HOUR_MS)
    if (isWorkday(day)) found.push(day)
  }
  return found
}

/** Returns a day as registers write it: `2026-03-01`. */
export function dayText(ms: number): string {
  const day = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

const opensAt = 8.5 * HOUR_MS
const closesAt = 17.5 * HOUR_MS

/** Returns the moment, or where nobody is in the office then, one of its next morning: `lateMs` after it opens. */
export function intoOfficeHours(ms: number, lateMs: number): number {
  let day = startOfDay(ms)
  if (isWorkday(day) && ms >= day + opensAt && ms < day + closesAt) return ms
  if (!(isWorkday(day) && ms < day + opensAt))
    do day = startOfDay(day + 36 * HOUR_MS)
    while (!isWorkday(day))
  return day + opensAt + lateMs
}

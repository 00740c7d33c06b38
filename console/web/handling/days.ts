/** Days as a date field has them, in the reader's own time zone. Pure. */

/** Returns the day of a moment, `2026-03-01`. */
export function dayOf(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** Returns the last moment of a day, Unix ms; null where it is no day. */
export function endOfDay(day: string): number | null {
  const ms = new Date(`${day}T23:59:59.999`).getTime()
  return Number.isNaN(ms) ? null : ms
}

/** Returns the noon of a day, or now where that is still ahead; null where it is no day. */
export function withinDay(day: string, now: number): number | null {
  const ms = new Date(`${day}T12:00:00`).getTime()
  if (Number.isNaN(ms)) return null
  return ms > now && dayOf(now) === day ? now : ms
}

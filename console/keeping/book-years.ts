/** How long a book of a year is kept: the year is the book, and the years begin at its end. Pure. Local calendar. */

/** Returns the year whose book a time belongs to. */
export function bookYearOf(ms: number): number {
  return new Date(ms).getFullYear()
}

/** Returns the first moment, Unix ms, at which a year's book need not be kept any more. */
export function keptUntil(bookYear: number, retentionYears: number): number {
  return new Date(bookYear + 1 + retentionYears, 0, 1).getTime()
}

/** Returns the next time of a daily act after `now`, Unix ms. */
export function nextDaily(minuteOfDay: number, now: number): number {
  const today = new Date(now)
  const at = new Date(today.getFullYear(), today.getMonth(), today.getDate(), 0, minuteOfDay).getTime()
  if (at > now) return at
  return new Date(today.getFullYear(), today.getMonth(), today.getDate() + 1, 0, minuteOfDay).getTime()
}

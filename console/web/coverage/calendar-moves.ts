/** Where keys lead in a calendar of months and days: pure. */

/** Returns the day that a key leads to from `day` (`2026-11-22`) within its year; null where the key leads nowhere. */
export function dayAfterKey(day: string, key: string): string | null {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const at = (toMonth: number, toDate: number): string => {
    const inYear = Math.min(12, Math.max(1, toMonth))
    const last = new Date(year, inYear, 0).getDate()
    return `${year}-${pad(inYear)}-${pad(Math.min(last, Math.max(1, toDate)))}`
  }
  const last = new Date(year, month, 0).getDate()
  switch (key) {
    case 'ArrowLeft':
      return date > 1 ? at(month, date - 1) : month > 1 ? at(month - 1, 31) : day
    case 'ArrowRight':
      return date < last ? at(month, date + 1) : month < 12 ? at(month + 1, 1) : day
    case 'ArrowUp':
      return at(month - 1, date)
    case 'ArrowDown':
      return at(month + 1, date)
    case 'Home':
      return at(month, 1)
    case 'End':
      return at(month, 31)
    default:
      return null
  }
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}

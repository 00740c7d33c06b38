/**
 * When a term ends: hours by the clock, days and months by the unit's calendar. Pure.
 *
 * Terms of days and months run as the Civil Code counts them (articles 200-203): the day on which it begins is not counted;
 * it ends with the day of the same number, or with the last of a month that has none; that day lasts until 24:00 in the
 * unit's time zone. It is stricter in one point: a holiday moves no deadline.
 */

export const DEFAULT_ZONE = 'Asia/Shanghai'
const hourMs = 3_600_000

/** A day of the calendar; months from 1. */
export interface CalendarDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** Returns the end of a term of hours, Unix ms: from the moment itself. */
export function afterHours(fromMs: number, hours: number): number {
  return fromMs + hours * hourMs
}

/** Returns the end of the last day of a term of days. */
export function afterDays(fromMs: number, days: number, zone: string): number {
  const { year, month, day } = dayIn(fromMs, zone)
  return endOfDay({ year, month, day: day + days }, zone)
}

/** Returns the end of the last day of a term of months. */
export function afterMonths(fromMs: number, months: number, zone: string): number {
  const { year, month, day } = dayIn(fromMs, zone)
  const lastOfMonth = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate()
  return endOfDay({ year, month: month + months, day: Math.min(day, lastOfMonth) }, zone)
}

/** Returns the first moment after a day (24:00), Unix ms; days and months beyond the calendar's are carried over. */
export function endOfDay({ year, month, day }: CalendarDay, zone: string): number {
  const asUtc = Date.UTC(year, month - 1, day + 1)
  // Twice: the first guess may lie on the other side of a change of the zone's clock.
  const guess = asUtc - offsetMs(asUtc, zone)
  return asUtc - offsetMs(guess, zone)
}

/** Returns the day that a moment lies in. */
export function dayIn(ms: number, zone: string): CalendarDay {
  const { year, month, day } = partsIn(ms, zone)
  return { year, month, day }
}

/** Reports whether the runtime knows a time zone of this name. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()
/** Names come from settings: few; a limit all the same. */
const formatsMax = 50

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  if (formats.size >= formatsMax) formats.clear()
  formats.set(zone, format)
  return format
}

function partsIn(ms: number, zone: string) {
  const found = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes): number => found.get(name) ?? 0
  return {
    ...{ year: part('year'), month: part('month'), day: part('day') },
    ...{ hour: part('hour'), minute: part('minute'), second: part('second') },
  }
}

function offsetMs(ms: number, zone: string): number {
  const { year, month, day, hour, minute, second } = partsIn(ms, zone)
  const whole = Math.floor(ms / 1_000) * 1_000
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole
}

/** Times, ages, sizes and counts as an office of the reader's language writes them: pure. */
import type { Language } from '../i18n/language.ts'

const pad = (value: number) => String(value).padStart(2, '0')
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `2026年11月21日 19:58:27` or `21 Nov 2026, 19:58:27`, in the browser's time zone. */
export function formatTime(ms: number, language: Language): string {
  const at = new Date(ms)
  return language === 'zh-CN'
    ? `${formatDay(ms, language)} ${clock(at)}`
    : `${formatDay(ms, language)}, ${clock(at)}`
}

/** The day alone: `2026年11月21日` or `21 Nov 2026`. */
export function formatDay(ms: number, language: Language): string {
  const at = new Date(ms)
  return language === 'zh-CN'
    ? `${at.getFullYear()}年${at.getMonth() + 1}月${at.getDate()}日`
    : `${at.getDate()} ${months[at.getMonth()]} ${at.getFullYear()}`
}

/** A day that is kept as `2026-03-01`, as people write it; anything else stays what it is. */
export function formatIsoDay(text: string, language: Language): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return text
  const [, year, month, day] = match.map(Number)
  return formatDay(new Date(year ?? 0, (month ?? 1) - 1, day ?? 1).getTime(), language)
}

/** The time of day alone, to the second. */
export function formatClock(ms: number): string {
  return clock(new Date(ms))
}

/** An age in one unit: `3 分钟前`, `3 minutes ago`; below ten seconds it is "just now". */
export function formatAge(ms: number, now: number, language: Language): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1_000))
  if (seconds < 10) return language === 'zh-CN' ? '刚刚' : 'just now'
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'always' })
  if (seconds < 60) return format.format(-seconds, 'second')
  if (seconds < 3_600) return format.format(-Math.floor(seconds / 60), 'minute')
  if (seconds < 86_400) return format.format(-Math.floor(seconds / 3_600), 'hour')
  return format.format(-Math.floor(seconds / 86_400), 'day')
}

/** A duration in its two largest units: `2 小时 5 分`, `2 h 5 min`. */
export function formatDuration(ms: number, language: Language): string {
  const words = language === 'zh-CN' ? ['天', '小时', '分', '秒', '毫秒'] : ['d', 'h', 'min', 's', 'ms']
  const size = Math.abs(ms)
  const sign = ms < 0 ? '−' : ''
  if (size < 1_000) return `${sign}${Math.round(size)} ${words[4]}`
  const seconds = Math.floor(size / 1_000)
  const parts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ]
  const first = parts.findIndex((part) => part > 0)
  const shown = parts.map((part, at) => ({ part, word: words[at] })).slice(first, first + 2)
  return (
    sign +
    shown
      .filter((one) => one.part > 0)
      .map((one) => `${one.part} ${one.word}`)
      .join(' ')
  )
}

/** `15.6 GB (15,610,576,896)`: the exact count stays, because evidence is exact. */
export function formatBytes(bytes: number, language: Language): string {
  const exact = new Intl.NumberFormat(language).format(bytes)
  if (bytes < 1_000) return `${exact} B`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'] as const
  const step = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1_000 ** step).toPrecision(3))} ${units[step - 1]} (${exact} B)`
}

/** Things one after the other: `甲、乙` or `A, B`. */
export function formatList(items: readonly string[], language: Language): string {
  return items.join(language === 'zh-CN' ? '、' : ', ')
}

export function formatCount(value: number, language: Language): string {
  return new Intl.NumberFormat(language).format(value)
}

function clock(at: Date): string {
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`
}

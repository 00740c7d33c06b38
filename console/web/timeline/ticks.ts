/** What an axis of time says, by how long the span is: pure. */
const pad = (value: number): string => String(value).padStart(2, '0')
const dayMs = 86_400_000

/** Returns the words of one tick: a month in a year, a second in a minute. */
export function formatTick(ms: number, spanMs: number, language: string): string {
  const at = new Date(ms)
  const isChinese = language === 'zh-CN'
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}`
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0
  const day = isChinese ? `${at.getMonth() + 1}月${at.getDate()}日` : `${at.getDate()}/${at.getMonth() + 1}`
  if (spanMs > 100 * dayMs) {
    if (at.getDate() !== 1) return day
    return isChinese
      ? `${at.getFullYear()}年${at.getMonth() + 1}月`
      : `${at.getFullYear()}-${pad(at.getMonth() + 1)}`
  }
  if (spanMs > 3 * dayMs) return isMidnight ? day : `${day} ${time}`
  if (spanMs > 600_000) return isMidnight ? day : time
  if (spanMs > 10_000) return `${time}:${pad(at.getSeconds())}`
  return `${time}:${pad(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

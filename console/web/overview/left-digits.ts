/** What is left of a clock in digits that are read across a room: pure. */
import type { Language } from '../i18n/language.ts'

/** `23:59:59`, from four days on `89 天` or `89 d`; what is over counts up, with a minus. */
export function leftDigits(leftMs: number, language: Language): string {
  const sign = leftMs < 0 ? '−' : ''
  const seconds = Math.floor(Math.abs(leftMs) / 1_000)
  if (seconds >= 4 * 86_400)
    return `${sign}${Math.floor(seconds / 86_400)} ${language === 'zh-CN' ? '天' : 'd'}`
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${sign}${pad(Math.floor(seconds / 3_600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`
}

/** Small pieces that headlines in both languages are made of. Pure; nothing here knows a violation. */
import { LEVEL_NAMES, type Level } from '../levels.ts'
import { type RawText, showRawText } from '../raw-text.ts'

export type Lang = 'zh' | 'en'

const firstStrongIsolate = '\u2068'
const popDirectionalIsolate = '\u2069'
/** A headline is one line; the whole name stands in the evidence. */
const nameCharactersMax = 64

/**
 * Returns a name that a device, a file or a network chose, fit to stand inside a sentence: shown by `showRawText`,
 * isolated for direction, and cut with `…` where it is long.
 */
export function nameInSentence(text: RawText): string {
  const shown = cut(showRawText(text))
  return `${firstStrongIsolate}${shown}${popDirectionalIsolate}`
}

/** Returns a computer's number: as it is where it is plain, as a hostile name where it is not. */
export function computerInSentence(computer: string): string {
  return /^[\p{Script=Han}A-Za-z0-9._ #/-]{1,64}$/u.test(computer) ? computer : nameInSentence(computer)
}

/** 机密计算机 JM-0231 / JM-0231 (Secret 机密): the Chinese word stands in both, because 秘密 is the lowest level. */
export function computerWithLevel(computer: string, level: Level, lang: Lang): string {
  const name = computerInSentence(computer)
  const { zh, en } = LEVEL_NAMES[level]
  return lang === 'zh' ? `${zh}计算机 ${name}` : `${name} (${en} ${zh})`
}

const units = [
  { ms: 86_400_000, zh: '天', en: 'day' },
  { ms: 3_600_000, zh: '小时', en: 'hour' },
  { ms: 60_000, zh: '分钟', en: 'minute' },
  { ms: 1_000, zh: '秒', en: 'second' },
] as const

/** Words a duration in its two largest units, rounded down: never longer than it was. */
export function durationInWords(ms: number, lang: Lang): string {
  let rest = Math.max(0, Math.floor(ms))
  const parts: string[] = []
  for (const [index, unit] of units.entries()) {
    const value = Math.floor(rest / unit.ms)
    rest -= value * unit.ms
    const isLast = index === units.length - 1
    if (value > 0 || (isLast && parts.length === 0)) parts.push(countOf(value, unit, lang))
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

function countOf(value: number, unit: (typeof units)[number], lang: Lang): string {
  return lang === 'zh' ? `${value} ${unit.zh}` : `${value} ${unit.en}${value === 1 ? '' : 's'}`
}

function cut(text: string): string {
  const characters = Array.from(text)
  if (characters.length <= nameCharactersMax) return text
  return `${characters.slice(0, nameCharactersMax - 1).join('')}…`
}

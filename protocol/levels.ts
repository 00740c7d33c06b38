/**
 * The order of classification levels, and how each is written.
 *
 * 秘密 is the lowest level of a state secret, not "secret" (保守国家秘密法 art. 14): whoever shows a level shows the
 * Chinese word with it.
 */
import { Type } from 'typebox'

export const LEVELS = ['unclassified', 'internal', 'confidential', 'secret', 'top-secret'] as const
export type Level = (typeof LEVELS)[number]

export const LevelSchema = Type.Enum([...LEVELS])

export const LEVEL_NAMES: Readonly<
  Record<Level, { readonly zh: string; readonly en: string; readonly tag: string }>
> = {
  unclassified: { zh: '非密', en: 'Unclassified', tag: 'U' },
  internal: { zh: '内部', en: 'Internal', tag: 'I' },
  confidential: { zh: '秘密', en: 'Confidential', tag: 'C' },
  secret: { zh: '机密', en: 'Secret', tag: 'S' },
  'top-secret': { zh: '绝密', en: 'Top Secret', tag: 'TS' },
}

/** Returns the rank of a level: 0 for unclassified … 4 for top secret. */
export function levelRank(level: Level): number {
  return LEVELS.indexOf(level)
}

/** Returns a negative number, 0 or a positive number as `a` is below, at or above `b`. */
export function compareLevels(a: Level, b: Level): number {
  return levelRank(a) - levelRank(b)
}

/** Reports whether a level is that of a state secret (秘密 and above), not merely internal. */
export function isStateSecret(level: Level): boolean {
  return levelRank(level) >= levelRank('confidential')
}

/** Which language a page speaks: pure. Loading the words is `load-language.ts`. */
export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/**
 * Returns the kept choice where there is one, else Chinese where the browser asks for Chinese before English,
 * else English.
 */
export function chooseLanguage(kept: string | null, asked: readonly string[]): Language {
  const choice = LANGUAGES.find((language) => language === kept)
  if (choice !== undefined) return choice
  for (const tag of asked) {
    const primary = tag.toLowerCase().split('-')[0]
    if (primary === 'zh') return 'zh-CN'
    if (primary === 'en') return 'en'
  }
  return 'en'
}

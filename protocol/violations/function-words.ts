/** What a USB device could be, in the words of a sentence. Pure. */
import type { Lang } from './wording.ts'

const WORDS: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {}

/** Words a list of functions, as `usb/functions.ts` names them; one that has no word stands as it is. */
export function functionsInWords(functions: readonly string[], lang: Lang): string {
  const words = functions.slice(0, 6).map((name) => WORDS[name]?.[lang] ?? name)
  const more = functions.length > words.length ? ['…'] : []
  return [...words, ...more].join(lang === 'zh' ? '、' : ', ')
}

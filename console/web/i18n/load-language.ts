/**
 * Loads a language's words and those of the component kit, each its own chunk, and makes the page speak it. Words that the
 * first screens have no use for are a chunk of their own, which other pages wait for.
 */
import type { Locale } from 'antd/es/locale/index.js'
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { chooseLanguage, type Language } from './language.ts'

const storageKey = 'shoukou.language'
let isReady = false

type Words = Readonly<Record<string, string>>
type Load = () => Promise<{ readonly default: Words }>
const chunks: Readonly<Record<Language, { readonly first: Load; readonly rest: Load }>> = {
  'zh-CN': {
    first: () => import('virtual:first-words/zh-CN'),
    rest: () => import('virtual:rest-words/zh-CN'),
  },
  en: { first: () => import('virtual:first-words/en'), rest: () => import('virtual:rest-words/en') },
}
/** Of each language that was in use since somebody wanted them. */
const rests = new Map<Language, Promise<void>>()

export interface LoadedLanguage {
  readonly language: Language
  readonly kit: Locale
}

/** Returns the language to start in: the kept choice, or what the browser asks for. */
export function firstLanguage(): Language {
  return chooseLanguage(readKept(), navigator.languages)
}

/** Loads a language and switches to it; `keep` remembers it for this browser. */
export async function loadLanguage(language: Language, keep: boolean): Promise<LoadedLanguage> {
  const [words, kit] = await Promise.all([chunks[language].first(), loadKit(language)])
  // Before the words change: a page that is open then writes its own title over this one.
  document.documentElement.lang = language
  document.title =
    language === 'zh-CN' ? '守口 · 涉密计算机监管控制台' : 'Shoukou · classified computer console'
  if (!isReady) {
    await i18next.use(initReactI18next).init({
      lng: language,
      fallbackLng: false,
      keySeparator: false,
      nsSeparator: false,
      // React escapes; escaping twice would show entities.
      interpolation: { escapeValue: false },
      resources: { [language]: { translation: words.default } },
      // A word that was taken for one of the rest: it comes, and stands there then.
      saveMissing: true,
      missingKeyHandler: () => {
        loadRestWords().catch((cause: unknown) => console.warn('words could not be loaded', cause))
      },
      react: { bindI18nStore: 'added' },
    })
    isReady = true
  } else {
    i18next.addResourceBundle(language, 'translation', words.default, true, true)
    if (rests.size > 0) await restOf(language)
    await i18next.changeLanguage(language)
  }
  if (keep) writeKept(language)
  return { language, kit }
}

/** Resolves when all words of the language in force are there. Rejects where they can't be loaded; asking again tries again. */
export function loadRestWords(): Promise<void> {
  return restOf(i18next.language === 'zh-CN' ? 'zh-CN' : 'en')
}

function restOf(language: Language): Promise<void> {
  const known = rests.get(language)
  if (known !== undefined) return known
  const loading = chunks[language].rest().then(({ default: words }) => {
    i18next.addResourceBundle(language, 'translation', words, true, true)
  })
  rests.set(language, loading)
  loading.catch(() => rests.delete(language))
  return loading
}

async function loadKit(language: Language): Promise<Locale> {
  const kit =
    language === 'zh-CN' ? await import('antd/es/locale/zh_CN.js') : await import('antd/es/locale/en_US.js')
  return kit.default
}

// A browser may refuse storage altogether; the choice then lasts for the page, which is no reason to fail.
function readKept(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}

function writeKept(language: Language): void {
  try {
    localStorage.setItem(storageKey, language)
  } catch (cause) {
    console.warn('the language choice could not be kept', cause)
  }
}

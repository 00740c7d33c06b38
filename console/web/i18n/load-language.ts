/** Loads a language's words and those of the component kit, each its own chunk, and makes the page speak it. */
import type { Locale } from 'antd/es/locale/index.js'
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { chooseLanguage, type Language } from './language.ts'

const storageKey = 'shoukou.language'
let isReady = false

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
  const [words, kit] = await Promise.all([loadWords(language), loadKit(language)])
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
      resources: { [language]: { translation: words } },
    })
    isReady = true
  } else {
    i18next.addResourceBundle(language, 'translation', words)
    await i18next.changeLanguage(language)
  }
  if (keep) writeKept(language)
  return { language, kit }
}

async function loadWords(language: Language): Promise<Record<string, string>> {
  return language === 'zh-CN' ? (await import('./zh-cn.ts')).zhCN : (await import('./en.ts')).en
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

/** The one way to words: keys are checked by the compiler against the resource files. */
import { useCallback, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Bilingual } from '../../api/contract.ts'
import type { Language } from './language.ts'
import type { zhCN } from './zh-cn.ts'

type Stored = keyof typeof zhCN
/** A plural key is named without its suffix. */
export type MessageKey = Stored extends infer K
  ? K extends `${infer Base}_${'one' | 'other'}`
    ? Base
    : K
  : never
export type Values = Readonly<Record<string, string | number>>

export interface Text {
  readonly t: (key: MessageKey, values?: Values) => string
  /** For words that arrive from elsewhere: the translation where there is one, else null. */
  readonly tryT: (key: string, values?: Values) => string | null
  readonly language: Language
  /** The sentence in the reader's language. */
  readonly pick: (sentence: Bilingual) => string
}

/** Returns the text functions of the language in force. */
export function useText(): Text {
  const { t, i18n } = useTranslation()
  const language: Language = i18n.language === 'zh-CN' ? 'zh-CN' : 'en'
  const say = useCallback((key: string, values?: Values) => t(key, values ?? {}), [t])
  return useMemo(
    () => ({
      t: say,
      tryT: (key, values) => (i18n.exists(key) ? say(key, values) : null),
      language,
      pick: (sentence) => (language === 'zh-CN' ? sentence.zh : sentence.en),
    }),
    [say, i18n, language],
  )
}

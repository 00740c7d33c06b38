/** The language in force, and the button that changes it. */
import { Button } from 'antd'
import { createContext, type ReactNode, use } from 'react'
import type { Language } from './language.ts'

interface LanguageSwitch {
  readonly language: Language
  readonly switchTo: (language: Language) => Promise<void>
}

const SwitchContext = createContext<LanguageSwitch | null>(null)
export const LanguageSwitchProvider = SwitchContext.Provider

/** Offers the other language, in that language's own words. */
export function LanguageButton(): ReactNode {
  const state = use(SwitchContext)
  if (state === null) return null
  const other: Language = state.language === 'zh-CN' ? 'en' : 'zh-CN'
  return (
    <Button
      type="text"
      size="small"
      lang={other}
      data-testid="switch-language"
      onClick={() => void state.switchTo(other)}
    >
      {other === 'en' ? 'English' : '中文'}
    </Button>
  )
}

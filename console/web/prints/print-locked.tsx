/** What is on paper where somebody prints past the button: a sentence, and no sheet. */
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'

export function PrintLocked(): ReactNode {
  const { t } = useText()
  return <p className="print-locked">{t('prints.locked')}</p>
}

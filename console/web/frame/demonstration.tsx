/**
 * Says on every page, and on every sheet that is printed, that what it shows is made up. It stands outside of whatever page it
 * is: sign-in, wall and prints have it as well.
 */
import { type ReactNode, useLayoutEffect } from 'react'
import { useText } from '../i18n/use-text.ts'

export function DemonstrationMark(): ReactNode {
  const { t } = useText()
  useLayoutEffect(() => {
    if (isDemonstration) document.documentElement.classList.add('is-demonstration')
  }, [])
  if (!isDemonstration) return null
  return (
    <>
      <aside className="demonstration" data-testid="demonstration" aria-label={t('demonstration.mark')}>
        <strong>{t('demonstration.mark')}</strong> <span>{t('demonstration.why')}</span>
      </aside>
      <div className="demonstration-paper" aria-hidden="true">
        {t('demonstration.mark')}
      </div>
    </>
  )
}

/** The console writes it into the page itself, so that no page is ever shown before it is known. */
const isDemonstration =
  document.querySelector('meta[name="demonstration"]')?.getAttribute('content') === 'yes'

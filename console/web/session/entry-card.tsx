/** The card before the pages: who we are, one form, the language. */
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { Brand } from '../show/brand.tsx'

interface Props {
  readonly title: string
  readonly extra: ReactNode
  readonly children: ReactNode
}

export function EntryCard({ title, extra, children }: Props): ReactNode {
  const { t } = useText()
  return (
    <main className="entry">
      <section className="entry-card" aria-labelledby="entry-title">
        <header className="entry-head">
          <Brand />
          {extra}
        </header>
        <p className="entry-claim">{t('product.claim')}</p>
        <h1 id="entry-title">{title}</h1>
        {children}
      </section>
      <p className="entry-notice">{t('sign-in.notice')}</p>
    </main>
  )
}

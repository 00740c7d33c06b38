/** The second factor that the rules demand must be set up before anything else is shown. */
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { SessionAnswer } from '../../api/contract.ts'
import { SecondFactorSetUp } from '../account/second-factor-set-up.tsx'
import { PageKit } from '../frame/page-kit.tsx'
import { LanguageButton } from '../i18n/language-switch.tsx'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { EntryCard } from './entry-card.tsx'
import { SignOutButton } from './sign-out-button.tsx'

export function SecondFactorCard({ session }: { readonly session: SessionAnswer }): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  return (
    <EntryCard title={t('set-up.title')} extra={<LanguageButton />}>
      <p className="gap-below">{t('set-up.why', { name: session.name })}</p>
      <PageKit>
        <SecondFactorSetUp
          hasCode={false}
          onDone={() => void cache.invalidateQueries({ queryKey: sessionQuery.queryKey })}
          extra={<SignOutButton />}
        />
      </PageKit>
    </EntryCard>
  )
}

/** How many acts wait for whoever is signed in, beside the word in the navigation. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { waitingActsQuery } from '../server/access-queries.ts'

export function ActsBadge(): ReactNode {
  const { t } = useText()
  const waiting = useQuery(waitingActsQuery).data ?? 0
  if (waiting === 0) return null
  return (
    <span className="side-badge" data-testid="acts-badge" title={t('acts.badge', { count: waiting })}>
      <span aria-hidden="true">{waiting}</span>
      <span className="sr-only">{t('acts.badge', { count: waiting })}</span>
    </span>
  )
}

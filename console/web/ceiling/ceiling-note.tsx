/** On the overview: that there is no ceiling, or that not everything is held to it. Nothing where all is well. */
import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { useText } from '../i18n/use-text.ts'
import { ceilingQuery } from '../server/ceiling-queries.ts'
import { useMay } from '../session/session-context.ts'

export function CeilingNote(): ReactNode {
  const { t } = useText()
  const mayRead = useMay('ceiling.read')
  const { data } = useQuery({ ...ceilingQuery, enabled: mayRead, staleTime: 60_000 })
  if (!mayRead || data === undefined) return null
  const { inForce, behind, beyond, dailyKey } = data
  const words =
    inForce === null
      ? t('ceiling.note-none')
      : dailyKey.untilMs === null
        ? t('ceiling.own-key-missing')
        : beyond.length > 0
          ? t('ceiling.note-beyond', { count: beyond.length })
          : behind.length > 0
            ? t('ceiling.note-behind', { count: behind.length })
            : null
  if (words === null) return null
  return (
    <Alert
      type={inForce === null || dailyKey.untilMs !== null ? 'info' : 'error'}
      showIcon
      className="gap-below"
      data-testid="ceiling-note"
      title={
        <>
          {words} <Link to="/ceiling">{t('ceiling.note-more')}</Link>
        </>
      }
    />
  )
}

/** Why the session that this browser had is over, in words: who was signed out by another place must learn it. */
import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { sessionEndedQuery } from '../server/sign-in-queries.ts'

/** On a page that was just opened, an ending that its owner made or waited for is no news. */
const noNews = new Set(['signed-out', 'signed-in-again', 'locked', 'idle', 'too-old'])

interface Props {
  readonly isQuiet?: boolean
}

export function EndedNote({ isQuiet = false }: Props): ReactNode {
  const { t, tryT } = useText()
  const { data } = useQuery(sessionEndedQuery)
  const ending = data?.ending ?? null
  if (ending === null && (isQuiet || data === undefined)) return null
  if (isQuiet && ending !== null && noNews.has(ending)) return null
  return (
    <Alert
      type="warning"
      showIcon
      className="gap-below"
      data-testid="session-ending"
      data-ending={ending ?? ''}
      title={tryT(`ending.${ending ?? 'unknown'}`) ?? t('ending.unknown')}
    />
  )
}

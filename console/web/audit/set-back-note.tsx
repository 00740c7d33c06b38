/** For whoever runs or guards the console: its database is older than what computers have seen. */
import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { warningsQuery } from '../server/trail-queries.ts'
import { TimeView } from '../show/time-view.tsx'

export function SetBackNote(): ReactNode {
  const { t } = useText()
  const { data } = useQuery(warningsQuery)
  const setBack = data?.setBack ?? null
  if (setBack === null) return null
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      data-testid="set-back"
      title={
        <>
          {t('warning.set-back')} <TimeView ms={setBack.at} />
        </>
      }
    />
  )
}

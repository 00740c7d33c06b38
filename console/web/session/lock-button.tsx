/** Leaving the desk for a moment: the page locks, and what is on it stays. */
import { LockOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { lockPage } from './lock-page.ts'

export function LockButton(): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  return (
    <Button
      size="small"
      icon={<LockOutlined />}
      title={t('lock.now-title')}
      onClick={() => void lockPage(cache)}
      data-testid="lock-now"
    >
      {t('lock.now')}
    </Button>
  )
}

/** The way out of a card that must be finished first. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'

export function SignOutButton(): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const leave = useMutation({
    mutationFn: () => request('DELETE', '/api/session'),
    onSettled: () => cache.setQueryData(sessionQuery.queryKey, null),
  })
  return <Button onClick={() => leave.mutate()}>{t('frame.sign-out')}</Button>
}

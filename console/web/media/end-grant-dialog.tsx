/** Takes a temporary grant away before its time. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form } from 'antd'
import type { ReactNode } from 'react'
import type { EndGrant, GrantAnswer, SeenMedium } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { seenMediaQuery } from '../server/media-queries.ts'
import { request } from '../server/request.ts'
import { AskDialog } from './ask-dialog.tsx'
import { ReasonField } from './reason-field.tsx'

interface Props {
  readonly seen: SeenMedium
  readonly onClose: () => void
}

export function EndGrantDialog({ seen, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ reason: string }>()
  const end = useMutation({
    mutationFn: ({ reason }: { readonly reason: string }) => {
      const body: EndGrant = { instance: seen.instance, reason: reason.trim() }
      return request<GrantAnswer>('POST', `/api/computers/${encodeURIComponent(seen.agent)}/grants/end`, body)
    },
    onSuccess: ({ isSent }) => {
      void cache.invalidateQueries({ queryKey: seenMediaQuery(seen.agent).queryKey })
      if (isSent) void message.success(t('grant.end-sent'))
      else void message.warning(t('grant.end-not-sent'))
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('grant.end-title', { computer: seen.computer })}
      okText={t('grant.end')}
      okTestId="end-submit"
      error={end.error}
      isPending={end.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <p className="gap-below">{t('grant.end-does')}</p>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(fields) => end.mutate(fields)}>
        <ReasonField example={t('grant.end-example')} isFirst />
      </Form>
    </AskDialog>
  )
}

/** Asks why a target is paused, goes on, or is removed, and says what that does. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Form } from 'antd'
import type { ReactNode } from 'react'
import type { Target } from '../../api/contract-forwarding.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { targetPath, targetsQuery } from '../server/keeping-queries.ts'
import { request } from '../server/request.ts'

interface Props {
  readonly target: Target
  readonly act: 'pause' | 'resume' | 'remove'
  readonly onClose: () => void
}

export function TargetAsk({ target, act, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ reason: string }>()
  const reason = Form.useWatch('reason', form) ?? ''
  const ask = useMutation({
    mutationFn: (why: string) =>
      act === 'remove'
        ? request('POST', targetPath(target.id, '/remove'), { reason: why.trim() })
        : request('POST', targetPath(target.id, '/pause'), { isPaused: act === 'pause', reason: why.trim() }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: targetsQuery.queryKey })
      onClose()
    },
  })
  return (
    <AskDialog
      title={t(`forward.${act}-title`, { name: target.name })}
      okText={t(`forward.${act}`)}
      okTestId="target-ask-submit"
      error={ask.error}
      isPending={ask.isPending}
      isReady={reason.trim() !== ''}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ reason: '' }}
        onFinish={({ reason: why }: { reason: string }) => ask.mutate(why)}
      >
        <p className="consequence">{t(`forward.does-${act}`)}</p>
        <ReasonField example={t('forward.reason-example')} isFirst />
      </Form>
    </AskDialog>
  )
}

/** The second person's word, or the first one's withdrawal: what it does, in so many words, before the button is live. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, Input } from 'antd'
import type { ReactNode } from 'react'
import type { ActItem } from '../../api/contract-access.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { agreeTo, forgetActs, turnDown } from '../server/access-queries.ts'
import { RawTextView } from '../show/raw-text-view.tsx'

export type Decision = 'agree' | 'refuse' | 'withdraw'

interface Props {
  readonly act: ActItem
  readonly decision: Decision
  readonly onClose: () => void
}

export function DecideDialog({ act, decision, onClose }: Props): ReactNode {
  const { t, pick } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ reason: string }>()
  const typed = Form.useWatch('reason', form) ?? ''
  const decide = useMutation({
    mutationFn: ({ reason }: { reason: string }) =>
      decision === 'agree'
        ? agreeTo(act.id, { hash: act.hash, reason: reason.trim() })
        : turnDown(act.id, decision, reason.trim()),
    onSuccess: ({ decision: made, outcome }) => {
      if (outcome?.result === 'failed') void message.error(t('acts.told-failed'))
      else if (outcome?.result === 'done') void message.success(t('acts.told-done'))
      else if (made !== null) void message.success(t(`acts.state.${made.kind}`))
      onClose()
    },
    onSettled: () => forgetActs(cache),
  })
  return (
    <AskDialog
      title={t(`acts.${decision}-title`, { id: act.id })}
      okText={t(`acts.${decision}`)}
      okTestId="act-submit"
      error={decide.error}
      isPending={decide.isPending}
      isReady={decision === 'agree' || typed.trim() !== ''}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ reason: '' }}
        onFinish={(fields) => decide.mutate(fields)}
      >
        <p className="gap-below">{t(`acts.${decision}-does`)}</p>
        <p className="consequence" data-testid="act-words">
          <bdi>{pick(act.words)}</bdi>
        </p>
        <p className="gap-below muted">
          {t('acts.asked')}: {act.askedBy} ({act.person}) · {t('acts.reason')}:{' '}
          <RawTextView text={act.reason} isPlain />
        </p>
        {decision === 'agree' ? (
          <Form.Item name="reason" label={t('acts.agree-reason')}>
            <Input maxLength={500} autoFocus data-testid="field-reason" />
          </Form.Item>
        ) : (
          <ReasonField example={t(`acts.${decision}-example`)} isFirst />
        )}
      </Form>
    </AskDialog>
  )
}

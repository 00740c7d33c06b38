/** After how many days without a sight a registered thing is a finding: the unit's own word. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Form, InputNumber } from 'antd'
import type { ReactNode } from 'react'
import type { FindingDays } from '../../api/contract-findings.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { forgetFindings } from '../server/findings-queries.ts'
import { request } from '../server/request.ts'

export function DaysDialog({
  days,
  onClose,
}: {
  readonly days: number
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<FindingDays>()
  const set = useMutation({
    mutationFn: (filled: FindingDays) =>
      request<FindingDays>('PUT', '/api/findings/days', { days: filled.days, reason: filled.reason.trim() }),
    onSuccess: () => {
      forgetFindings(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('findings.days-title')}
      okText={t('findings.days-change')}
      okTestId="days-submit"
      error={set.error}
      isPending={set.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form<FindingDays>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ days, reason: '' }}
        onFinish={(filled) => set.mutate(filled)}
      >
        <Form.Item name="days" label={t('findings.days-label')} rules={[{ required: true }]}>
          <InputNumber min={1} max={730} precision={0} data-testid="days-value" />
        </Form.Item>
        <ReasonField example={t('findings.days-example')} />
      </Form>
    </AskDialog>
  )
}

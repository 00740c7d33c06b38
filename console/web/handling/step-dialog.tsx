/** One step of handling a violation: what it does, whether a second person must agree, and why it is taken. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, Input, Radio } from 'antd'
import type { ReactNode } from 'react'
import type { ViolationItem } from '../../api/contract.ts'
import type { HandlingAnswer } from '../../api/contract-handling.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { forgetActs, handlingQuery, takeStep } from '../server/access-queries.ts'
import { forgetHandling } from '../server/handling-queries.ts'

interface Props {
  readonly violation: ViolationItem
  readonly step: HandlingAnswer['next'][number]
  /** The newest step that is shown: another one meanwhile, and nothing is done. */
  readonly after: number | null
  readonly disposition: HandlingAnswer['disposition']
  readonly onClose: () => void
}

interface Fields {
  readonly reason: string
  readonly disposition?: NonNullable<HandlingAnswer['disposition']>
}
const dispositions = ['education', 'warning', 'discipline', 'transferred', 'none'] as const

export function StepDialog({ violation, step, after, disposition, onClose }: Props): ReactNode {
  const { t, pick } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const { kind, needsTwo } = step
  const [form] = Form.useForm<Fields>()
  // A closing says what came of it, unless a step before told it.
  const isDisposing = kind === 'dispose' || (kind === 'close' && disposition === null)
  const isSilent = kind === 'acknowledge' || kind === 'unacknowledge'
  const chosen = Form.useWatch('disposition', form)
  const typed = Form.useWatch('reason', form) ?? ''
  const take = useMutation({
    mutationFn: ({ reason, disposition: came }: Fields) =>
      takeStep(violation.id, {
        ...{ kind, reason: reason.trim(), after },
        ...(isDisposing && came !== undefined ? { disposition: came } : {}),
      }),
    onSuccess: (answer) => {
      cache.setQueryData(handlingQuery(violation.id).queryKey, answer)
      void message.success(t(needsTwo ? 'handling.asked' : 'handling.done'))
      onClose()
    },
    onSettled: () => {
      forgetActs(cache)
      forgetHandling(cache)
    },
  })
  return (
    <AskDialog
      title={t('handling.step-title', { step: t(`handling.do.${kind}`), id: violation.id })}
      okText={needsTwo ? t('handling.ask') : t(`handling.do.${kind}`)}
      okTestId="handling-submit"
      error={take.error}
      isPending={take.isPending}
      isReady={(isSilent || typed.trim() !== '') && (!isDisposing || chosen !== undefined)}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ reason: '' }}
        onFinish={(fields) => take.mutate(fields)}
      >
        <p className="gap-below">{pick(violation.headline)}</p>
        <p className="consequence">{t(`handling.does.${kind}`)}</p>
        {needsTwo && (
          <p className="consequence" data-testid="needs-second">
            {t('handling.needs-two')}
          </p>
        )}
        {isDisposing && (
          <Form.Item
            name="disposition"
            label={t('handling.disposition')}
            rules={[{ required: true, message: t('handling.disposition-missing') }]}
          >
            <Radio.Group
              options={dispositions.map((value) => ({
                value,
                label: <span data-testid={`disposition-${value}`}>{t(`handling.disposition.${value}`)}</span>,
              }))}
            />
          </Form.Item>
        )}
        <Form.Item
          name="reason"
          label={t('medium.reason')}
          rules={isSilent ? [] : [{ required: true, whitespace: true, message: t('medium.reason-missing') }]}
        >
          <Input.TextArea
            rows={3}
            maxLength={2_000}
            autoFocus
            placeholder={t(`handling.example.${kind}`)}
            data-testid="field-reason"
          />
        </Form.Item>
      </Form>
    </AskDialog>
  )
}

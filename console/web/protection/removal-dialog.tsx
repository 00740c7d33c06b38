/** Issues the code without which an agent is not removed: the computer shows a challenge, the administrator reads a code back. */
import { hasCheckDigit } from '@shoukou/protocol/media/check-digit.ts'
import { useMutation } from '@tanstack/react-query'
import { Form, Input } from 'antd'
import type { ReactNode } from 'react'
import type { RemovalAnswer, RemovalRequest } from '../../api/contract-removal.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { digitsOf, groupDigits } from '../media/digit-groups.ts'
import { ReasonField } from '../media/reason-field.tsx'
import { request } from '../server/request.ts'

interface Props {
  readonly agent: string
  readonly computer: string
  readonly onClose: () => void
}

interface Fields {
  readonly challenge: string
  readonly reason: string
}

const challengeDigits = 16

export function RemovalDialog({ agent, computer, onClose }: Props): ReactNode {
  const { t } = useText()
  const [form] = Form.useForm<Fields>()
  const ask = useMutation({
    mutationFn: ({ challenge, reason }: Fields) => {
      const body: RemovalRequest = { challenge: digitsOf(challenge), reason: reason.trim() }
      return request<RemovalAnswer>('POST', `/api/computers/${encodeURIComponent(agent)}/removal-code`, body)
    },
  })
  const { data: answer } = ask
  return (
    <AskDialog
      title={t('removal.title-for', { computer })}
      okText={answer === undefined ? t('removal.issue') : t('spoken.done')}
      okTestId="removal-submit"
      width={620}
      error={ask.error}
      isPending={ask.isPending}
      isDone={answer !== undefined}
      onOk={() => (answer === undefined ? form.submit() : onClose())}
      onClose={onClose}
    >
      {answer === undefined ? (
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ challenge: '', reason: '' }}
          onFinish={(fields) => ask.mutate(fields)}
        >
          <p className="muted">{t('removal.intro')}</p>
          <Form.Item
            name="challenge"
            label={t('removal.challenge')}
            normalize={(typed: string) => groupDigits(digitsOf(typed).slice(0, challengeDigits))}
            validateTrigger={['onBlur', 'onSubmit']}
            rules={[
              {
                validator: (_rule, typed: string) => {
                  const digits = digitsOf(typed)
                  if (digits.length < challengeDigits)
                    return Promise.reject(new Error(t('removal.challenge-short')))
                  // A slip is told at once, before the reason is written.
                  return hasCheckDigit(digits)
                    ? Promise.resolve()
                    : Promise.reject(new Error(t('spoken.challenge-wrong')))
                },
              },
            ]}
          >
            <Input
              className="mono spoken-input"
              inputMode="numeric"
              autoComplete="off"
              autoFocus
              placeholder="0000 0000 0000 0000"
              data-testid="removal-challenge"
            />
          </Form.Item>
          <ReasonField example={t('removal.reason-example')} />
        </Form>
      ) : (
        <div className="spoken-answer" data-testid="removal-answer">
          <p>{t('removal.read-out')}</p>
          <p className="spoken-code mono" data-testid="removal-code">
            {groupDigits(digitsOf(answer.code))}
          </p>
          <p className="muted">{t('removal.once', { counter: answer.counter })}</p>
        </div>
      )}
    </AskDialog>
  )
}

/**
 * A grant for a computer that is not connected: the person there reads out a challenge, the administrator reads back a
 * code. Both in groups of four digits, large enough to be read over a telephone.
 */
import { LIMITS } from '@shoukou/protocol/limits.ts'
import { hasCheckDigit } from '@shoukou/protocol/media/check-digit.ts'
import { useMutation } from '@tanstack/react-query'
import { Form, Input } from 'antd'
import type { ReactNode } from 'react'
import type { SpokenCodeAnswer, SpokenCodeRequest } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { ApiError, request } from '../server/request.ts'
import { AskDialog } from './ask-dialog.tsx'
import { digitsOf, groupDigits } from './digit-groups.ts'
import { GrantFields, type GrantForm, grantStart } from './grant-fields.tsx'
import { ReasonField } from './reason-field.tsx'

interface Props {
  readonly agent: string
  readonly computer: string
  readonly onClose: () => void
}

interface Fields extends GrantForm {
  readonly challenge: string
}

const challengeDigits = 16

export function SpokenDialog({ agent, computer, onClose }: Props): ReactNode {
  const { t } = useText()
  const [form] = Form.useForm<Fields>()
  const ask = useMutation({
    mutationFn: ({ challenge, right, minutes, reason }: Fields) => {
      const body: SpokenCodeRequest = {
        challenge: digitsOf(challenge),
        right,
        minutes,
        reason: reason.trim(),
      }
      return request<SpokenCodeAnswer>(
        'POST',
        `/api/computers/${encodeURIComponent(agent)}/spoken-code`,
        body,
      )
    },
    onError: (error) => {
      if (!isChallengeWrong(error)) return
      form.setFields([{ name: 'challenge', errors: [t('spoken.challenge-wrong')] }])
      form.focusField('challenge')
    },
  })
  const { data: answer, variables } = ask
  return (
    <AskDialog
      title={t('spoken.title-for', { computer })}
      okText={answer === undefined ? t('spoken.make') : t('spoken.done')}
      okTestId="spoken-submit"
      width={620}
      error={isChallengeWrong(ask.error) ? null : ask.error}
      isPending={ask.isPending}
      isDone={answer !== undefined}
      onOk={() => (answer === undefined ? form.submit() : onClose())}
      onClose={onClose}
    >
      {answer === undefined || variables === undefined ? (
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ ...grantStart, challenge: '' }}
          onFinish={(fields) => ask.mutate(fields)}
        >
          <ol className="spoken-steps muted">
            <li>{t('spoken.step-ask')}</li>
            <li>{t('spoken.step-check')}</li>
          </ol>
          <Form.Item
            name="challenge"
            label={t('spoken.challenge')}
            extra={t('spoken.challenge-why')}
            normalize={(typed: string) => groupDigits(digitsOf(typed).slice(0, challengeDigits))}
            validateTrigger={['onBlur', 'onSubmit']}
            rules={[
              {
                validator: (_rule, typed: string) => {
                  const digits = digitsOf(typed)
                  if (digits.length < challengeDigits)
                    return Promise.reject(
                      new Error(t('spoken.challenge-short', { most: challengeDigits, typed: digits.length })),
                    )
                  // A slip of the tongue or of the finger is told at once, before the rest is filled in.
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
              data-testid="spoken-challenge"
            />
          </Form.Item>
          <GrantFields minutesMax={LIMITS.grantMinutesMax} />
          <ReasonField example={t('grant.reason-example')} />
        </Form>
      ) : (
        <div className="spoken-answer" data-testid="spoken-answer">
          <p>{t('spoken.read-out')}</p>
          <p className="spoken-code mono" data-testid="spoken-code">
            {groupDigits(digitsOf(answer.code))}
          </p>
          <p>
            {t('spoken.allows', {
              right: t(`value.right.${variables.right}`),
              count: variables.minutes,
              computer,
            })}
          </p>
          <p className="muted">{t('spoken.hand-in')}</p>
          <p className="muted">{t('spoken.once', { counter: answer.counter })}</p>
        </div>
      )}
    </AskDialog>
  )
}

/** The console checks the digits that were read out: one that was heard wrong is told before a code is made of it. */
function isChallengeWrong(error: unknown): boolean {
  return (
    error instanceof ApiError && error.code === 'grant-refused' && /misread|check digit/.test(error.message)
  )
}

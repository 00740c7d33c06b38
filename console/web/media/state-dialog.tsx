/** Moves a medium to another state of its life, and says what that does before the button is live. */
import type { MediumState } from '@shoukou/protocol/media/shapes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, Radio } from 'antd'
import type { ReactNode } from 'react'
import type { MediumAnswer, MediumItem, MediumStateChange } from '../../api/contract-media.ts'
import { dayOf, endOfDay } from '../handling/days.ts'
import { useText } from '../i18n/use-text.ts'
import { forgetMedia, mediumPath } from '../server/media-queries.ts'
import { consoleNow, request } from '../server/request.ts'
import { DateField } from '../show/date-field.tsx'
import { AskDialog } from './ask-dialog.tsx'
import { isAway, isUsable, nextStates } from './medium-states.ts'
import { StateWord } from './medium-words.tsx'
import { ReasonField } from './reason-field.tsx'

const dayMs = 86_400_000
/** What is offered first; more than the last, the console refuses. */
const loanDays = 7
const loanDaysMax = 730

interface Props {
  readonly medium: MediumItem
  readonly onClose: () => void
}

interface Fields {
  /** The state it has: another day to be back. */
  readonly state?: MediumState
  /** `2026-11-22`: its last moment. */
  readonly dueBack?: string
  readonly reason: string
}

export function StateDialog({ medium, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<Fields>()
  const now = consoleNow()
  const chosen = Form.useWatch('state', form)
  const move = useMutation({
    mutationFn: ({ state = medium.state, dueBack = '', reason }: Fields) => {
      const body: MediumStateChange = {
        baseVersion: medium.version,
        state,
        ...(isAway(state) ? { dueBackMs: endOfDay(dueBack) } : {}),
        reason: reason.trim(),
      }
      return request<MediumAnswer>('POST', mediumPath(medium.number, '/state'), body)
    },
    onSuccess: (_answer, { state = medium.state }) => {
      forgetMedia(cache)
      void message.success(
        state === medium.state
          ? t('medium.put-off-done')
          : t('medium.state-changed', { state: t(`medium.state.${state}`) }),
      )
      onClose()
    },
    onError: () => forgetMedia(cache),
  })
  return (
    <AskDialog
      title={t('medium.state-title', { number: medium.number })}
      okText={
        chosen === undefined
          ? t('medium.state-choose')
          : chosen === medium.state
            ? t('medium.put-off-do')
            : t('medium.state-do', { state: t(`medium.state.${chosen}`) })
      }
      okTestId="state-submit"
      error={move.error}
      isPending={move.isPending}
      isReady={chosen !== undefined}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ reason: '', dueBack: dayOf(medium.dueBackMs ?? now + loanDays * dayMs) }}
        onFinish={(fields) => move.mutate(fields)}
      >
        <p className="gap-below">
          {t('medium.state-now')} <StateWord state={medium.state} />
        </p>
        <Form.Item name="state" label={t('medium.state-next')}>
          <Radio.Group className="state-choices">
            {isAway(medium.state) && (
              <Radio value={medium.state} data-testid="state-put-off">
                {t('medium.state-put-off')}
                <span className="muted">
                  {' '}
                  — {t('medium.state-put-off-means', { state: t(`medium.state.${medium.state}`) })}
                </span>
              </Radio>
            )}
            {nextStates(medium.state).map((one) => (
              <Radio key={one} value={one} data-testid={`state-${one}`}>
                {t(`medium.state.${one}`)}
                <span className="muted"> — {t(`medium.state-means.${one}`)}</span>
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
        {chosen !== undefined && isAway(chosen) && (
          <Form.Item
            name="dueBack"
            label={t('medium.due-back')}
            extra={t('medium.due-back-hint')}
            rules={[{ required: true, message: t('medium.day-missing') }]}
          >
            <DateField min={dayOf(now)} max={dayOf(now + loanDaysMax * dayMs)} data-testid="field-due-back" />
          </Form.Item>
        )}
        {chosen !== undefined && isUsable(chosen) !== isUsable(medium.state) && (
          <p className="consequence" data-testid="state-consequence">
            {isUsable(chosen) ? t('medium.state-accepts') : t('medium.state-refuses')}
          </p>
        )}
        {medium.state === 'missing' && chosen !== undefined && isUsable(chosen) && (
          <p className="consequence">{t('medium.state-new-seal')}</p>
        )}
        {chosen === 'destroyed' && <p className="consequence">{t('medium.state-final')}</p>}
        <ReasonField example={t('medium.state-reason-example')} />
      </Form>
    </AskDialog>
  )
}

/** Lets the medium that is plugged in be used for some minutes, by an order to the computer. */
import { LIMITS } from '@shoukou/protocol/limits.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form } from 'antd'
import type { ReactNode } from 'react'
import type { GrantAnswer, NewGrant, SeenMedium } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { seenMediaQuery } from '../server/media-queries.ts'
import { request } from '../server/request.ts'
import { AskDialog } from './ask-dialog.tsx'
import { GrantFields, type GrantForm, grantStart } from './grant-fields.tsx'
import { PassportBrief } from './medium-words.tsx'
import { ReasonField } from './reason-field.tsx'

interface Props {
  readonly seen: SeenMedium
  readonly onSpoken: () => void
  readonly onClose: () => void
}

export function GrantDialog({ seen, onSpoken, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<GrantForm>()
  const grant = useMutation({
    mutationFn: ({ right, minutes, reason }: GrantForm) => {
      const body: NewGrant = { instance: seen.instance, right, minutes, reason: reason.trim() }
      return request<GrantAnswer>('POST', `/api/computers/${encodeURIComponent(seen.agent)}/grants`, body)
    },
    onSuccess: ({ isSent }, { minutes }) => {
      void cache.invalidateQueries({ queryKey: seenMediaQuery(seen.agent).queryKey })
      if (!isSent) return
      void message.success(t('grant.sent', { count: minutes }))
      onClose()
    },
  })
  const isNotConnected = grant.data?.isSent === false
  return (
    <AskDialog
      title={t('grant.title', { computer: seen.computer })}
      okText={t('grant.do')}
      okTestId="grant-submit"
      error={grant.error}
      isPending={grant.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      {isNotConnected && (
        <Alert
          type="warning"
          showIcon
          role="alert"
          className="gap-below"
          data-testid="grant-not-sent"
          title={t('grant.not-connected')}
          action={
            <Button size="small" onClick={onSpoken}>
              {t('spoken.title')}
            </Button>
          }
        />
      )}
      <p className="register-what">
        {seen.passport === null ? t('seen.not-examined') : <PassportBrief passport={seen.passport} />}
      </p>
      <Form<GrantForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={grantStart}
        onFinish={(fields) => grant.mutate(fields)}
      >
        <GrantFields minutesMax={LIMITS.grantMinutesMax} />
        <ReasonField example={t('grant.reason-example')} isFirst />
      </Form>
      <p className="muted">{t('grant.does')}</p>
    </AskDialog>
  )
}

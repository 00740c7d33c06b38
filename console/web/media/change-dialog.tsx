/** Changes what people filled in of a registered medium. The level may rise and never falls. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form } from 'antd'
import { type ReactNode, useState } from 'react'
import type { MediumAnswer, MediumChange, MediumItem } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { forgetMedia, mediumPath, mediumQuery } from '../server/media-queries.ts'
import { ApiError, request } from '../server/request.ts'
import { AskDialog } from './ask-dialog.tsx'
import { detailsOf, formOf, joinForms, levelsFrom, type MediumForm } from './medium-draft.ts'
import { MediumFields } from './medium-fields.tsx'
import { OfficerField } from './officer-field.tsx'
import { ReasonField } from './reason-field.tsx'

type ChangeForm = MediumForm & { readonly officer?: string }

/** Who decided is told of another level alone. */
function officerOf({ level, officer = '' }: ChangeForm, was: MediumItem): string {
  return level === was.level ? '' : officer.trim()
}

interface Props {
  readonly medium: MediumItem
  readonly onClose: () => void
}

export function ChangeDialog({ medium, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<ChangeForm>()
  // What was edited must be what is in force: the version is that of the fields shown, not of what came since.
  const [base, setBase] = useState(medium)
  const change = useMutation({
    mutationFn: (fields: ChangeForm) => {
      const body: MediumChange = {
        baseVersion: base.version,
        ...detailsOf({ ...fields, number: base.number }, base),
        ...(officerOf(fields, base) === '' ? {} : { officer: officerOf(fields, base) }),
        reason: fields.reason.trim(),
      }
      return request<MediumAnswer>('PUT', mediumPath(base.number), body)
    },
    onSuccess: () => {
      forgetMedia(cache)
      void message.success(t('medium.changed'))
      onClose()
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'edit-conflict')
        void cache.invalidateQueries({ queryKey: mediumQuery(base.number).queryKey })
    },
  })
  const isConflict = change.error instanceof ApiError && change.error.code === 'edit-conflict'
  const join = () => {
    form.setFieldsValue(joinForms(formOf(base), form.getFieldsValue(), formOf(medium)))
    setBase(medium)
    change.reset()
  }
  return (
    <AskDialog
      title={t('medium.change-title', { number: base.number })}
      okText={t('medium.change-do')}
      okTestId="change-submit"
      width={820}
      error={isConflict ? null : change.error}
      isPending={change.isPending}
      isReady={!isConflict}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      {isConflict && (
        <Alert
          type="warning"
          showIcon
          role="alert"
          className="gap-below"
          title={t('error.edit-conflict')}
          action={
            <Button size="small" type="primary" disabled={medium.version === base.version} onClick={join}>
              {t('policy.join')}
            </Button>
          }
        />
      )}
      <Form<ChangeForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        scrollToFirstError
        initialValues={formOf(base)}
        onFinish={(fields) => change.mutate(fields)}
      >
        <MediumFields levels={levelsFrom(base.level)} levelHint={t('medium.level-only-up')} />
        <OfficerField was={base.level} />
        <ReasonField example={t('medium.reason-example')} />
      </Form>
      <p className="muted">{t('medium.change-does')}</p>
    </AskDialog>
  )
}

/** Adds a target, or changes one. Its kind is chosen once. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Form, Input, Select } from 'antd'
import type { ReactNode } from 'react'
import type { Target } from '../../api/contract-forwarding.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { targetPath, targetsQuery } from '../server/keeping-queries.ts'
import { request } from '../server/request.ts'
import { draftOf, emptyFields, fieldsOf, type TargetFields } from './target-draft.ts'
import { TargetFieldsOf, ToldFields } from './target-fields.tsx'
import { TARGET_KINDS_SHOWN } from './target-words.ts'

interface Props {
  /** Null: a new one. */
  readonly target: Target | null
  readonly onClose: () => void
}

export function TargetDialog({ target, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<TargetFields>()
  const initial = target === null ? emptyFields() : fieldsOf(target)
  const kind = Form.useWatch('kind', form) ?? initial.kind
  const isPlain = Form.useWatch('isPlain', form) ?? initial.isPlain
  const save = useMutation({
    mutationFn: (fields: TargetFields) => {
      // Fields of other kinds are not on the form now: what they were is what they are.
      const draft = draftOf({ ...initial, ...fields }, target?.types ?? [])
      return target === null
        ? request<Target>('POST', '/api/forwarding', draft)
        : request<Target>('PUT', targetPath(target.id), { version: target.version, ...draft })
    },
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: targetsQuery.queryKey })
      onClose()
    },
  })
  return (
    <AskDialog
      title={target === null ? t('forward.add') : t('forward.change-title', { name: target.name })}
      okText={target === null ? t('forward.add') : t('forward.save')}
      okTestId="target-submit"
      width={680}
      error={save.error}
      isPending={save.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        onFinish={(fields) => save.mutate(fields)}
        onValuesChange={(changed: Partial<TargetFields>) => {
          if (changed.kind !== undefined) form.setFieldValue('port', changed.kind === 'smtp' ? 587 : 6_514)
          if (changed.protection !== undefined)
            form.setFieldValue('port', { tls: 465, starttls: 587, none: 25 }[changed.protection])
        }}
      >
        <div className="field-row">
          <Form.Item
            className="grows"
            name="name"
            label={t('forward.name')}
            rules={[{ required: true, whitespace: true, message: t('forward.missing') }]}
          >
            <Input maxLength={80} autoFocus data-testid="field-name" />
          </Form.Item>
          <Form.Item name="kind" label={t('forward.kind')}>
            <Select
              disabled={target !== null}
              style={{ width: 240 }}
              options={TARGET_KINDS_SHOWN.map((value) => ({ value, label: t(`forward.kind.${value}`) }))}
            />
          </Form.Item>
        </div>
        <p className="muted gap-below">{t(`forward.does.${kind}`)}</p>
        <TargetFieldsOf kind={kind} isPlain={isPlain} hasSecrets={target?.hasSecrets ?? []} />
        <ToldFields />
        <ReasonField example={t('forward.reason-example')} />
      </Form>
    </AskDialog>
  )
}

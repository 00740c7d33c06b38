/** Takes an entry's next step: which one, with what, and why. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, Radio } from 'antd'
import type { ReactNode } from 'react'
import type { LedgerEntry, LedgerEntryAnswer } from '../../api/contract-registers.ts'
import { type FieldValues, isEmpty, type Kind, stateOf, valueIn } from '../../ledger/fields.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { entryPath, forgetRegisters } from '../server/register-queries.ts'
import { ApiError, request } from '../server/request.ts'
import { coreOf, type EntryForm, formOf } from './entry-draft.ts'
import { OwnFields } from './entry-fields.tsx'
import { fieldWords, useWords } from './entry-value.tsx'

interface StepForm extends EntryForm {
  readonly state: string
}

interface Props {
  readonly kind: Kind
  readonly entry: LedgerEntry
  readonly onClose: () => void
}

export function StepDialog({ kind, entry, onClose }: Props): ReactNode {
  const { t, tryT } = useText()
  const say = useWords()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<StepForm>()
  const { steps } = stateOf(kind, entry.state)
  const chosen = Form.useWatch('state', form) ?? steps[0]?.to
  const step = steps.find(({ to }) => to === chosen)
  const draft = { ...entry, fields: entry.fields as FieldValues }
  const own = new Set(kind.fields.map(({ key }) => key))
  const lacking = (step?.needs ?? []).filter((key) => isEmpty(valueIn(draft, key)))
  const required = kind.fields
    .filter((field) => Array.isArray(field.requiredIn) && field.requiredIn.includes(chosen ?? ''))
    .map(({ key }) => key)
    .filter((key) => isEmpty(draft.fields[key]))
  const shown = [...new Set([...(step?.asks ?? []), ...lacking, ...required])].filter((key) => own.has(key))
  const take = useMutation({
    mutationFn: (filled: StepForm) => {
      const { fields } = coreOf(kind, { ...filled, level: null, department: '', custodian: '' })
      const asked = Object.fromEntries(shown.map((key) => [key, fields[key] ?? null]))
      const body = {
        baseVersion: entry.version,
        state: filled.state,
        fields: asked,
        reason: filled.reason.trim(),
      }
      return request<LedgerEntryAnswer>('POST', entryPath(kind.name, entry.number, '/state'), body)
    },
    onSuccess: () => {
      forgetRegisters(cache)
      void message.success(t('registers.saved', { number: entry.number }))
      onClose()
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) return
      if (error.code === 'edit-conflict') forgetRegisters(cache)
      form.setFields(
        error.faults
          .filter(({ field }) => shown.includes(field) || field === 'state')
          .map(({ field, code }) => ({
            name: (field === 'state' ? 'state' : ['fields', field]) as never,
            errors: [tryT(`fault.${code}`) ?? code],
          })),
      )
    },
  })
  const others =
    take.error instanceof ApiError
      ? take.error.faults.filter(({ field }) => !shown.includes(field) && field !== 'state')
      : []
  const hasFaults = take.error instanceof ApiError && take.error.faults.length > 0
  return (
    <AskDialog
      title={t('registers.step-title', { number: entry.number })}
      okText={t('registers.step-do')}
      okTestId="step-submit"
      width={720}
      error={hasFaults ? null : take.error}
      isPending={take.isPending}
      isReady={step !== undefined}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form<StepForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ ...formOf(kind, draft), state: steps[0]?.to, reason: '' }}
        onFinish={(filled) => take.mutate(filled)}
      >
        <Form.Item name="state" label={t('registers.step-to')}>
          <Radio.Group
            data-testid="step-to"
            options={steps.map(({ to }) => ({ value: to, label: say(stateOf(kind, to).words) }))}
          />
        </Form.Item>
        {others.length > 0 && (
          <ul className="fault-list" role="alert" data-testid="step-faults">
            {others.map(({ field, code }) => (
              <li key={field}>
                {say(fieldWords(kind, field))}: {tryT(`fault.${code}`) ?? code}
              </li>
            ))}
          </ul>
        )}
        <OwnFields kind={kind} only={shown} />
        <ReasonField example={t('registers.step-reason-example')} />
      </Form>
    </AskDialog>
  )
}

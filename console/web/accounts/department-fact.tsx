/** A computer's department, and how it is set: it decides which custodian sees the computer. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { computerQuery, computersKey } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { DepartmentInput } from './department-input.tsx'

export function DepartmentFact({ computer }: { readonly computer: Computer }): ReactNode {
  const { t } = useText()
  const may = useMay('computers.write')
  const [isAsked, setAsked] = useState(false)
  return (
    <div>
      <dt>{t('accounts.department')}</dt>
      <dd data-testid="computer-department">
        {computer.department === null ? (
          <span className="muted">{t('department.none')}</span>
        ) : (
          <RawTextView text={computer.department} isPlain />
        )}{' '}
        {may && (
          <Button
            size="small"
            type="link"
            className="no-print"
            onClick={() => setAsked(true)}
            data-testid="set-department"
          >
            {t('department.set')}
          </Button>
        )}
        {isAsked && <DepartmentDialog computer={computer} onClose={() => setAsked(false)} />}
      </dd>
    </div>
  )
}

function DepartmentDialog({
  computer,
  onClose,
}: {
  readonly computer: Computer
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ department: string; reason: string }>()
  const department = (Form.useWatch('department', form) ?? '').trim()
  const save = useMutation({
    mutationFn: (fields: { department: string; reason: string }) => {
      const name = fields.department.trim()
      const body = { department: name === '' ? null : name, reason: fields.reason.trim() }
      const path = `/api/computers/${encodeURIComponent(computer.agent)}/department`
      return request<Computer>('PUT', path, body)
    },
    onSuccess: (after) => {
      cache.setQueryData(computerQuery(computer.agent).queryKey, after)
      void cache.invalidateQueries({ queryKey: computersKey })
      void message.success(t('department.saved'))
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('department.title', { number: computer.number })}
      okText={t('department.save')}
      okTestId="department-submit"
      error={save.error}
      isPending={save.isPending}
      isReady={department !== (computer.department ?? '')}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ department: computer.department ?? '', reason: '' }}
        onFinish={(fields) => save.mutate(fields)}
      >
        <DepartmentInput label={t('department.name')} isRequired={false} />
        <p className="consequence">{t(department === '' ? 'department.none-does' : 'department.does')}</p>
        <ReasonField example={t('department.example')} />
      </Form>
    </AskDialog>
  )
}

/** Makes an account: for whom, with which role, and then its one-time password, this once. */
import type { Role } from '@shoukou/protocol/access.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Input } from 'antd'
import type { ReactNode } from 'react'
import type { NewAccount, NewAccountAnswer } from '../../api/contract-access.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { forgetActs } from '../server/access-queries.ts'
import { accountsQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { useSession } from '../session/session-context.ts'
import { conflictOf, needsDepartment, waitsForSecond } from './account-draft.ts'
import { DepartmentInput } from './department-input.tsx'
import { RoleRadio } from './role-radio.tsx'

interface Fields {
  readonly name: string
  readonly person: string
  readonly role?: Role
  readonly department?: string
  readonly reason: string
}

const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}._-]+$/u

export function NewAccountDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const own = useSession()?.name ?? ''
  const accounts = useQuery(accountsQuery).data?.accounts ?? []
  const [form] = Form.useForm<Fields>()
  const role = Form.useWatch('role', form)
  const person = Form.useWatch('person', form) ?? ''
  const conflict = conflictOf(accounts, { name: '', role, person })
  const make = useMutation({
    mutationFn: (fields: Fields) => {
      const body: NewAccount = {
        name: fields.name.trim(),
        role: fields.role ?? 'viewer',
        person: fields.person.trim(),
        department: needsDepartment(fields.role) ? (fields.department ?? '').trim() : null,
        reason: fields.reason.trim(),
      }
      return request<NewAccountAnswer>('POST', '/api/accounts', body)
    },
    onSettled: () => forgetActs(cache),
  })
  return (
    <AskDialog
      title={
        make.data === undefined
          ? t('accounts.make-title')
          : t('accounts.made', { name: make.data.account.name })
      }
      okText={make.data === undefined ? t('accounts.make') : t('accounts.close')}
      okTestId="account-submit"
      error={make.error}
      isPending={make.isPending}
      isReady={make.isSuccess || (role !== undefined && conflict === null)}
      isDone={make.isSuccess}
      width={640}
      onOk={() => (make.isSuccess ? onClose() : form.submit())}
      onClose={onClose}
    >
      {make.data === undefined ? (
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ name: '', person: '', reason: '' }}
          onFinish={(fields) => make.mutate(fields)}
        >
          <div className="form-row form-row-two">
            <Form.Item
              name="name"
              label={t('accounts.name')}
              rules={[
                { required: true, whitespace: true, message: t('accounts.name-missing') },
                { pattern: namePattern, message: t('accounts.name-wrong') },
              ]}
            >
              <Input maxLength={64} autoFocus autoComplete="off" data-testid="field-name" className="mono" />
            </Form.Item>
            <Form.Item
              name="person"
              label={t('accounts.person')}
              extra={t('accounts.person-hint')}
              rules={[{ required: true, whitespace: true, message: t('accounts.person-missing') }]}
            >
              <Input maxLength={100} autoComplete="off" data-testid="field-person" />
            </Form.Item>
          </div>
          <RoleRadio />
          {needsDepartment(role) && <DepartmentInput label={t('accounts.department')} isRequired />}
          {conflict !== null && (
            <p className="consequence" role="alert" data-testid="role-conflict">
              {t('accounts.make-conflict', {
                person: person.trim(),
                role: t(`role.${conflict.role}`),
                account: conflict.name,
              })}
            </p>
          )}
          <p className="consequence">{t('accounts.make-does')}</p>
          {role !== undefined && waitsForSecond(accounts, role, own) && (
            <p className="consequence" data-testid="needs-second">
              {t('accounts.make-second')}
            </p>
          )}
          <ReasonField example={t('accounts.make-example')} />
        </Form>
      ) : (
        <Made answer={make.data} />
      )}
    </AskDialog>
  )
}

function Made({ answer }: { readonly answer: NewAccountAnswer }): ReactNode {
  const { t } = useText()
  const { message } = App.useApp()
  const copy = async () => {
    await navigator.clipboard.writeText(answer.password)
    void message.success(t('accounts.copied'))
  }
  return (
    <div role="status">
      <p className="one-time">
        <code data-testid="one-time-password">{answer.password}</code>
        <Button size="small" onClick={() => void copy()}>
          {t('accounts.copy')}
        </Button>
      </p>
      <p className="consequence">{t('accounts.made-once')}</p>
      {answer.proposal !== null && (
        <p className="consequence" data-testid="made-waits">
          {t('accounts.made-waits', { id: answer.proposal })}
        </p>
      )}
    </div>
  )
}

/** Dialogs that change one account: disable, enable, name its person, ask for another role. */
import type { Role } from '@shoukou/protocol/access.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Form, Input } from 'antd'
import type { ReactNode } from 'react'
import type { AccountItem, ProposalAnswer } from '../../api/contract-access.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { accountPath, forgetActs } from '../server/access-queries.ts'
import { accountsQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { conflictOf, needsDepartment } from './account-draft.ts'
import { DepartmentInput } from './department-input.tsx'
import { RoleRadio } from './role-radio.tsx'

export type AccountAct = 'disable' | 'enable' | 'person' | 'role'

interface Props {
  readonly account: AccountItem
  readonly onClose: () => void
}

export function AccountDialog({ act, ...props }: Props & { readonly act: AccountAct }): ReactNode {
  switch (act) {
    case 'disable':
    case 'enable':
      return <StateDialog {...props} act={act} />
    case 'person':
      return <PersonDialog {...props} />
    case 'role':
      return <RoleDialog {...props} />
  }
}

function useAccountAct<Fields>({ account, onClose }: Props, send: (fields: Fields) => Promise<string>) {
  const cache = useQueryClient()
  const { message } = App.useApp()
  return useMutation({
    mutationKey: ['account', account.name],
    mutationFn: send,
    onSuccess: (said) => {
      void message.success(said)
      onClose()
    },
    onSettled: () => forgetActs(cache),
  })
}

function StateDialog(props: Props & { readonly act: 'disable' | 'enable' }): ReactNode {
  const { t } = useText()
  const { account, act, onClose } = props
  const { name } = account
  const [form] = Form.useForm<{ reason: string }>()
  const typed = Form.useWatch('reason', form) ?? ''
  const change = useAccountAct<{ reason: string }>(props, async ({ reason }) => {
    await request('POST', accountPath(name, `/${act}`), { reason: reason.trim() })
    return t(act === 'disable' ? 'accounts.disabled' : 'accounts.enabled', { name })
  })
  return (
    <AskDialog
      title={t(`accounts.${act}-title`, { name })}
      okText={t(`accounts.${act}`)}
      okTestId="account-submit"
      error={change.error}
      isPending={change.isPending}
      isReady={typed.trim() !== ''}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ reason: '' }}
        onFinish={(fields) => change.mutate(fields)}
      >
        <Whom account={account} />
        <p className="consequence">{t(`accounts.${act}-does`)}</p>
        <ReasonField example={t(`accounts.${act}-example`)} isFirst />
      </Form>
    </AskDialog>
  )
}

function PersonDialog(props: Props): ReactNode {
  const { t } = useText()
  const { account, onClose } = props
  const { name } = account
  const accounts = useQuery(accountsQuery).data?.accounts ?? []
  const [form] = Form.useForm<{ person: string; reason: string }>()
  const person = Form.useWatch('person', form) ?? ''
  const conflict = conflictOf(accounts, { name, role: account.role, person })
  const change = useAccountAct<{ person: string; reason: string }>(props, async (fields) => {
    const body = { person: fields.person.trim(), reason: fields.reason.trim() }
    await request('POST', accountPath(name, '/person'), body)
    return t('accounts.person-done', { name })
  })
  return (
    <AskDialog
      title={t('accounts.person-title', { name })}
      okText={t('accounts.person-set')}
      okTestId="account-submit"
      error={change.error}
      isPending={change.isPending}
      isReady={person.trim() !== '' && conflict === null}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ person: '', reason: '' }}
        onFinish={(fields) => change.mutate(fields)}
      >
        <p className="consequence">{t('accounts.person-once')}</p>
        <Form.Item
          name="person"
          label={t('accounts.person')}
          extra={t('accounts.person-hint')}
          rules={[{ required: true, whitespace: true, message: t('accounts.person-missing') }]}
        >
          <Input maxLength={100} autoFocus autoComplete="off" data-testid="field-person" />
        </Form.Item>
        {conflict !== null && <Conflict person={person} with={conflict} />}
        <ReasonField example={t('accounts.make-example')} />
      </Form>
    </AskDialog>
  )
}

interface RoleFields {
  readonly role: Role
  readonly department?: string
  readonly reason: string
}

function RoleDialog(props: Props): ReactNode {
  const { t } = useText()
  const { account, onClose } = props
  const { name, person } = account
  const accounts = useQuery(accountsQuery).data?.accounts ?? []
  const [form] = Form.useForm<RoleFields>()
  const role = Form.useWatch('role', form) ?? account.role
  const conflict = conflictOf(accounts, { name, role, person: person ?? '' })
  const ask = useAccountAct<RoleFields>(props, async (fields) => {
    const department = needsDepartment(fields.role) ? (fields.department ?? '').trim() : null
    const body = { role: fields.role, department, reason: fields.reason.trim() }
    const { proposal } = await request<ProposalAnswer>('POST', accountPath(name, '/role'), body)
    return t('accounts.role-asked', { id: proposal })
  })
  return (
    <AskDialog
      title={t('accounts.role-title', { name })}
      okText={t('accounts.role-ask')}
      okTestId="account-submit"
      error={ask.error}
      isPending={ask.isPending}
      isReady={
        conflict === null && (account.state === 'waiting' || role !== account.role || needsDepartment(role))
      }
      width={640}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form<RoleFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: account.role, department: account.department ?? '', reason: '' }}
        onFinish={(fields) => ask.mutate(fields)}
      >
        <Whom account={account} />
        <RoleRadio />
        {needsDepartment(role) && <DepartmentInput label={t('accounts.department')} isRequired />}
        {conflict !== null && <Conflict person={person ?? ''} with={conflict} />}
        <p className="consequence">{t('accounts.role-does')}</p>
        <ReasonField example={t('accounts.role-example')} />
      </Form>
    </AskDialog>
  )
}

function Whom({ account }: { readonly account: AccountItem }): ReactNode {
  const { t } = useText()
  return (
    <p className="gap-below">
      <bdi className="mono">{account.name}</bdi> · {account.person ?? t('accounts.person-none')} ·{' '}
      {t(`role.${account.role}`)}
      {account.department !== null && ` · ${account.department}`}
    </p>
  )
}

function Conflict({
  person,
  with: other,
}: {
  readonly person: string
  readonly with: AccountItem
}): ReactNode {
  const { t } = useText()
  return (
    <p className="consequence" role="alert" data-testid="role-conflict">
      {t('accounts.make-conflict', {
        person: person.trim(),
        role: t(`role.${other.role}`),
        account: other.name,
      })}
    </p>
  )
}

/** The unit's departments as a tree: added, renamed, moved, taken out. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Form, Input, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { Department, DepartmentTreeAnswer } from '../../api/contract-registers.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { departmentTreeQuery, forgetRegisters } from '../server/register-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RegisterTabs } from './register-tabs.tsx'

type Asked =
  | { readonly kind: 'make'; readonly parent: string | null; readonly name: string }
  | { readonly kind: 'change' | 'remove'; readonly row: Department }

export function DepartmentsPage(): ReactNode {
  const { t } = useText()
  const query = useQuery(departmentTreeQuery)
  const mayKeep = useMay('registers.keep')
  const [asked, setAsked] = useState<Asked | null>(null)
  const rows = query.data?.departments ?? []
  const unlisted = query.data?.unlisted ?? []
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('departments.title')}</h1>
        <span className="top-space" />
        {mayKeep && (
          <Button
            type="primary"
            onClick={() => setAsked({ kind: 'make', parent: null, name: '' })}
            data-testid="department-new"
          >
            {t('departments.new')}
          </Button>
        )}
      </header>
      <RegisterTabs />
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={5} />}
      {query.isSuccess && rows.length === 0 && (
        <div className="panel">
          <EmptyNote title={t('departments.none')}>{t('departments.none-why')}</EmptyNote>
        </div>
      )}
      {rows.length > 0 && (
        <section className="panel" aria-label={t('departments.title')}>
          <Branch rows={rows} parent={null} mayKeep={mayKeep} onAsk={setAsked} />
        </section>
      )}
      {unlisted.length > 0 && (
        <section className="panel" aria-labelledby="unlisted">
          <h2 id="unlisted">{t('departments.unlisted')}</h2>
          <p className="muted">{t('departments.unlisted-why')}</p>
          <ul className="unlisted">
            {unlisted.map((name) => (
              <li key={name}>
                <bdi>{name}</bdi>
                {mayKeep && (
                  <Button size="small" onClick={() => setAsked({ kind: 'make', parent: null, name })}>
                    {t('departments.take')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {asked !== null && asked.kind !== 'remove' && (
        <DepartmentDialog asked={asked} rows={rows} onClose={() => setAsked(null)} />
      )}
      {asked?.kind === 'remove' && <RemoveDialog row={asked.row} onClose={() => setAsked(null)} />}
    </div>
  )
}

interface BranchProps {
  readonly rows: readonly Department[]
  readonly parent: string | null
  readonly mayKeep: boolean
  readonly onAsk: (asked: Asked) => void
}

function Branch({ rows, parent, mayKeep, onAsk }: BranchProps): ReactNode {
  const { t } = useText()
  const below = rows.filter((row) => row.parent === parent)
  if (below.length === 0) return null
  return (
    <ul className="department-tree">
      {below.map((row) => (
        <li key={row.code} data-testid="department" data-code={row.code}>
          <div className="department-row">
            <bdi className="mono department-code">{row.code}</bdi>
            <Link to={`/registers/computers?department=${encodeURIComponent(row.name)}`}>
              <bdi>{row.name}</bdi>
            </Link>
            {row.isKey && <span className="key-department">{t('departments.key')}</span>}
            {row.head !== '' && (
              <span className="muted">
                {t('departments.head')} <bdi>{row.head}</bdi>
              </span>
            )}
            {mayKeep && (
              <span className="head-actions">
                <Button size="small" onClick={() => onAsk({ kind: 'make', parent: row.code, name: '' })}>
                  {t('departments.new-below')}
                </Button>
                <Button size="small" onClick={() => onAsk({ kind: 'change', row })}>
                  {t('registers.change')}
                </Button>
                <Button size="small" onClick={() => onAsk({ kind: 'remove', row })}>
                  {t('departments.remove')}
                </Button>
              </span>
            )}
          </div>
          <Branch rows={rows} parent={row.code} mayKeep={mayKeep} onAsk={onAsk} />
        </li>
      ))}
    </ul>
  )
}

interface DepartmentForm {
  readonly code: string
  readonly name: string
  readonly parent: string | null
  readonly isKey: boolean
  readonly head: string
  readonly reason: string
}

interface DialogProps {
  readonly asked: Exclude<Asked, { kind: 'remove' }> | { readonly kind: 'change'; readonly row: Department }
  readonly rows: readonly Department[]
  readonly onClose: () => void
}

function DepartmentDialog({ asked, rows, onClose }: DialogProps): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<DepartmentForm>()
  const row = asked.kind === 'make' ? null : asked.row
  const initial: DepartmentForm =
    asked.kind === 'make'
      ? { code: '', name: asked.name, parent: asked.parent, isKey: false, head: '', reason: '' }
      : { ...asked.row, reason: '' }
  const save = useMutation({
    mutationFn: ({ code, ...filled }: DepartmentForm) => {
      const body = { ...filled, parent: filled.parent ?? null, head: filled.head ?? '' }
      return row === null
        ? request<DepartmentTreeAnswer>('POST', '/api/department-tree', { ...body, code })
        : request<DepartmentTreeAnswer>('PUT', `/api/department-tree/${encodeURIComponent(row.code)}`, {
            ...body,
            baseVersion: row.version,
          })
    },
    onSuccess: () => {
      forgetRegisters(cache)
      onClose()
    },
  })
  const required = [{ required: true, whitespace: true, message: t('fault.missing') }]
  return (
    <AskDialog
      title={row === null ? t('departments.new') : t('departments.change-title', { name: row.name })}
      okText={t('registers.save')}
      okTestId="department-submit"
      error={save.error}
      isPending={save.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form<DepartmentForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        onFinish={(filled) => save.mutate(filled)}
      >
        <Form.Item
          name="code"
          label={t('departments.code')}
          extra={t('departments.code-hint')}
          rules={[...required, { pattern: /^[A-Za-z0-9]{1,16}$/, message: t('departments.code-fault') }]}
        >
          <Input maxLength={16} disabled={row !== null} className="mono" data-testid="department-code" />
        </Form.Item>
        <Form.Item name="name" label={t('departments.name')} rules={required}>
          <Input maxLength={100} data-testid="department-name" />
        </Form.Item>
        <Form.Item name="parent" label={t('departments.parent')}>
          <Select
            allowClear
            placeholder={t('departments.top')}
            options={rows
              .filter(({ code }) => code !== row?.code)
              .map(({ code, name }) => ({ value: code, label: `${name} (${code})` }))}
          />
        </Form.Item>
        <Form.Item name="head" label={t('departments.head')}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="isKey" valuePropName="checked">
          <Checkbox>{t('departments.key')}</Checkbox>
        </Form.Item>
        <ReasonField example={t('departments.reason-example')} />
      </Form>
      {row !== null && <p className="muted">{t('departments.rename-does')}</p>}
    </AskDialog>
  )
}

function RemoveDialog({
  row,
  onClose,
}: {
  readonly row: Department
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<{ readonly reason: string }>()
  const remove = useMutation({
    mutationFn: ({ reason }: { readonly reason: string }) =>
      request<DepartmentTreeAnswer>('DELETE', `/api/department-tree/${encodeURIComponent(row.code)}`, {
        baseVersion: row.version,
        reason,
      }),
    onSuccess: () => {
      forgetRegisters(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('departments.remove-title', { name: row.name })}
      okText={t('departments.remove')}
      okTestId="department-remove"
      error={remove.error}
      isPending={remove.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <p>{t('departments.remove-does')}</p>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(filled) => remove.mutate(filled)}>
        <ReasonField example={t('departments.reason-example')} isFirst />
      </Form>
    </AskDialog>
  )
}

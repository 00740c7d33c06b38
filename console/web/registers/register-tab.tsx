/** On a computer's page: which entry of the register it is, and what it told of itself beside what the entry says. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import type { RegisterLinkAnswer } from '../../api/contract-registers.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { agentRegisterQuery, forgetRegisters } from '../server/register-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { EntryValue } from './entry-value.tsx'
import { MeasuredView } from './measured-view.tsx'

export function RegisterTab({ computer }: { readonly computer: Computer }): ReactNode {
  const { t } = useText()
  const query = useQuery(agentRegisterQuery(computer.agent))
  const mayKeep = useMay('registers.keep')
  const [isAsking, setAsking] = useState(false)
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={4} />
  const { number, state, linkedBy } = query.data
  return (
    <section className="panel table-panel register-tab" data-testid="register-tab">
      <div className="register-tab-head">
        {number === null ? (
          <EmptyNote title={t('measured.no-entry')}>{t('measured.no-entry-remedy')}</EmptyNote>
        ) : (
          <p>
            {t('measured.entry')}{' '}
            <Link to={`/registers/computers/${encodeURIComponent(number)}`}>
              <bdi className="mono">{number}</bdi>
            </Link>{' '}
            <span className="register-state">
              <EntryValue kind={kindOf('computers')} field="state" value={state} />
            </span>{' '}
            <span className="muted">{t(`measured.linked.${linkedBy}`)}</span>
          </p>
        )}
        {mayKeep && (
          <Button onClick={() => setAsking(true)} data-testid="register-link">
            {t('measured.link')}
          </Button>
        )}
      </div>
      {number !== null && <MeasuredView number={number} />}
      {isAsking && <LinkDialog computer={computer} number={number} onClose={() => setAsking(false)} />}
    </section>
  )
}

interface LinkForm {
  readonly number: string
  readonly reason: string
}

function LinkDialog({
  computer,
  number,
  onClose,
}: {
  readonly computer: Computer
  readonly number: string | null
  readonly onClose: () => void
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [form] = Form.useForm<LinkForm>()
  const link = useMutation({
    mutationFn: (filled: LinkForm) => {
      const typed = (filled.number ?? '').trim()
      const path = `/api/computers/${encodeURIComponent(computer.agent)}/register-link`
      return request<RegisterLinkAnswer>('POST', path, {
        number: typed === '' ? null : typed,
        reason: filled.reason.trim(),
      })
    },
    onSuccess: () => {
      forgetRegisters(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('measured.link-title', { number: computer.number })}
      okText={t('measured.link')}
      okTestId="register-link-submit"
      error={link.error}
      isPending={link.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form<LinkForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ number: number ?? '', reason: '' }}
        onFinish={(filled) => link.mutate(filled)}
      >
        <Form.Item name="number" label={t('measured.link-number')} extra={t('measured.link-hint')}>
          <Input maxLength={64} className="mono" data-testid="register-link-number" />
        </Form.Item>
        <ReasonField example={t('measured.link-example')} />
      </Form>
    </AskDialog>
  )
}

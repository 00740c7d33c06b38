/** Statements that wait: what came back on a form is entered by the code on it, once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { Form as StatementForm } from '../../api/contract-handling.ts'
import { dayOf, withinDay } from '../handling/days.ts'
import { codeWords } from '../handling/handling-papers.tsx'
import { useText } from '../i18n/use-text.ts'
import { enterStatement, forgetHandling, openRequestsQuery, readForm } from '../server/handling-queries.ts'
import { consoleNow } from '../server/request.ts'
import { DateField } from '../show/date-field.tsx'
import { errorText } from '../show/error-text.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'

export function StatementsPage(): ReactNode {
  const text = useText()
  const { t } = text
  const [found, setFound] = useState<StatementForm | null>(null)
  const find = useMutation({
    mutationFn: ({ code }: { code: string }) => readForm(code.trim()),
    onSuccess: setFound,
  })
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('statements.title')}</h1>
        <span className="muted">{t('statements.what')}</span>
      </header>
      <section className="panel">
        <Form
          layout="inline"
          requiredMark={false}
          onFinish={(fields: { code: string }) => find.mutate(fields)}
        >
          <Form.Item
            name="code"
            label={t('statements.code')}
            rules={[{ required: true, pattern: /^\s*\d{4}-?\d{4}\s*$/, message: t('statements.code-wrong') }]}
          >
            <Input
              className="mono"
              maxLength={11}
              placeholder="0000-0000"
              autoComplete="off"
              data-testid="field-code"
            />
          </Form.Item>
          <Button htmlType="submit" type="primary" loading={find.isPending} data-testid="find-form">
            {t('statements.find')}
          </Button>
        </Form>
        {find.error !== null && (
          <Alert
            type="error"
            showIcon
            role="alert"
            className="gap-above"
            title={errorText(text, find.error)}
          />
        )}
        {found !== null && <Entry key={found.request.id} form={found} onDone={() => setFound(null)} />}
      </section>
      <Waiting />
    </div>
  )
}

interface Fields {
  readonly writer: string
  readonly day: string
  readonly text: string
}

function Entry({
  form: asked,
  onDone,
}: {
  readonly form: StatementForm
  readonly onDone: () => void
}): ReactNode {
  const text = useText()
  const { t, pick } = text
  const cache = useQueryClient()
  const { message } = App.useApp()
  const { request, violation } = asked
  const enter = useMutation({
    mutationFn: ({ writer, day, text: written }: Fields) =>
      enterStatement({
        code: request.code,
        writer: writer.trim(),
        writtenAt: withinDay(day, consoleNow()) ?? 0,
        text: written,
      }),
    onSuccess: () => {
      void message.success(t('statements.entered'))
      onDone()
    },
    onSettled: () => forgetHandling(cache),
  })
  return (
    <Form
      layout="vertical"
      className="gap-above"
      requiredMark={false}
      initialValues={{ writer: request.person, day: dayOf(consoleNow()), text: '' }}
      onFinish={(fields: Fields) => enter.mutate(fields)}
      validateMessages={{ required: t('medium.reason-missing') }}
      data-testid="statement-entry"
    >
      <p>
        <strong>{t('statements.about')}</strong>{' '}
        <Link to={`/violations/${violation.id}`}>{pick(violation.headline)}</Link>
      </p>
      <p className="gap-below">
        <strong>{t('statements.question')}</strong> <bdi>{request.question}</bdi>
      </p>
      {enter.error !== null && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          title={errorText(text, enter.error)}
        />
      )}
      <div className="field-row">
        <Form.Item
          name="writer"
          label={t('statements.writer')}
          rules={[{ required: true, whitespace: true }]}
        >
          <Input maxLength={100} data-testid="field-writer" />
        </Form.Item>
        <Form.Item name="day" label={t('statements.written-at')} rules={[{ required: true }]}>
          <DateField max={dayOf(consoleNow())} data-testid="field-day" />
        </Form.Item>
      </div>
      <Form.Item name="text" label={t('statements.text')} rules={[{ required: true, whitespace: true }]}>
        <Input.TextArea rows={8} maxLength={20_000} showCount data-testid="field-text" />
      </Form.Item>
      <Button htmlType="submit" type="primary" loading={enter.isPending} data-testid="enter-statement">
        {t('statements.enter')}
      </Button>
    </Form>
  )
}

function Waiting(): ReactNode {
  const { t } = useText()
  const query = useQuery(openRequestsQuery)
  const now = useConsoleNow()
  const requests = query.data?.requests ?? []
  return (
    <section className="panel table-panel">
      <h2>{t('statements.waiting')}</h2>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={2} />}
      {query.isSuccess && requests.length === 0 && <EmptyNote title={t('statements.none')} />}
      {requests.length > 0 && (
        <table className="grid-table" data-testid="open-requests">
          <tbody>
            {requests.map((one) => (
              <tr key={one.id}>
                <td className="nowrap">
                  <code className="mono">{codeWords(one.code)}</code>
                </td>
                <td className="nowrap">
                  <Link to={`/violations/${one.violation}`}>
                    <bdi className="mono">{one.number}</bdi>
                  </Link>
                </td>
                <td>
                  <RawTextView text={one.person} isPlain />
                  <div className="muted small">{one.question}</div>
                </td>
                <td className="nowrap">
                  {t('handling.statement-due')} <TimeView ms={one.dueAt} />
                  {one.dueAt < now && <strong className="overdue"> {t('statements.overdue')}</strong>}
                </td>
                <td className="nowrap no-print">
                  <Link to={`/statements/form/${one.code}`}>{t('handling.statement-form')}</Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

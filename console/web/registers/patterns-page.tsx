/** How each register's numbers are made: the unit's own pattern, with the number that comes next. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { NumberPatternsAnswer } from '../../api/contract-registers.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { numberIn, patternFault, stemOf } from '../../ledger/number-pattern.ts'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { ReasonField } from '../media/reason-field.tsx'
import { forgetRegisters, numberPatternsQuery } from '../server/register-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { useWords } from './entry-value.tsx'
import { RegisterTabs } from './register-tabs.tsx'

type Row = NumberPatternsAnswer['patterns'][number]

export function PatternsPage(): ReactNode {
  const { t } = useText()
  const say = useWords()
  const query = useQuery(numberPatternsQuery)
  const mayKeep = useMay('registers.keep')
  const [asked, setAsked] = useState<Row | null>(null)
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('patterns.title')}</h1>
      </header>
      <RegisterTabs />
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={4} />}
      {query.data !== undefined && (
        <div className="panel table-panel">
          <table className="grid-table" data-testid="patterns">
            <thead>
              <tr>
                <th scope="col">{t('patterns.register')}</th>
                <th scope="col">{t('patterns.pattern')}</th>
                <th scope="col">{t('patterns.next')}</th>
                {mayKeep && <th scope="col">{t('patterns.act')}</th>}
              </tr>
            </thead>
            <tbody>
              {query.data.patterns.map((row) => (
                <tr key={row.kind}>
                  <th scope="row">{row.kind === 'media' ? t('nav.media') : say(kindOf(row.kind).words)}</th>
                  <td>
                    <bdi className="mono">{row.pattern}</bdi>{' '}
                    {row.isDefault && <span className="muted">{t('patterns.default')}</span>}
                  </td>
                  <td>
                    <bdi className="mono">{row.next}</bdi>
                  </td>
                  {mayKeep && (
                    <td>
                      <Button size="small" onClick={() => setAsked(row)} data-testid={`pattern-${row.kind}`}>
                        {t('registers.change')}
                      </Button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="muted">{t('patterns.how')}</p>
      {asked !== null && <PatternDialog row={asked} onClose={() => setAsked(null)} />}
    </div>
  )
}

/** In an example any year will do. */
const exampleYear = 2026

interface PatternForm {
  readonly pattern: string
  readonly reason: string
}

function PatternDialog({ row, onClose }: { readonly row: Row; readonly onClose: () => void }): ReactNode {
  const { t } = useText()
  const say = useWords()
  const cache = useQueryClient()
  const [form] = Form.useForm<PatternForm>()
  const typed = Form.useWatch('pattern', form) ?? row.pattern
  const fault = patternFault(typed.trim())
  const stem = stemOf(typed, { level: 'secret', departmentCode: 'CW', year: exampleYear })
  const save = useMutation({
    mutationFn: (filled: PatternForm) =>
      request<NumberPatternsAnswer>('PUT', `/api/number-patterns/${row.kind}`, {
        baseVersion: row.version,
        pattern: filled.pattern.trim(),
        reason: filled.reason.trim(),
      }),
    onSuccess: () => {
      forgetRegisters(cache)
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('patterns.change-title', {
        kind: row.kind === 'media' ? t('nav.media') : say(kindOf(row.kind).words),
      })}
      okText={t('registers.save')}
      okTestId="pattern-submit"
      error={save.error}
      isPending={save.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      <Form<PatternForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ pattern: row.pattern, reason: '' }}
        onFinish={(filled) => save.mutate(filled)}
      >
        <Form.Item
          name="pattern"
          label={t('patterns.pattern')}
          extra={
            fault === null
              ? t('patterns.example', { number: numberIn(stem, 1) })
              : t(`patterns.fault.${fault}`)
          }
          rules={[
            {
              validator: async (_rule, value: string) => {
                const found = patternFault(value.trim())
                if (found !== null) throw new Error(t(`patterns.fault.${found}`))
              },
            },
          ]}
        >
          <Input maxLength={40} className="mono" data-testid="pattern-text" />
        </Form.Item>
        <ReasonField example={t('departments.reason-example')} />
      </Form>
      <p className="muted">{t('patterns.how')}</p>
    </AskDialog>
  )
}

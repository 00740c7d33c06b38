/** Labels and forms: find a paper again, print new ones, and what was printed. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import type { FormPatternAnswer, FoundAnswer } from '../../api/contract-prints.ts'
import { useText } from '../i18n/use-text.ts'
import { findPrinted, formPatternQuery, printsQuery } from '../server/print-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { errorText } from '../show/error-text.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { entryAddress } from './print-address.ts'
import { PrintsTable } from './prints-table.tsx'

export function PrintsPage(): ReactNode {
  const { t } = useText()
  const query = useInfiniteQuery(printsQuery(null))
  const prints = query.data?.pages.flatMap((page) => page.prints) ?? []
  const mayPrint = useMay('prints.make')
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.prints')}</h1>
      </header>
      <FindPanel />
      {mayPrint && (
        <div className="prints-ways no-print">
          <Link to="/prints/labels" className="panel prints-way" data-testid="way-labels">
            <strong>{t('prints.labels')}</strong>
            {t('prints.labels-what')}
          </Link>
          <Link to="/prints/forms" className="panel prints-way" data-testid="way-forms">
            <strong>{t('prints.forms')}</strong>
            {t('prints.forms-what')}
          </Link>
        </div>
      )}
      <section className="panel table-panel" aria-labelledby="prints-recent">
        <h2 id="prints-recent">{t('prints.recent')}</h2>
        <QueryError query={query} />
        {query.isPending && !query.isError && <RowsSkeleton rows={4} />}
        {query.isSuccess && prints.length === 0 && (
          <EmptyNote title={t('prints.none')}>{t('prints.none-ways')}</EmptyNote>
        )}
        {prints.length > 0 && <PrintsTable prints={prints} />}
        {query.hasNextPage && (
          <Button
            className="no-print"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('prints.more')}
          </Button>
        )}
      </section>
      <PatternPanel />
    </div>
  )
}

/** A scanner types like a keyboard and ends with Enter. */
function FindPanel(): ReactNode {
  const text = useText()
  const { t } = text
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState('')
  const [several, setSeveral] = useState<FoundAnswer['entries']>([])
  const navigate = useNavigate()
  const find = useMutation({
    mutationFn: findPrinted,
    onSuccess: ({ print, entries }) => {
      const [one] = entries
      if (print !== null) void navigate(`/prints/${print}`)
      else if (entries.length === 1 && one !== undefined) void navigate(entryAddress(one))
      else setSeveral(entries)
    },
  })
  const go = () => {
    const wanted = typed.trim()
    if (wanted === '') return
    setAsked(wanted)
    setSeveral([])
    find.mutate(wanted)
    setTyped('')
  }
  return (
    <section className="panel prints-box no-print" aria-label={t('prints.find')}>
      <label className="prints-field">
        <span className="prints-label">{t('prints.find-how')}</span>
        <span className="prints-find">
          <Input
            value={typed}
            maxLength={200}
            autoFocus
            onChange={({ target }) => setTyped(target.value)}
            onPressEnter={go}
            aria-label={t('prints.find')}
            data-testid="prints-find"
          />
          <Button type="primary" onClick={go} loading={find.isPending}>
            {t('prints.find-go')}
          </Button>
        </span>
      </label>
      <div role="status">
        {find.isError && <Alert type="warning" title={errorText(text, find.error)} />}
        {find.isSuccess && find.data.print === null && find.data.entries.length === 0 && (
          <Alert type="warning" title={t('prints.find-none', { text: asked })} data-testid="find-none" />
        )}
        {several.length > 1 && (
          <p>
            {t('prints.find-many')}{' '}
            {several.map((one) => (
              <Link key={one.kind} to={entryAddress(one)} className="prints-many">
                {t(`prints.kind.${one.kind}`)} <bdi className="mono">{one.number}</bdi>{' '}
              </Link>
            ))}
          </p>
        )}
      </div>
    </section>
  )
}

function PatternPanel(): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const query = useQuery(formPatternQuery)
  const mayKeep = useMay('registers.keep')
  const change = useMutation({
    mutationFn: (body: { pattern: string; reason: string }) =>
      request<FormPatternAnswer>('PUT', '/api/form-numbers', {
        ...body,
        baseVersion: query.data?.version ?? 0,
      }),
    onSuccess: (answer) => cache.setQueryData(formPatternQuery.queryKey, answer),
  })
  if (query.data === undefined) return null
  return (
    <details className="panel prints-box no-print">
      <summary>
        {t('prints.pattern')} <span className="mono">{query.data.pattern}</span>
      </summary>
      {mayKeep && (
        <Form
          key={query.data.version}
          layout="inline"
          initialValues={{ pattern: query.data.pattern, reason: '' }}
          onFinish={(body) => change.mutate(body)}
        >
          <Form.Item
            name="pattern"
            label={t('prints.pattern-now')}
            extra={t('prints.pattern-parts')}
            rules={[{ required: true }]}
          >
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item
            name="reason"
            label={t('prints.pattern-reason')}
            rules={[{ required: true, whitespace: true }]}
          >
            <Input maxLength={500} />
          </Form.Item>
          <Button htmlType="submit" loading={change.isPending}>
            {t('prints.pattern-save')}
          </Button>
          {change.isError && <Alert type="warning" role="alert" title={errorText(text, change.error)} />}
        </Form>
      )}
    </details>
  )
}

/** The form to be printed, written on and signed: one A4 sheet, with the code that brings it back to its violation. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useParams } from 'react-router'
import { codeWords } from '../handling/handling-papers.tsx'
import { useText } from '../i18n/use-text.ts'
import { readForm } from '../server/handling-queries.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'

const linesOnPaper = 16

const formQuery = (code: string) =>
  queryOptions({ queryKey: ['statement-requests', 'form', code], queryFn: () => readForm(code) })

export function StatementFormPage(): ReactNode {
  const { t, pick } = useText()
  const { code = '' } = useParams()
  const query = useQuery(formQuery(code))
  if (query.data === undefined)
    return (
      <div className="page">{query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={6} />}</div>
    )
  const { request, violation } = query.data
  return (
    <div className="page">
      <article className="panel statement-form" data-testid="statement-paper">
        <header className="statement-form-head">
          <h1>{t('statements.form-title')}</h1>
          <p className="statement-form-code">
            {t('handling.statement-code')} <code className="mono">{codeWords(request.code)}</code>
          </p>
          <Button type="primary" className="no-print" onClick={() => window.print()}>
            {t('handling.statement-form')}
          </Button>
        </header>
        <table className="facts">
          <tbody>
            <tr>
              <th scope="row">{t('statements.form-name')}</th>
              <td>
                <bdi>{request.person}</bdi>
              </td>
              <th scope="row">{t('handling.statement-due')}</th>
              <td>
                <TimeView ms={request.dueAt} />
              </td>
            </tr>
            <tr>
              <th scope="row">{t('statements.about')}</th>
              <td colSpan={3}>
                <LevelTag level={violation.level} /> {pick(violation.headline)}
                <div className="small">
                  #{violation.id} · <TimeView ms={violation.occurredAt} />
                </div>
              </td>
            </tr>
            <tr>
              <th scope="row">{t('statements.question')}</th>
              <td colSpan={3}>
                <bdi>{request.question}</bdi>
              </td>
            </tr>
            <tr>
              <th scope="row">{t('statements.form-asked-by')}</th>
              <td colSpan={3}>
                <bdi>{request.account}</bdi> <TimeView ms={request.at} />
              </td>
            </tr>
          </tbody>
        </table>
        <p className="muted">{t('statements.form-hint')}</p>
        <div className="statement-lines" aria-hidden="true">
          {Array.from({ length: linesOnPaper }, (_, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: empty lines to write on.
            <div key={line} />
          ))}
        </div>
        <div className="statement-signs">
          <span>{t('statements.form-sign')}</span>
          <span>{t('statements.form-date')}</span>
          <span>{t('statements.form-custodian')}</span>
          <span>{t('statements.form-date')}</span>
        </div>
      </article>
    </div>
  )
}

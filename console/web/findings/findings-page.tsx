/** The ledger against reality as a work list: what does not agree, since when, what to do, and who does it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Checkbox } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Finding, FindingActs } from '../../api/contract-findings.ts'
import { useText } from '../i18n/use-text.ts'
import { findingsPageSize, findingsQuery, forgetFindings } from '../server/findings-queries.ts'
import { request } from '../server/request.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { errorText } from '../show/error-text.ts'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { FindingRow } from './finding-row.tsx'
import {
  type FindingsView,
  findingsViewFromAddress,
  findingsViewToAddress,
  isFindingsFiltered,
} from './findings-address.ts'
import { FindingsFilter } from './findings-filter.tsx'

const FindingDialog = lazy(async () => ({ default: (await import('./finding-dialog.tsx')).FindingDialog }))
const DaysDialog = lazy(async () => ({ default: (await import('./days-dialog.tsx')).DaysDialog }))

export type Asked = {
  readonly act: 'note' | 'snooze'
  readonly of: readonly Finding[]
}

export function FindingsPage(): ReactNode {
  const text = useText()
  const { t, language } = text
  const cache = useQueryClient()
  const [address, setAddress] = useSearchParams()
  const view = useMemo(() => findingsViewFromAddress(address), [address])
  const page = Math.max(0, Math.trunc(Number(address.get('page') ?? 0)) || 0)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [asked, setAsked] = useState<Asked | null>(null)
  const [isSetting, setSetting] = useState(false)
  const query = useQuery(findingsQuery(view, page))
  const change = (next: FindingsView) => {
    setChosen(new Set())
    setAddress(findingsViewToAddress(next), { replace: true })
  }
  const turn = (to: number) => {
    const next = findingsViewToAddress(view)
    if (to > 0) next.set('page', String(to))
    setAddress(next)
  }
  const act = useMutation({
    mutationFn: (body: FindingActs) => request('POST', '/api/findings/acts', body),
    onSettled: () => forgetFindings(cache),
    onSuccess: () => setChosen(new Set()),
  })
  const answer = query.data
  const findings = answer?.findings ?? []
  const picked = findings.filter(({ id }) => chosen.has(id))
  const take = (of: readonly Finding[], kind: 'take' | 'release') =>
    act.mutate({ findings: of.map(({ id, version }) => ({ id, version })), act: { kind } })
  const total = answer?.total ?? 0
  const mayAct = answer?.mayAct === true && view.state !== 'resolved'
  const toggle = (id: string, isOn: boolean) => {
    const next = new Set(chosen)
    if (isOn) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  return (
    <div className="page findings" data-testid="findings">
      <header className="page-head">
        <h1>{t('findings.title')}</h1>
        {answer !== undefined && (
          <span className="muted" data-testid="findings-total">
            {t('findings.total', { count: total, total: formatCount(total, language) })}
          </span>
        )}
        <span className="top-space" />
        {answer !== undefined && (
          <span className="muted">
            {t('findings.days', { days: answer.unseenDays })}{' '}
            {answer.mayKeep && (
              <Button type="link" size="small" onClick={() => setSetting(true)} data-testid="findings-days">
                {t('findings.days-change')}
              </Button>
            )}
          </span>
        )}
        {total > 0 && <ExportButton table="findings" query={findingsViewToAddress(view)} />}
      </header>
      <p className="muted">{t('findings.why')}</p>
      <FindingsFilter view={view} kinds={answer?.kinds ?? []} onChange={change} />
      <QueryError query={query} />
      {act.isError && <Alert type="error" showIcon role="alert" title={errorText(text, act.error)} />}
      {query.isPending && !query.isError && <RowsSkeleton rows={8} />}
      {answer !== undefined && findings.length === 0 && (
        <div className="panel">
          <EmptyNote
            title={t(isFindingsFiltered(view) ? 'findings.none-filtered' : `findings.none.${view.state}`)}
          >
            {isFindingsFiltered(view) ? t('violations.none-filtered-remedy') : t('findings.none-why')}
          </EmptyNote>
        </div>
      )}
      {mayAct && findings.length > 0 && (
        <div className="findings-bulk">
          <Checkbox
            checked={picked.length === findings.length}
            indeterminate={picked.length > 0 && picked.length < findings.length}
            onChange={({ target }) => setChosen(new Set(target.checked ? findings.map(({ id }) => id) : []))}
            data-testid="findings-all"
          >
            {t('findings.all')}
          </Checkbox>
          <Button
            disabled={picked.length === 0}
            loading={act.isPending}
            onClick={() => take(picked, 'take')}
            data-testid="findings-take"
          >
            {t('findings.take-many', { count: picked.length })}
          </Button>
          <Button disabled={picked.length === 0} onClick={() => setAsked({ act: 'snooze', of: picked })}>
            {t('findings.snooze')}
          </Button>
        </div>
      )}
      {findings.length > 0 && (
        <ul className="findings-list">
          {findings.map((one) => (
            <FindingRow
              key={one.id}
              finding={one}
              mayAct={mayAct}
              isChosen={chosen.has(one.id)}
              onChoose={(isOn) => toggle(one.id, isOn)}
              onTake={(kind) => take([one], kind)}
              onAsk={(kind) => setAsked({ act: kind, of: [one] })}
            />
          ))}
        </ul>
      )}
      {total > findingsPageSize && (
        <nav className="findings-pages" aria-label={t('findings.pages')}>
          <Button disabled={page === 0} onClick={() => turn(page - 1)}>
            {t('findings.before')}
          </Button>
          <span>
            {formatCount(page * findingsPageSize + 1, language)}–
            {formatCount(page * findingsPageSize + findings.length, language)}
          </span>
          <Button disabled={(page + 1) * findingsPageSize >= total} onClick={() => turn(page + 1)}>
            {t('findings.next')}
          </Button>
        </nav>
      )}
      <Suspense>
        {asked !== null && <FindingDialog asked={asked} onClose={() => setAsked(null)} />}
        {isSetting && answer !== undefined && (
          <DaysDialog days={answer.unseenDays} onClose={() => setSetting(false)} />
        )}
      </Suspense>
    </div>
  )
}

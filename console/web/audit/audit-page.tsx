/** The administrators' log: whether it is whole, what stands in it, its checkpoints. For the auditor alone. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useText } from '../i18n/use-text.ts'
import { actionsQuery, trailQuery } from '../server/trail-queries.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { ColumnChoice } from '../show/table-head.tsx'
import { keepingView } from '../show/table-view.ts'
import { useTableView } from '../show/use-table-view.ts'
import { ActionDialog } from './action-dialog.tsx'
import { ActionsTable } from './actions-table.tsx'
import { type AuditColumn, auditFilterOf, auditQueryOf, auditShape } from './audit-address.ts'
import { AuditFilterBar } from './audit-filter.tsx'
import { ChainPanel } from './chain-panel.tsx'
import { CheckpointsPanel } from './checkpoints-panel.tsx'
import '../styles/audit.css'

export function AuditPage(): ReactNode {
  const { t } = useText()
  const [address, setAddress] = useSearchParams()
  const filter = auditFilterOf(address)
  const table = useTableView(auditShape)
  const query = useInfiniteQuery(actionsQuery(filter))
  const trail = useQuery(trailQuery)
  const [opened, setOpened] = useState<number | null>(null)
  const actions = query.data?.pages.flatMap((page) => page.actions) ?? []
  const refresh = (): void => void Promise.all([query.refetch(), trail.refetch()])
  return (
    <div className="page audit">
      <header className="page-head">
        <h1>{t('nav.audit')}</h1>
        <span className="muted">{t('audit.what')}</span>
        <span className="top-space" />
        <ColumnChoice table={table} wordsOf={(column) => t(`audit.${column as AuditColumn}`)} />
        <Button size="small" href={`/api/actions.csv?${auditQueryOf(filter)}`} data-testid="audit-csv">
          {t('audit.csv')}
        </Button>
        <Button size="small" loading={query.isRefetching} onClick={refresh}>
          {t('records.refresh')}
        </Button>
      </header>
      <QueryError query={trail} />
      {trail.data !== undefined && <ChainPanel trail={trail.data} onOpen={setOpened} />}
      <CheckpointsPanel />
      <section className="panel" aria-label={t('nav.audit')}>
        <AuditFilterBar
          filter={filter}
          acts={trail.data?.acts ?? []}
          onChange={(next) =>
            setAddress((before) => keepingView(before, auditQueryOf(next)), { replace: true })
          }
        />
        <QueryError query={query} />
        {query.isPending && !query.isError && <RowsSkeleton rows={6} />}
        {query.isSuccess && actions.length === 0 && <EmptyNote title={t('audit.none')} />}
        {actions.length > 0 && <ActionsTable table={table} actions={actions} onOpen={setOpened} />}
        {query.hasNextPage && (
          <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('records.older')}
          </Button>
        )}
        {query.isSuccess && actions.some(({ isEarlier }) => isEarlier) && (
          <Alert type="info" showIcon title={t('audit.earlier')} />
        )}
      </section>
      {opened !== null && <ActionDialog id={opened} onClose={() => setOpened(null)} />}
    </div>
  )
}

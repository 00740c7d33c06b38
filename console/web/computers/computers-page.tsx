/** All computers: what they are, whether they are proven to be watched and why not, and by which policy. */
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Segmented } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useFeedState } from '../feed/live-cache.ts'
import { useText } from '../i18n/use-text.ts'
import { IsolationGroup } from '../network/isolation-group.tsx'
import { watchStates } from '../overview/coverage-groups.ts'
import { computersPageSize, computersQuery } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { Pager } from '../show/pager.tsx'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { ColumnChoice } from '../show/table-head.tsx'
import { keepingView, sortToQuery } from '../show/table-view.ts'
import { useTableView } from '../show/use-table-view.ts'
import { WatchMark } from '../show/watch-mark.tsx'
import {
  type ComputerFilter,
  computerFilterFromAddress,
  computerFilterToAddress,
  computersShape,
  exportedComputerColumns,
} from './computer-filter.ts'
import { ComputersTable, computerColumnWords, type Ticked } from './computers-table.tsx'

const EnrolDialog = lazy(async () => ({ default: (await import('../enrol/enrol-dialog.tsx')).EnrolDialog }))

export function ComputersPage(): ReactNode {
  const { t } = useText()
  const [address, setAddress] = useSearchParams()
  const filter = useMemo(() => computerFilterFromAddress(address), [address])
  const [page, setPage] = useState(0)
  const mayReadViolations = useMay('violations.read')
  const shape = useMemo(() => computersShape(mayReadViolations), [mayReadViolations])
  const table = useTableView(shape)
  const asked = useMemo(
    () => sortToQuery(computerFilterToAddress(filter), table.view, shape),
    [filter, table.view, shape],
  )
  const query = useQuery(computersQuery(asked, page))
  const mayEnrol = useMay('enrolment.create')
  const mayReadRegisters = useMay('registers.read')
  const feed = useFeedState()
  const mayIsolate = useMay('network.isolate')
  const [isEnrolling, setEnrolling] = useState(false)
  const [ticked, setTicked] = useState<Ticked>(new Map())
  const change = (next: ComputerFilter) => {
    setPage(0)
    // What a filter hides is not acted on: nobody can see it.
    setTicked(new Map())
    setAddress((before) => keepingView(before, computerFilterToAddress(next)), { replace: true })
  }
  const rows = query.data?.computers ?? []
  const total = query.data?.total ?? 0
  const hasNone =
    query.data !== undefined &&
    !query.isPlaceholderData &&
    total === 0 &&
    filter.text === '' &&
    filter.watch === null
  // Fewer than before: the page that was shown may be gone.
  const last = Math.max(0, Math.ceil(total / computersPageSize) - 1)
  if (query.data !== undefined && !query.isPlaceholderData && page > last) setPage(last)
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.computers')}</h1>
        {feed.kind === 'lost' && <span className="stale-tag">{t('live.stale')}</span>}
        <span className="top-space" />
        {total > 0 && (
          <>
            <ColumnChoice table={table} wordsOf={(column) => computerColumnWords(t, column)} />
            <ExportButton
              table="computers"
              query={asked}
              columns={[
                'number',
                'hostname',
                ...table.view.columns.flatMap((one) => exportedComputerColumns[one] ?? []),
              ]}
            />
          </>
        )}
        {mayReadRegisters && <Link to="/registers/computers">{t('nav.registers')}</Link>}
        {mayEnrol && (
          <Button type="primary" onClick={() => setEnrolling(true)} data-testid="enrol">
            {t('enrol.title')}
          </Button>
        )}
      </header>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={6} />}
      {hasNone && (
        <div className="panel">
          <EmptyNote title={t('computers.none')}>
            {mayEnrol ? t('computers.none-enrol') : t('computers.none-ask')}
          </EmptyNote>
        </div>
      )}
      {query.data !== undefined && !hasNone && (
        <>
          <div className="table-filter">
            <Input.Search
              allowClear
              placeholder={t('computers.search')}
              aria-label={t('computers.search')}
              defaultValue={filter.text}
              onChange={(event) => change({ ...filter, text: event.target.value })}
            />
            <Segmented
              aria-label={t('computers.watch')}
              value={filter.watch ?? 'all'}
              onChange={(value) =>
                change({ ...filter, watch: watchStates.find((one) => one === value) ?? null })
              }
              options={[
                { value: 'all', label: t('computers.all') },
                { value: 'broken', label: <WatchMark state="broken" /> },
                { value: 'unproven', label: <WatchMark state="unproven" /> },
                { value: 'proven', label: <WatchMark state="proven" /> },
              ]}
            />
          </div>
          {mayIsolate && (
            <IsolationGroup computers={[...ticked.values()]} onClear={() => setTicked(new Map())} />
          )}
          <ComputersTable
            table={table}
            rows={rows}
            ticked={mayIsolate ? ticked : null}
            onTick={setTicked}
            pager={<Pager page={page} size={computersPageSize} total={total} onPage={setPage} />}
          />
        </>
      )}
      {isEnrolling && (
        <Suspense>
          <EnrolDialog onClose={() => setEnrolling(false)} />
        </Suspense>
      )}
    </div>
  )
}

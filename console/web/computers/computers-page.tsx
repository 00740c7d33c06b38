/** All computers: what they are, whether they are proven to be watched and why not, and by which policy. */
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Segmented } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useFeedState } from '../feed/live-cache.ts'
import { useText } from '../i18n/use-text.ts'
import { IsolationGroup } from '../network/isolation-group.tsx'
import { watchStates } from '../overview/coverage-groups.ts'
import { computersQuery } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
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
  filterComputers,
} from './computer-filter.ts'
import { ComputersTable, computerColumnWords } from './computers-table.tsx'

const EnrolDialog = lazy(async () => ({ default: (await import('../enrol/enrol-dialog.tsx')).EnrolDialog }))

export function ComputersPage(): ReactNode {
  const { t } = useText()
  const [address, setAddress] = useSearchParams()
  const filter = useMemo(() => computerFilterFromAddress(address), [address])
  const change = (next: ComputerFilter) =>
    setAddress((before) => keepingView(before, computerFilterToAddress(next)), { replace: true })
  const mayReadViolations = useMay('violations.read')
  const shape = useMemo(() => computersShape(mayReadViolations), [mayReadViolations])
  const table = useTableView(shape)
  const query = useQuery(computersQuery)
  const mayEnrol = useMay('enrolment.create')
  const mayReadRegisters = useMay('registers.read')
  const feed = useFeedState()
  const mayIsolate = useMay('network.isolate')
  const [isEnrolling, setEnrolling] = useState(false)
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const shown = useMemo(
    () => filterComputers(query.data?.computers ?? [], filter, table.view),
    [query.data, filter, table.view],
  )
  // What a filter hides is not acted on: nobody can see it.
  const chosen = useMemo(() => shown.filter((one) => ticked.has(one.agent)), [shown, ticked])
  const hasNone = query.data?.computers.length === 0
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.computers')}</h1>
        {feed.kind === 'lost' && <span className="stale-tag">{t('live.stale')}</span>}
        <span className="top-space" />
        {shown.length > 0 && (
          <>
            <ColumnChoice table={table} wordsOf={(column) => computerColumnWords(t, column)} />
            <ExportButton
              table="computers"
              query={sortToQuery(computerFilterToAddress(filter), table.view, shape)}
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
          {mayIsolate && <IsolationGroup computers={chosen} onClear={() => setTicked(new Set())} />}
          <ComputersTable table={table} computers={shown} ticked={mayIsolate ? ticked : null} onTick={setTicked} />
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

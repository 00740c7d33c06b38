/** All computers: what they are, whether they are proven to be watched and why not, and by which policy. */
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Segmented, Table, type TableProps } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import { useFeedState } from '../feed/live-cache.ts'
import { type Text, useText } from '../i18n/use-text.ts'
import { watchStates } from '../overview/coverage-groups.ts'
import { computersQuery } from '../server/queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatCount } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import { AgeView, TimeView } from '../show/time-view.tsx'
import { WatchMark } from '../show/watch-mark.tsx'
import {
  type ComputerFilter,
  computerFilterFromAddress,
  computerFilterToAddress,
  filterComputers,
} from './computer-filter.ts'
import { StatusWord } from './status-word.tsx'
import { reasonText } from './watch-reasons.tsx'

const EnrolDialog = lazy(async () => ({ default: (await import('../enrol/enrol-dialog.tsx')).EnrolDialog }))
const pageSize = 50

export function ComputersPage(): ReactNode {
  const text = useText()
  const { t } = text
  const [address, setAddress] = useSearchParams()
  const filter = useMemo(() => computerFilterFromAddress(address), [address])
  const change = (next: ComputerFilter) => setAddress(computerFilterToAddress(next), { replace: true })
  const query = useQuery(computersQuery)
  const mayEnrol = useMay('enrolment.create')
  const feed = useFeedState()
  const [isEnrolling, setEnrolling] = useState(false)
  const shown = useMemo(() => filterComputers(query.data?.computers ?? [], filter), [query.data, filter])
  const mayReadViolations = useMay('violations.read')
  const columns = useMemo(() => {
    const all = columnsOf(text)
    return mayReadViolations ? all : all.slice(0, -1)
  }, [text, mayReadViolations])
  const hasNone = query.data?.computers.length === 0
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.computers')}</h1>
        {feed.kind === 'lost' && <span className="stale-tag">{t('live.stale')}</span>}
        <span className="top-space" />
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
          <Table<Computer>
            rowKey="agent"
            size="small"
            columns={columns}
            dataSource={shown}
            pagination={{ pageSize, hideOnSinglePage: true, showSizeChanger: false }}
            scroll={{ x: 1_080 }}
            locale={{ emptyText: t('computers.none-filtered') }}
            onRow={(one) => ({ 'data-testid': 'computer-row', 'data-agent': one.agent }) as object}
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

function columnsOf(text: Text): NonNullable<TableProps<Computer>['columns']> {
  const { t, language } = text
  return [
    {
      title: t('computers.number'),
      width: 130,
      render: (_, one) => (
        <Link to={`/computers/${encodeURIComponent(one.agent)}`}>
          <bdi className="mono">{one.number}</bdi>
        </Link>
      ),
    },
    { title: t('computers.level'), width: 140, render: (_, one) => <LevelTag level={one.level} /> },
    {
      title: t('computers.network-mode'),
      width: 130,
      render: (_, one) => t(`value.networkMode.${one.networkMode}`),
    },
    { title: t('computers.status'), width: 110, render: (_, one) => <StatusWord status={one.status} /> },
    {
      title: t('computers.watch'),
      width: 270,
      render: (_, one) => (
        <>
          <WatchMark state={one.watch.state} />
          {one.watch.reasons[0] !== undefined && (
            <div className="first-reason">
              {reasonText(text, one.watch.reasons[0])}
              {one.watch.reasons.length > 1 &&
                ` ${t('computers.more-reasons', { count: one.watch.reasons.length - 1 })}`}
            </div>
          )}
        </>
      ),
    },
    {
      title: t('computers.last-seen'),
      width: 200,
      render: (_, one) =>
        one.lastSeenAt === null ? (
          t('computers.never')
        ) : (
          <>
            <AgeView ms={one.lastSeenAt} />
            <div className="muted small">
              <TimeView ms={one.lastSeenAt} />
            </div>
          </>
        ),
    },
    {
      title: t('computers.policy'),
      width: 130,
      render: (_, one) =>
        one.appliedPolicyVersion === one.policyVersion ? (
          t('policy.version', { version: one.policyVersion })
        ) : (
          <span className="behind">
            {one.appliedPolicyVersion === null
              ? t('policy.never-applied', { version: one.policyVersion })
              : t('policy.behind', { applied: one.appliedPolicyVersion, version: one.policyVersion })}
          </span>
        ),
    },
    {
      title: t('nav.violations'),
      width: 150,
      render: (_, one) => {
        const present = one.violations.filter((entry) => entry.count > 0)
        if (present.length === 0) return <span className="muted">{t('computers.no-violations')}</span>
        return (
          <Link to={`/violations?computer=${encodeURIComponent(one.agent)}`} className="violation-counts">
            {present.map((entry) => (
              <span key={entry.severity} className="v-count">
                <SeverityMark severity={entry.severity} isBare />
                {formatCount(entry.count, language)}
              </span>
            ))}
          </Link>
        )
      },
    },
  ]
}

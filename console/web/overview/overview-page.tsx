/** Three questions in five seconds: is something happening, is everything watched, what needs a hand. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Overview } from '../../api/contract.ts'
import { CeilingNote } from '../ceiling/ceiling-note.tsx'
import { useFeedState } from '../feed/live-cache.ts'
import { useText } from '../i18n/use-text.ts'
import { overviewQuery } from '../server/queries.ts'
import { consoleNow } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { formatClock, formatCount, formatTime } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import { severities } from '../violations/filter-address.ts'
import { ClockStrip } from './clock-strip.tsx'
import { CoveragePanel } from './coverage-panel.tsx'
import { NewestList } from './newest-list.tsx'
import { quietOf } from './quiet-words.ts'
import { TasksPanel } from './tasks-panel.tsx'
import { TodayPanel } from './today-panel.tsx'

export function OverviewPage(): ReactNode {
  const { t } = useText()
  const query = useQuery(overviewQuery)
  const feed = useFeedState()
  const mayWall = useMay('wall.read')
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.overview')}</h1>
        {feed.kind === 'lost' && <span className="stale-tag">{t('live.stale')}</span>}
        {query.dataUpdatedAt > 0 && (
          <span className="muted">{t('overview.as-of', { time: formatClock(query.dataUpdatedAt) })}</span>
        )}
        {mayWall && (
          <a className="to-wall" href="/wall" target="_blank" rel="noopener">
            {t('wall.open')}
          </a>
        )}
      </header>
      <CeilingNote />
      <QueryError query={query} />
      {query.data === undefined ? (
        !query.isError && <RowsSkeleton rows={6} />
      ) : (
        <div className="overview">
          <Happening overview={query.data} />
          <div className="overview-side">
            <CoveragePanel watch={query.data.watch} />
            <TasksPanel />
            <TodayPanel behind={query.data.behind} isAnyWatched={watchedIn(query.data) > 0} />
          </div>
        </div>
      )}
    </div>
  )
}

function Happening({ overview }: { readonly overview: Overview }): ReactNode {
  const { t, language } = useText()
  const quiet = quietOf(overview.watch, overview.lastViolationAt, consoleNow())
  const watched = watchedIn(overview)
  const open = overview.counts.reduce((sum, { count }) => sum + count, 0)
  const since =
    watched === 0
      ? t('overview.nothing-watched')
      : quiet.days === null
        ? t('overview.never')
        : t('overview.quiet-days', { count: quiet.days })
  const unknown =
    quiet.heardAt === null
      ? t('overview.but-unproven', { count: quiet.unproven })
      : t('overview.unproven-since', {
          count: quiet.unproven,
          time: formatTime(quiet.heardAt, language),
        })
  return (
    <section className="panel panel-happening" aria-labelledby="happening">
      <h2 id="happening">{t('overview.happening')}</h2>
      <ul className="severity-tiles">
        {severities.map((severity) => {
          const count = overview.counts.find((one) => one.severity === severity)?.count ?? 0
          return (
            <li key={severity}>
              <Link
                to={`/violations?severity=${severity}`}
                className={`tile tile-${severity}${count === 0 ? ' tile-zero' : ''}`}
                data-testid={`count-${severity}`}
                data-count={count}
              >
                <span className="tile-count">{formatCount(count, language)}</span>
                <SeverityMark severity={severity} />
              </Link>
            </li>
          )
        })}
      </ul>
      {overview.newest.length > 0 && open === 0 && (
        <p className="quiet-note" data-testid="quiet">
          {since}; {quiet.unproven === 0 ? t('overview.all-proven', { count: watched }) : unknown}
        </p>
      )}
      <ClockStrip />
      <h3>{t('overview.newest')}</h3>
      {overview.newest.length === 0 ? (
        <EmptyNote title={since}>
          {watched === 0
            ? t('overview.no-computers')
            : quiet.unproven === 0
              ? t('overview.all-proven', { count: watched })
              : unknown}
        </EmptyNote>
      ) : (
        <NewestList items={overview.newest} />
      )}
    </section>
  )
}

function watchedIn({ watch }: Overview): number {
  return watch.proven + watch.unproven + watch.broken
}

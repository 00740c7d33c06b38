/** One day hour by hour: what was proven, what was not, why, and on which records that rests. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { CoverageIntervalItem } from '../../api/contract-coverage.ts'
import { useText } from '../i18n/use-text.ts'
import { coverageDayQuery } from '../server/timeline-queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatClock, formatDuration } from '../show/format.ts'
import { usePages } from '../show/pager.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RestLink } from '../timeline/timeline-table.tsx'
import { CauseWord, coverageWords, dayWords } from './cause-words.tsx'

interface Props {
  readonly agent: string
  readonly day: string
  readonly title: string
  readonly onClose: () => void
}

const hourMs = 3_600_000
const pageSize = 20

export function CoverageDayView({ agent, day, title, onClose }: Props): ReactNode {
  const text = useText()
  const { t, language } = text
  const query = useQuery(coverageDayQuery(agent, day))
  const intervals = query.data?.intervals ?? []
  const { rows, pager } = usePages(intervals, pageSize)
  const mayReadRecords = useMay('records.read')
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={4} />
  const { fromMs, toMs } = query.data.day
  return (
    <section className="coverage-day" aria-labelledby="coverage-day-title" data-testid="coverage-day">
      <div className="calendar-head">
        <h3 id="coverage-day-title">{title}</h3>
        <span className="no-print">
          {mayReadRecords && (
            <Link to={`/computers/${encodeURIComponent(agent)}/timeline?from=${fromMs}&to=${toMs}`}>
              {t('timeline.open')}
            </Link>
          )}{' '}
          <Button size="small" onClick={onClose}>
            {t('coverage.close-day')}
          </Button>
        </span>
      </div>
      <p>{dayWords(text, query.data.day)}</p>
      <ol className="coverage-hours" aria-label={t('coverage.hours')}>
        {hoursOf(fromMs, toMs).map((atMs) => (
          <Hour key={atMs} atMs={atMs} intervals={intervals} />
        ))}
      </ol>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">{t('coverage.from-to')}</th>
            <th scope="col">{t('spans.length')}</th>
            <th scope="col">{t('coverage.state')}</th>
            <th scope="col">{t('coverage.rests-on')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.fromMs}>
              <td className="nowrap">
                {formatClock(one.fromMs).slice(0, 5)}–{endClock(one.toMs, toMs)}
              </td>
              <td className="nowrap">{formatDuration(one.toMs - one.fromMs, language)}</td>
              <td>
                <CauseWord state={one.state} words={coverageWords(text, one)} />
              </td>
              <td>
                {one.cause === 'heard' && <span>{t('coverage.rests-on-heard')} </span>}
                <RestLink agent={agent} rest={one.rest} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pager}
    </section>
  )
}

function Hour({
  atMs,
  intervals,
}: {
  readonly atMs: number
  readonly intervals: readonly CoverageIntervalItem[]
}): ReactNode {
  const text = useText()
  const parts = intervals.filter((one) => one.fromMs < atMs + hourMs && one.toMs > atMs)
  const minutesOf = (one: CoverageIntervalItem): number =>
    (Math.min(one.toMs, atMs + hourMs) - Math.max(one.fromMs, atMs)) / 60_000
  const words = parts.map((one) =>
    text.t('coverage.cause-minutes', { cause: coverageWords(text, one), count: minutesOf(one) }),
  )
  const label = `${new Date(atMs).getHours()}`
  return (
    <li title={words.join(text.t('timeline.join'))}>
      <span className="hour-bar" aria-hidden="true">
        {parts.map((one) => (
          <span
            key={one.fromMs}
            className={`part-${one.state}`}
            style={{ width: `${(minutesOf(one) / 60) * 100}%` }}
          />
        ))}
      </span>
      <span className="hour-name" aria-hidden="true">
        {label}
      </span>
      <span className="sr-only">
        {label}: {words.join(text.t('timeline.join'))}
      </span>
    </li>
  )
}

/** Each hour by its beginning; on the day on which clocks change there are 23 or 25. */
function hoursOf(fromMs: number, toMs: number): number[] {
  return Array.from(
    { length: Math.max(1, Math.round((toMs - fromMs) / hourMs)) },
    (_, at) => fromMs + at * hourMs,
  )
}

function endClock(ms: number, dayEndMs: number): string {
  return ms >= dayEndMs ? '24:00' : formatClock(ms).slice(0, 5)
}

/** Where a medium was out of place, computers over time, and what was done to files on it. */
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense } from 'react'
import { Link } from 'react-router'
import type { MediumStay } from '../../api/contract-timeline.ts'
import { rawAddress } from '../evidence/record-row.tsx'
import { useText } from '../i18n/use-text.ts'
import { consoleNow } from '../server/request.ts'
import { mediumFilesQuery, mediumTimelineQuery } from '../server/timeline-queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatBytes, formatTime } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { usePages } from '../show/pager.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import type { ChartMark } from './timeline-chart.tsx'

const TimelineChart = lazy(async () => ({ default: (await import('./timeline-chart.tsx')).TimelineChart }))
const lanesMax = 12
const pageSize = 12

export function MediumCrossUse({ number }: { readonly number: string }): ReactNode {
  const { t, language } = useText()
  const query = useQuery(mediumTimelineQuery(number))
  const stays = query.data?.stays ?? []
  const crossed = stays.filter(({ crossings }) => crossings.length > 0)
  const { rows, pager } = usePages(crossed, pageSize)
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={2} />
  if (stays.length === 0) return <p className="muted">{t('medium.never-seen')}</p>
  const now = consoleNow()
  const fromMs = Math.min(...stays.map((one) => one.fromMs))
  const lanes = [...new Map(stays.map((one) => [one.agent, one.computer]))].slice(0, lanesMax)
  return (
    <div data-testid="medium-cross-use">
      <Suspense fallback={<RowsSkeleton rows={2} />}>
        <TimelineChart
          label={t('crossing.label')}
          lanes={lanes.map(([key, label]) => ({ key, label }))}
          marks={stays.map((one) => markOf(one, now))}
          fromMs={fromMs}
          toMs={Math.max(now, fromMs + 60_000)}
          language={language}
        />
      </Suspense>
      {crossed.length === 0 ? (
        <p>{t('crossing.none', { count: stays.length })}</p>
      ) : (
        <>
          <p className="crossing-count">
            {t('crossing.count', { count: crossed.length, all: stays.length })}
          </p>
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">{t('filter.computer')}</th>
                <th scope="col">{t('sighting.from')}</th>
                <th scope="col">{t('sighting.until')}</th>
                <th scope="col">{t('crossing.why')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={`${one.agent}.${one.epoch}.${one.seq}`}>
                  <th scope="row" className="nowrap">
                    <Link to={`/computers/${encodeURIComponent(one.agent)}/timeline?${spanAround(one, now)}`}>
                      <bdi className="mono">{one.computer}</bdi>
                    </Link>{' '}
                    {one.computerLevel !== null && <LevelTag level={one.computerLevel} />}
                  </th>
                  <td className="nowrap">{formatTime(one.fromMs, language)}</td>
                  <td className="nowrap">
                    {one.toMs === null ? t('sighting.now') : formatTime(one.toMs, language)}
                  </td>
                  <td>
                    {one.crossings.map((crossing) => t(`crossing.${crossing}`)).join(t('timeline.join'))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {pager}
        </>
      )}
      {query.data.isCut && <p className="muted">{t('crossing.cut')}</p>}
    </div>
  )
}

export function MediumFiles({ number }: { readonly number: string }): ReactNode {
  const { t, tryT, language } = useText()
  const may = useMay('records.read')
  const query = useQuery({ ...mediumFilesQuery(number), enabled: may })
  const { rows, pager } = usePages(query.data?.files ?? [], pageSize)
  if (!may) return <p className="muted">{t('medium-files.not-permitted')}</p>
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={2} />
  if (rows.length === 0) return <p className="muted">{t('medium-files.none')}</p>
  return (
    <div data-testid="medium-files">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">{t('timeline.when')}</th>
            <th scope="col">{t('filter.computer')}</th>
            <th scope="col">{t('medium-files.operation')}</th>
            <th scope="col">{t('medium-files.path')}</th>
            <th scope="col">{t('timeline.where')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={`${one.agent}.${one.epoch}.${one.seq}`}>
              <td className="nowrap">{formatTime(one.atMs, language)}</td>
              <td>
                <bdi className="mono">{one.computer}</bdi>
              </td>
              <td className="nowrap">{tryT(`medium-files.${one.operation}`) ?? one.operation}</td>
              <td>
                <RawTextView text={one.path} />
                {one.renamedFrom !== null && (
                  <span className="muted">
                    {' '}
                    ← <RawTextView text={one.renamedFrom} isPlain />
                  </span>
                )}
                {one.sizeBytes !== null && (
                  <span className="muted"> {formatBytes(one.sizeBytes, language)}</span>
                )}
              </td>
              <td>
                <a href={rawAddress(one.agent, one.epoch, one.seq)} download>
                  {t('timeline.record', { seq: one.seq })}
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pager}
      {query.data.isCut && <p className="muted">{t('medium-files.cut')}</p>}
    </div>
  )
}

function markOf({ agent, fromMs, toMs, crossings }: MediumStay, now: number): ChartMark {
  return { lane: agent, fromMs, toMs: toMs ?? now, tone: crossings.length > 0 ? 'red' : 'plain', count: 1 }
}

function spanAround({ fromMs, toMs }: MediumStay, now: number): string {
  const marginMs = 600_000
  return `from=${Math.max(0, fromMs - marginMs)}&to=${Math.min(toMs ?? now, fromMs + 300 * 86_400_000) + marginMs}`
}

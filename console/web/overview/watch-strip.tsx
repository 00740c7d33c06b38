/** How well the unit was watched in the last thirty days: one bar a day, the table one click away. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { WatchDaysAnswer } from '../../api/contract-wall.ts'
import { useText } from '../i18n/use-text.ts'
import { consoleNow, request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { formatCount, formatDay } from '../show/format.ts'
import { QueryError } from '../show/query-states.tsx'
import { type DayShare, dayShares } from './day-shares.ts'

const daysShown = 30

const watchDaysQuery = queryOptions({
  queryKey: ['watch-days'],
  queryFn: ({ signal }) => request<WatchDaysAnswer>('GET', '/api/watch-days', undefined, signal),
  staleTime: 600_000,
})

export function WatchStrip(): ReactNode {
  const isUnit = useMay('wall.read')
  return isUnit ? <UnitStrip /> : null
}

function UnitStrip(): ReactNode {
  const { t, language } = useText()
  const query = useQuery(watchDaysQuery)
  if (query.data === undefined) return <QueryError query={query} />
  const days = dayShares(query.data.days, consoleNow(), daysShown)
  const known = days.filter(({ looks }) => looks > 0)
  const percent = (share: number) => `${formatCount(Math.floor(share * 1_000) / 10, language)} %`
  return (
    <div className="watch-strip" data-testid="watch-strip">
      <h3>{t('watch-strip.title')}</h3>
      <div className="watch-bars" role="img" aria-label={t('watch-strip.told', { count: known.length })}>
        {days.map((day) => (
          <span key={day.day} className="watch-bar" title={tell(day)}>
            {day.looks === 0 ? (
              <span className="watch-bar-none" />
            ) : (
              <>
                <span className="watch-bar-broken" style={{ flexGrow: day.broken }} />
                <span className="watch-bar-unproven" style={{ flexGrow: day.unproven }} />
                <span className="watch-bar-proven" style={{ flexGrow: day.proven }} />
              </>
            )}
          </span>
        ))}
      </div>
      <p className="watch-strip-ends muted">
        <span>{formatDay(days[0]?.day ?? 0, language)}</span>
        <span>{t('watch-strip.today')}</span>
      </p>
      <details>
        <summary>{t('watch-strip.table')}</summary>
        {known.length === 0 ? (
          <p className="muted">{t('watch-strip.none')}</p>
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">{t('watch-strip.day')}</th>
                <th scope="col">{t('watch.proven')}</th>
                <th scope="col">{t('watch.unproven')}</th>
                <th scope="col">{t('watch.broken')}</th>
              </tr>
            </thead>
            <tbody>
              {known.toReversed().map((day) => (
                <tr key={day.day}>
                  <th scope="row">{formatDay(day.day, language)}</th>
                  <td>{percent(day.proven)}</td>
                  <td>{percent(day.unproven)}</td>
                  <td>{percent(day.broken)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <p className="muted">{t('watch-strip.what')}</p>
      </details>
    </div>
  )

  function tell({ day, looks, proven }: DayShare): string {
    const date = formatDay(day, language)
    return looks === 0
      ? `${date}: ${t('watch-strip.not-looked')}`
      : `${date}: ${t('watch.proven')} ${percent(proven)}`
  }
}

/** When the console's own clock jumped: nobody is accused of it, and what was recorded then is read with that in mind. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { consoleClockQuery } from '../server/identity-queries.ts'
import { formatDuration } from '../show/format.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'

export function ClockPanel(): ReactNode {
  const { t, language } = useText()
  const query = useQuery(consoleClockQuery)
  return (
    <section className="panel" aria-labelledby="clock">
      <h2 id="clock">{t('console-clock.title')}</h2>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={1} />}
      {query.data !== undefined &&
        (query.data.jumps.length === 0 ? (
          <p className="muted">{t('console-clock.none')}</p>
        ) : (
          <table className="grid-table" data-testid="clock-jumps">
            <thead>
              <tr>
                <th scope="col">{t('console-clock.at')}</th>
                <th scope="col">{t('console-clock.by')}</th>
                <th scope="col">{t('console-clock.found')}</th>
              </tr>
            </thead>
            <tbody>
              {query.data.jumps.map(({ at, byMs, found }, index) => (
                <tr key={index}>
                  <th scope="row">
                    <TimeView ms={at} />
                  </th>
                  <td>
                    {t(byMs < 0 ? 'console-clock.back' : 'console-clock.ahead', {
                      by: formatDuration(Math.abs(byMs), language),
                    })}
                  </td>
                  <td>{t(`console-clock.${found}`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      <p className="muted identity-note">{t('console-clock.why')}</p>
    </section>
  )
}

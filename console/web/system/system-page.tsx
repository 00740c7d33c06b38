/** The console itself, for the system administrator: its health, its version. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { SetBackNote } from '../audit/set-back-note.tsx'
import { useText } from '../i18n/use-text.ts'
import { ClockPanel } from '../identity/clock-panel.tsx'
import { healthQuery } from '../server/queries.ts'
import { formatDuration } from '../show/format.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'

export function SystemPage(): ReactNode {
  const { t } = useText()
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.system')}</h1>
      </header>
      <SetBackNote />
      <div className="system">
        <HealthPanel />
        <ClockPanel />
      </div>
    </div>
  )
}

function HealthPanel(): ReactNode {
  const { t, language } = useText()
  const query = useQuery(healthQuery)
  const now = useConsoleNow()
  return (
    <section className="panel" aria-labelledby="health">
      <h2 id="health">{t('system.health')}</h2>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={2} />}
      {query.data !== undefined && (
        <table className="facts">
          <tbody>
            <tr>
              <th scope="row">{t('system.version')}</th>
              <td>{query.data.version}</td>
            </tr>
            <tr>
              <th scope="row">{t('system.started')}</th>
              <td>
                <TimeView ms={query.data.startedAt} />{' '}
                <span className="muted">
                  {t('system.running', {
                    time: formatDuration(Math.max(1_000, now - query.data.startedAt), language),
                  })}
                </span>
              </td>
            </tr>
            <tr>
              <th scope="row">{t('system.store')}</th>
              <td className="mono">{query.data.store}</td>
            </tr>
          </tbody>
        </table>
      )}
    </section>
  )
}

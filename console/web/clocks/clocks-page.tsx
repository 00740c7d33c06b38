/** All clocks: what runs, what is overdue, who was told, what was handed in at the end of the year, what is over. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Clock } from '../../api/contract-clocks.ts'
import { useText } from '../i18n/use-text.ts'
import { clocksQuery } from '../server/clock-queries.ts'
import { useMay } from '../session/session-context.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { ClockCard } from './clock-card.tsx'
import type { ClockAct } from './clock-dialogs.tsx'
import { EscalationsPanel } from './escalations-panel.tsx'
import { HandInsPanel } from './hand-ins-panel.tsx'

const ClockDialog = lazy(async () => ({ default: (await import('./clock-dialogs.tsx')).ClockDialog }))
const SettingsDialog = lazy(async () => ({ default: (await import('./settings-dialog.tsx')).SettingsDialog }))

export function ClocksPage(): ReactNode {
  const { t } = useText()
  const query = useQuery(clocksQuery)
  const mayHandle = useMay('violations.handle')
  const mayMedia = useMay('media.read')
  const [asked, setAsked] = useState<ClockAct | null>(null)
  const [isSetting, setSetting] = useState(false)
  const { data } = query
  const of = (test: (clock: Clock) => boolean) => data?.answer.clocks.filter(test) ?? []
  const running = of(({ state }) => state === 'running')
  const overdue = of(({ state }) => state === 'overdue')
  const over = of(({ end }) => end !== null)
  const list = (clocks: readonly Clock[]) => (
    <ul className="clock-cards">
      {clocks.map((clock) => (
        <ClockCard key={clock.key} clock={clock} readAtMs={data?.readAtMs ?? 0} onAct={setAsked} />
      ))}
    </ul>
  )
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.clocks')}</h1>
        <span className="top-space" />
        {mayHandle && (
          <Button onClick={() => setSetting(true)} data-testid="clock-settings">
            {t('clocks.settings')}
          </Button>
        )}
      </header>
      <QueryError query={query} />
      {data === undefined ? (
        !query.isError && <RowsSkeleton rows={6} />
      ) : (
        <div className="clocks">
          <section className="panel" aria-labelledby="clocks-running">
            <h2 id="clocks-running">{t('clocks.running', { count: data.answer.running })}</h2>
            {running.length === 0 ? <EmptyNote title={t('clocks.none-running')} /> : list(running)}
          </section>
          {data.answer.overdue > 0 && (
            <section className="panel" aria-labelledby="clocks-overdue">
              <h2 id="clocks-overdue">{t('clocks.overdue', { count: data.answer.overdue })}</h2>
              {list(overdue)}
              {overdue.length < data.answer.overdue && (
                <p className="muted">{t('clocks.newest-of', { count: overdue.length })}</p>
              )}
            </section>
          )}
          <EscalationsPanel />
          {mayMedia && <HandInsPanel />}
          <section className="panel" aria-labelledby="clocks-over">
            <h2 id="clocks-over">{t('clocks.over')}</h2>
            {over.length === 0 ? <EmptyNote title={t('clocks.none-over')} /> : list(over)}
          </section>
        </div>
      )}
      <Suspense>
        {asked !== null && <ClockDialog asked={asked} onClose={() => setAsked(null)} />}
        {isSetting && <SettingsDialog onClose={() => setSetting(false)} />}
      </Suspense>
    </div>
  )
}

/** The clock that presses most, in the frame of every page: it goes away when what it waits for is done, and not before. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Clock } from '../../api/contract-clocks.ts'
import { useText } from '../i18n/use-text.ts'
import { pressingClocksQuery } from '../server/clock-queries.ts'
import { TimeLeft, urgencyOf, useLeft } from './time-left.tsx'

export function ClockBar(): ReactNode {
  const { t } = useText()
  const { data } = useQuery(pressingClocksQuery)
  if (data === undefined || data === null) return null
  const { clocks, running, overdue } = data.answer
  const first =
    clocks.find(({ state }) => state === 'running') ?? clocks.find(({ state }) => state === 'overdue')
  if (first === undefined) return null
  return (
    <>
      <ClockAlert clock={first} readAtMs={data.readAtMs} />
      <Link to="/clocks" className="clock-bar" data-testid="clock-bar" data-clock={first.key}>
        <span className="clock-bar-kind">{t(`clocks.kind.${first.kind}`)}</span>
        <TimeLeft clock={first} readAtMs={data.readAtMs} />
        {overdue > 0 && first.state === 'running' && (
          <span className="clock-bar-over" data-testid="clock-bar-overdue">
            {t('clocks.overdue-count', { count: overdue })}
          </span>
        )}
        <span className="sr-only">{t('clocks.bar', { running, overdue })}</span>
      </Link>
    </>
  )
}

/** Said at once when time runs short, and when it has run out; never each second. */
function ClockAlert({ clock, readAtMs }: { readonly clock: Clock; readonly readAtMs: number }): ReactNode {
  const { t } = useText()
  const urgency = urgencyOf(clock, useLeft(clock.leftMs, readAtMs, clock.end === null))
  return (
    <span className="sr-only" role="alert">
      {(urgency === 'overdue' || urgency === 'soon') &&
        t(`clocks.told.${urgency}`, { kind: t(`clocks.kind.${clock.kind}`) })}
    </span>
  )
}

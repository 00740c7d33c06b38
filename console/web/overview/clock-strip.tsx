/** Clocks that run, the least time left first, in large digits; nothing where none is kept for whoever looks. */
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { Link } from 'react-router'
import type { ClocksAnswer } from '../../api/contract-clocks.ts'
import { useText } from '../i18n/use-text.ts'
import { pressingClocksQuery, pressingMax } from '../server/clock-queries.ts'
import { leftDigits } from './left-digits.ts'
import { mostPressing } from './most-pressing.ts'

export function ClockStrip(): ReactNode {
  const { data } = useQuery(pressingClocksQuery)
  if (data === undefined || data === null) return null
  return <RunningClocks answer={data.answer} askedAt={data.readAtMs} max={pressingMax} hasLinks />
}

interface Props {
  readonly answer: ClocksAnswer
  /** By the page's monotonic clock: what is left is counted down from the answer, not by the computer's time of day. */
  readonly askedAt: number
  readonly max: number
  readonly hasLinks?: boolean
}

export function RunningClocks({ answer, askedAt, max, hasLinks = false }: Props): ReactNode {
  const { t, pick, tryT, language } = useText()
  const passed = useSeconds() - askedAt
  const live = mostPressing(answer.clocks)
  if (live.length === 0) return <p className="clock-none">{t('clock-strip.none')}</p>
  return (
    <ol className="clock-strip" data-testid="clock-strip">
      {live.slice(0, max).map((clock) => {
        const left = clock.leftMs - passed
        const isOver = left < 0
        return (
          <li
            key={clock.key}
            className={`clock${isOver ? ' clock-over' : left < 6 * 3_600_000 ? ' clock-soon' : ''}`}
          >
            <strong className="clock-left">{leftDigits(left, language)}</strong>
            <span className="clock-what">
              {isOver ? t('clock-strip.over') : t('clock-strip.left')} ·{' '}
              {tryT(`clock-strip.${clock.kind}`) ?? clock.kind}
            </span>
            <span className="clock-about">
              {hasLinks ? (
                <Link to={`/violations/${clock.violation}`}>{pick(clock.headline)}</Link>
              ) : (
                pick(clock.headline)
              )}
            </span>
          </li>
        )
      })}
      {answer.running + answer.overdue > max && (
        <li className="clock-more">
          {t('clock-strip.more', { count: answer.running + answer.overdue - max })}
        </li>
      )}
    </ol>
  )
}

/** The page's monotonic clock, renewed every second. */
function useSeconds(): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** Clocks that run, the least time left first, in large digits; nothing where none is kept for whoever looks. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { Link } from 'react-router'
import type { ClocksAnswer } from '../../api/contract-clocks.ts'
import { useText } from '../i18n/use-text.ts'
import { ApiError, request } from '../server/request.ts'
import { leftDigits } from './left-digits.ts'

const shownMax = 3
/** A clock that somebody started or stopped elsewhere is seen within this time, ms. */
const refetchMs = 15_000

/** Null where the role may not read clocks. */
export async function askClocks(signal?: AbortSignal): Promise<ClocksAnswer | null> {
  try {
    return await request<ClocksAnswer>('GET', '/api/clocks', undefined, signal)
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'not-found' || error.code === 'not-permitted'))
      return null
    throw error
  }
}

const runningClocksQuery = queryOptions({
  queryKey: ['clocks', 'strip'],
  queryFn: async ({ signal }) => ({ answer: await askClocks(signal), askedAt: performance.now() }),
  refetchInterval: (query) => (query.state.data?.answer === null ? false : refetchMs),
})

export function ClockStrip(): ReactNode {
  const { data } = useQuery(runningClocksQuery)
  if (data === undefined || data.answer === null) return null
  return <RunningClocks answer={data.answer} askedAt={data.askedAt} max={shownMax} hasLinks />
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
  const live = answer.clocks
    .filter(({ state }) => state === 'running' || state === 'overdue')
    .toSorted((a, b) => a.leftMs - b.leftMs)
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

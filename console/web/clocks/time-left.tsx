/** How much time is left, in large digits, with a shape and a word: colour is never the only sign. */
import { type ReactNode, useEffect, useState } from 'react'
import type { Clock } from '../../api/contract-clocks.ts'
import { useText } from '../i18n/use-text.ts'
import { timeSpan } from './time-span.ts'

/** Returns ms left of what was read at a moment of this page's own clock, counted down each second. */
export function useLeft(leftMs: number, readAtMs: number, isRunning: boolean): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    if (!isRunning) return undefined
    const timer = setInterval(() => setNow(performance.now()), 1_000)
    return () => clearInterval(timer)
  }, [isRunning])
  return isRunning ? leftMs - Math.max(0, now - readAtMs) : leftMs
}

export function TimeLeft({
  clock,
  readAtMs,
}: {
  readonly clock: Clock
  readonly readAtMs: number
}): ReactNode {
  const { t } = useText()
  const isOpen = clock.end === null
  const left = useLeft(clock.leftMs, readAtMs, isOpen)
  const urgency = urgencyOf(clock, left)
  const word = isOpen
    ? t(left <= 0 ? 'clocks.overdue-by' : urgency === 'soon' ? 'clocks.left-soon' : 'clocks.left')
    : t(clock.state === 'met' ? 'clocks.met' : 'clocks.stopped')
  const { days, clock: digits } = timeSpan(left)
  return (
    <span className={`time-left time-left-${urgency}`} data-testid="time-left" data-urgency={urgency}>
      <span className="time-left-shape" aria-hidden="true" />
      <span className="time-left-word">{word}</span>
      {isOpen && (
        <span className="time-left-digits" role="timer">
          {days > 0 && <span className="time-left-days">{t('clocks.days', { count: days })}</span>} {digits}
        </span>
      )}
    </span>
  )
}

export function urgencyOf({ end }: Clock, leftMs: number): 'over' | 'overdue' | 'soon' | 'calm' {
  if (end !== null) return 'over'
  if (leftMs <= 0) return 'overdue'
  return leftMs < soonMs ? 'soon' : 'calm'
}

/** Red from here. */
const soonMs = 4 * 3_600_000

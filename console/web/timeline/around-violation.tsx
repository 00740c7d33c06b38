/** Ten minutes before and after a violation, in lanes: what was going on, and whether it was watched. */
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense } from 'react'
import { Link } from 'react-router'
import { TIMELINE_LANES } from '../../api/contract-timeline-lanes.ts'
import { useText } from '../i18n/use-text.ts'
import { consoleNow } from '../server/request.ts'
import { timelineQuery } from '../server/timeline-queries.ts'
import { useMay } from '../session/session-context.ts'
import { SESSIONS_LANE } from './session-marks.ts'
import { LoggedOn } from './session-words.tsx'
import { marksOf, WATCHED_LANE } from './timeline-marks.ts'

const TimelineChart = lazy(async () => ({ default: (await import('./timeline-chart.tsx')).TimelineChart }))
const aroundMs = 600_000

interface Props {
  readonly agent: string
  /** When it happened, by the computer's clock, Unix ms. */
  readonly atMs: number
}

export function AroundViolation({ agent, atMs }: Props): ReactNode {
  const { t, language } = useText()
  const may = useMay('computers.read')
  const fromMs = Math.max(0, Math.floor(atMs / 1_000) * 1_000 - aroundMs)
  const toMs = fromMs + 2 * aroundMs
  const query = useQuery({ ...timelineQuery(agent, fromMs, toMs), enabled: may })
  if (query.data === undefined) return null
  const answer = query.data
  const isEmpty = (lane: string): boolean =>
    !answer.buckets.some((one) => one.lane === lane) &&
    !(lane === SESSIONS_LANE && (answer.sessions ?? []).length > 0)
  // Here it is small: only lanes in which something is.
  const lanes = [WATCHED_LANE, ...TIMELINE_LANES.filter((lane) => !isEmpty(lane))]
  const isToldAside = (lane: string): boolean => lane === SESSIONS_LANE && answer.sessions !== null
  const counted = TIMELINE_LANES.filter((lane) => !isEmpty(lane) && !isToldAside(lane))
  const counts = counted.map((lane) => {
    const count = answer.buckets.reduce((sum, one) => (one.lane === lane ? sum + one.count : sum), 0)
    return `${t(`timeline.lane.${lane}`)} ${count}`
  })
  return (
    <div className="around-violation" data-testid="around-violation">
      <Suspense>
        <TimelineChart
          label={t('timeline.around-label', { counts: counts.join(t('timeline.join')) })}
          lanes={lanes.map((key) => ({ key, label: t(`timeline.lane.${key as 'media'}`) }))}
          marks={marksOf(answer, consoleNow())}
          fromMs={fromMs}
          toMs={toMs}
          atMs={atMs}
          language={language}
        />
      </Suspense>
      <LoggedOn sessions={answer.sessions} />
      <p className="muted">
        {counts.join(t('timeline.join'))}{' '}
        <Link
          to={`/computers/${encodeURIComponent(agent)}/timeline?from=${fromMs}&to=${toMs}`}
          className="no-print"
        >
          {t('timeline.open')}
        </Link>
      </p>
    </div>
  )
}

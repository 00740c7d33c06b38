/** The timeline of one computer: lanes from a year to a second, the span in the address, and the same as a table. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import { TIMELINE_LANES } from '../../api/contract-timeline-lanes.ts'
import { useText } from '../i18n/use-text.ts'
import { consoleNow } from '../server/request.ts'
import { timelineQuery } from '../server/timeline-queries.ts'
import { formatDuration, formatTime } from '../show/format.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { marksOf, WATCHED_LANE } from './timeline-marks.ts'
import { lasting, moved, type Span, spanOf, ZOOM_STEPS, zoomed } from './timeline-span.ts'
import { TimelineTable } from './timeline-table.tsx'

const TimelineChart = lazy(async () => ({ default: (await import('./timeline-chart.tsx')).TimelineChart }))
const weekMs = 7 * 86_400_000

export interface Picked extends Span {
  readonly lane: string
}

export function TimelinePanel({ computer }: { readonly computer: Computer }): ReactNode {
  const { t, language } = useText()
  const [address, setAddress] = useSearchParams()
  const [opened] = useState(() => Math.ceil(consoleNow() / 60_000) * 60_000)
  const [picked, setPicked] = useState<Picked | null>(null)
  const span = spanOf(address) ?? { fromMs: opened - weekMs, toMs: opened }
  const query = useQuery(timelineQuery(computer.agent, span.fromMs, span.toMs))
  const show = (next: Span): void => {
    setPicked(null)
    setAddress(
      (before) => {
        before.set('from', String(next.fromMs))
        before.set('to', String(next.toMs))
        return before
      },
      { replace: true },
    )
  }
  const keys: Readonly<Record<string, () => void>> = {
    '+': () => show(zoomed(span, 0.5)),
    '=': () => show(zoomed(span, 0.5)),
    '-': () => show(zoomed(span, 2)),
    ArrowLeft: () => show(moved(span, -0.25)),
    ArrowRight: () => show(moved(span, 0.25)),
    PageUp: () => show(moved(span, -1)),
    PageDown: () => show(moved(span, 1)),
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  const lanes = [WATCHED_LANE, ...TIMELINE_LANES].map((key) => ({
    key,
    label: t(`timeline.lane.${key as 'media'}`),
  }))
  const words = t('timeline.span', {
    from: formatTime(span.fromMs, language),
    to: formatTime(span.toMs, language),
    length: formatDuration(span.toMs - span.fromMs, language),
  })
  return (
    <section className="panel timeline-panel" aria-label={t('timeline.title')} data-testid="timeline-panel">
      <div className="timeline-bar no-print">
        <div role="group" aria-label={t('timeline.zoom')} className="zoom-steps">
          {ZOOM_STEPS.map(([name, lengthMs]) => (
            <Button
              key={name}
              size="small"
              type={isAbout(span, lengthMs) ? 'primary' : 'default'}
              aria-pressed={isAbout(span, lengthMs)}
              onClick={() => show(lasting(span, lengthMs, opened))}
            >
              {t(`timeline.step.${name}`)}
            </Button>
          ))}
        </div>
        <div role="group" aria-label={t('timeline.move')} className="zoom-steps">
          <Button size="small" onClick={() => show(moved(span, -0.5))} aria-label={t('timeline.back')}>
            ‹
          </Button>
          <Button size="small" onClick={() => show(moved(span, 0.5))} aria-label={t('timeline.forward')}>
            ›
          </Button>
          <Button size="small" onClick={() => show(zoomed(span, 0.5))} aria-label={t('timeline.closer')}>
            +
          </Button>
          <Button size="small" onClick={() => show(zoomed(span, 2))} aria-label={t('timeline.farther')}>
            −
          </Button>
          <Button
            size="small"
            onClick={() => show({ fromMs: opened - (span.toMs - span.fromMs), toMs: opened })}
          >
            {t('timeline.now')}
          </Button>
        </div>
      </div>
      <p className="timeline-span" aria-live="polite" data-testid="timeline-span">
        {words}
      </p>
      <QueryError query={query} />
      {query.data === undefined ? (
        !query.isError && <RowsSkeleton rows={5} />
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the picture is moved by keys, as a map is */}
          <div
            className="timeline-keys"
            tabIndex={0}
            role="group"
            aria-label={t('timeline.keys')}
            onKeyDown={onKeyDown}
          >
            <Suspense fallback={<RowsSkeleton rows={5} />}>
              <TimelineChart
                label={`${t('timeline.title')}: ${words}`}
                lanes={lanes}
                marks={marksOf(query.data, consoleNow())}
                fromMs={span.fromMs}
                toMs={span.toMs}
                language={language}
                onZoom={(factor, anchorMs) => show(zoomed(span, factor, anchorMs))}
                onPick={(fromMs, toMs, lane) => setPicked({ fromMs, toMs, lane })}
              />
            </Suspense>
          </div>
          <p className="muted timeline-legend">
            {t('timeline.legend')} {t('timeline.sessions-why')}
          </p>
          <TimelineTable
            agent={computer.agent}
            answer={query.data}
            picked={picked}
            onAll={() => setPicked(null)}
            onShow={show}
          />
        </>
      )}
    </section>
  )
}

function isAbout({ fromMs, toMs }: Span, lengthMs: number): boolean {
  return Math.abs(toMs - fromMs - lengthMs) < lengthMs * 0.02
}

/** From a timeline's answer to what is drawn of it: pure. */
import type { TimelineAnswer } from '../../api/contract-timeline.ts'
import { isCounted, sessionMarks } from './session-marks.ts'
import type { ChartMark, MarkTone } from './timeline-chart.tsx'

/** The lane above all others: what was watched. */
export const WATCHED_LANE = 'watched'

const toneOf: Readonly<Record<string, MarkTone>> = {
  proven: 'proven',
  unproven: 'unproven',
  broken: 'broken',
  exempt: 'exempt',
}
const laneTone: Readonly<Record<string, MarkTone>> = { violations: 'red', gaps: 'amber' }

/** Returns the marks: coverage first, sessions as they lasted, then each step that holds anything. */
export function marksOf(answer: TimelineAnswer, nowMs: number): ChartMark[] {
  const { coverage, buckets, stepMs, fromMs, toMs } = answer
  const watched = coverage.flatMap((one): ChartMark[] => {
    const tone = toneOf[one.state]
    if (tone === undefined) return []
    const clipped = { fromMs: Math.max(fromMs, one.fromMs), toMs: Math.min(toMs, one.toMs) }
    return clipped.toMs > clipped.fromMs ? [{ lane: WATCHED_LANE, ...clipped, tone, count: 1 }] : []
  })
  return [
    ...watched,
    ...sessionMarks(answer, nowMs),
    ...buckets
      .filter(({ lane }) => isCounted(lane, answer))
      .map(
        ({ lane, atMs, count }): ChartMark => ({
          lane,
          fromMs: atMs,
          toMs: atMs + stepMs,
          tone: laneTone[lane] ?? 'plain',
          count,
        }),
      ),
  ]
}

/** Sessions of people as marks of their lane. Pure. */
import type { TimelineAnswer } from '../../api/contract-timeline.ts'
import type { ChartMark } from './timeline-chart.tsx'

export const SESSIONS_LANE = 'sessions'

/** Returns a mark for each session, cut to the span; one that has not ended lasts until now. None where they are only counted. */
export function sessionMarks({ sessions, fromMs, toMs }: TimelineAnswer, nowMs: number): ChartMark[] {
  return (sessions ?? []).flatMap((one): ChartMark[] => {
    const from = Math.max(fromMs, one.fromMs)
    const to = Math.min(toMs, one.toMs ?? nowMs)
    return to < from ? [] : [{ lane: SESSIONS_LANE, fromMs: from, toMs: to, tone: 'session', count: 1 }]
  })
}

/** Reports whether the counts of a lane stand for what is not told one by one. */
export function isCounted(lane: string, { sessions }: TimelineAnswer): boolean {
  return lane !== SESSIONS_LANE || sessions === null
}

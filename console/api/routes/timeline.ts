/** Watched minutes of a computer, by day and minute by minute; timelines of a computer and of a medium. */
import { mayRole, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import { COVERAGE_CAUSES, type CoverageState, minutesOf } from '../../rules/coverage-causes.ts'
import type { Store } from '../../store/ports.ts'
import {
  CoverageAnswerSchema,
  type CoverageDay,
  CoverageDayAnswerSchema,
  CoverageDayParamsSchema,
  CoverageQuerySchema,
} from '../contract-coverage.ts'
import {
  MediumFilesQuerySchema,
  MediumFilesSchema,
  MediumTimelineSchema,
  TimelineAnswerSchema,
  TimelineQuerySchema,
} from '../contract-timeline.ts'
import { TIMELINE_SPAN_MS_MAX, TIMELINE_SPAN_MS_MIN } from '../contract-timeline-lanes.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { type CountedDay, createCoverageReader, dayOf, daysBetween } from '../read-coverage.ts'
import { readMediumFiles, readMediumTimeline } from '../read-medium-timeline.ts'
import { intervalItem, readTimeline } from '../read-timeline.ts'
import { notFound, scopeOf } from '../scope.ts'
import type { NoteSeen } from '../seen-note.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'

export interface TimelineOptions {
  readonly store: Store
  readonly seen: NoteSeen
  readonly now: () => number
}

const daysMax = 400
const staysDefault = 10
const NumberParamsSchema = Type.Object(
  { number: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
)

export function registerTimeline(api: Api, { store, seen, now }: TimelineOptions): void {
  const coverage = createCoverageReader(store, now)

  api.get(
    '/api/computers/:agent/coverage',
    {
      config: { access: 'computers.read', scope: 'computer' },
      schema: {
        summary: 'Minutes proven watched and not, by day and cause; `from` and `to` are days, both included',
        params: AgentParamsSchema,
        querystring: CoverageQuerySchema,
        response: answers(CoverageAnswerSchema),
      },
    },
    async (request) => {
      const computer = await computerOf(store, request.params.agent)
      const [first, last] = [dayOf(request.query.from), dayOf(request.query.to)]
      if (first === null || last === null || last.fromMs < first.fromMs)
        throw new ShoukouError('invalid-request', 'Name two days of the calendar, the earlier one first.')
      const spans = daysBetween(first.fromMs, last.toMs)
      if (spans.length > daysMax)
        throw new ShoukouError('limit-exceeded', `Ask for at most ${daysMax} days at once.`)
      return { days: (await coverage.days(computer, spans)).map(dayItem) }
    },
  )

  api.get(
    '/api/computers/:agent/coverage/:day',
    {
      config: { access: 'computers.read', scope: 'computer' },
      schema: {
        summary: 'One day minute by minute: state, cause, and what it rests on',
        params: CoverageDayParamsSchema,
        response: answers(CoverageDayAnswerSchema),
      },
    },
    async (request) => {
      const computer = await computerOf(store, request.params.agent)
      const span = dayOf(request.params.day)
      if (span === null) throw new ShoukouError('not-found', 'The calendar has no such day.')
      const [days, intervals] = await Promise.all([
        coverage.days(computer, [span]),
        coverage.intervals(computer, span.fromMs, span.toMs),
      ])
      return { day: dayItem(days[0] ?? { ...span, minutes: {} }), intervals: intervals.map(intervalItem) }
    },
  )

  api.get(
    '/api/computers/:agent/timeline',
    {
      config: { access: 'computers.read', scope: 'computer' },
      schema: {
        summary: 'What happened, by lanes and steps; each thing by itself where they are few',
        params: AgentParamsSchema,
        querystring: TimelineQuerySchema,
        response: answers(TimelineAnswerSchema),
      },
    },
    async (request) => {
      const computer = await computerOf(store, request.params.agent)
      const { from, to } = request.query
      if (to - from < TIMELINE_SPAN_MS_MIN || to - from > TIMELINE_SPAN_MS_MAX)
        throw new ShoukouError('invalid-request', 'A timeline spans between a second and 400 days.')
      const { role } = signedInOf(request).account
      const may = {
        records: mayRole(role, 'records.read'),
        violations: mayRole(role, 'violations.read'),
        policies: mayRole(role, 'policy.read'),
        registers: mayRole(role, 'registers.read'),
      }
      const answer = await readTimeline(store, coverage, { computer, fromMs: from, toMs: to, may })
      await seen(request, { action: 'computer-records-read', object: computer.agent, detail: 'timeline' })
      return answer
    },
  )

  api.get(
    '/api/media/:number/timeline',
    {
      config: { access: 'media.read', scope: 'medium' },
      schema: {
        summary: 'Where a medium was, and where it was out of place',
        params: NumberParamsSchema,
        response: answers(MediumTimelineSchema),
      },
    },
    async (request) =>
      readMediumTimeline(store, await mediumOf(store, request.params.number), scopeOf(request)),
  )

  api.get(
    '/api/media/:number/files',
    {
      config: { access: 'records.read', scope: 'medium' },
      schema: {
        summary: 'Activity on files of a medium during its last stays',
        params: NumberParamsSchema,
        querystring: MediumFilesQuerySchema,
        response: answers(MediumFilesSchema),
      },
    },
    async (request) => {
      const { number } = await mediumOf(store, request.params.number)
      const { stays = staysDefault } = request.query
      const files = await readMediumFiles(store, number, stays, { scope: scopeOf(request), now: now() })
      await seen(request, { action: 'computer-records-read', object: number, detail: 'file.activity' })
      return files
    },
  )
}

async function mediumOf(store: Store, number: string) {
  const row = await store.medium(number)
  if (row === null) throw notFound('medium')
  return row
}

function dayItem({ day, fromMs, toMs, minutes }: CountedDay): CoverageDay {
  const of = (state: CoverageState): number => minutesOf(minutes, state)
  return {
    day,
    fromMs,
    toMs,
    minutes: {
      proven: of('proven'),
      unproven: of('unproven'),
      broken: of('broken'),
      exempt: of('exempt'),
      outside: of('outside'),
    },
    causes: Object.entries(minutes)
      .flatMap(([cause, count]) => (cause in COVERAGE_CAUSES && count > 0 ? [{ cause, minutes: count }] : []))
      .toSorted((a, b) => b.minutes - a.minutes),
  }
}

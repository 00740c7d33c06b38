/** What timelines and the coverage calendar ask of the console. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { CoverageAnswer, CoverageDayAnswer } from '../../api/contract-coverage.ts'
import type { MediumFiles, MediumTimeline, TimelineAnswer } from '../../api/contract-timeline.ts'
import { request } from './request.ts'

const of = (agent: string): string => `/api/computers/${encodeURIComponent(agent)}`

export const timelineQuery = (agent: string, fromMs: number, toMs: number) =>
  queryOptions({
    queryKey: ['timeline', agent, fromMs, toMs],
    queryFn: ({ signal }) =>
      request<TimelineAnswer>('GET', `${of(agent)}/timeline?from=${fromMs}&to=${toMs}`, undefined, signal),
    // While it zooms, what was seen stays.
    placeholderData: keepPreviousData,
  })

export const coverageYearQuery = (agent: string, year: number) =>
  queryOptions({
    queryKey: ['coverage', agent, year],
    queryFn: ({ signal }) =>
      request<CoverageAnswer>(
        'GET',
        `${of(agent)}/coverage?from=${year}-01-01&to=${year}-12-31`,
        undefined,
        signal,
      ),
  })

export const coverageDayQuery = (agent: string, day: string) =>
  queryOptions({
    queryKey: ['coverage-day', agent, day],
    queryFn: ({ signal }) =>
      request<CoverageDayAnswer>('GET', `${of(agent)}/coverage/${day}`, undefined, signal),
  })

export const mediumTimelineQuery = (number: string) =>
  queryOptions({
    queryKey: ['medium-timeline', number],
    queryFn: ({ signal }) =>
      request<MediumTimeline>('GET', `/api/media/${encodeURIComponent(number)}/timeline`, undefined, signal),
  })

export const mediumFilesQuery = (number: string) =>
  queryOptions({
    queryKey: ['medium-files', number],
    queryFn: ({ signal }) =>
      request<MediumFiles>('GET', `/api/media/${encodeURIComponent(number)}/files`, undefined, signal),
  })

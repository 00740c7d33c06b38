/** Clocks: as they stand, what ends or sets them, who was told; media handed in at the end of the year. */
import { ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import { daysLate, type HandInCampaign } from '../../rules/custody.ts'
import { endOfDay } from '../../rules/deadlines.ts'
import type { EscalationRow } from '../../store/clock-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import type { Clocks } from '../../workflows/clocks/create-clocks.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  CLOCK_API_LIMITS,
  ClockActsSchema,
  ClockSettingsSchema,
  ClocksAnswerSchema,
  ClocksQuerySchema,
  type Escalation,
  EscalationsAnswerSchema,
  EscalationsQuerySchema,
  HandInsAnswerSchema,
  HandInsDoneSchema,
  NewClockSettingsSchema,
  NewHandInsSchema,
  NewRectificationSchema,
  NewReportSchema,
} from '../contract-clocks.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { departmentFilter, notFound, scopeOf } from '../scope.ts'
import { answers } from './answers.ts'
import { ViolationParamsSchema } from './handling.ts'

const EscalationParamsSchema = Type.Object(
  { escalation: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)
const DoneSchema = Type.Object({ done: Type.Boolean() }, { additionalProperties: false })

export interface ClocksRouteOptions {
  readonly store: Store
  readonly clocks: Clocks
  /** Ends the violations that a hand-in makes good. */
  readonly handedIn: (numbers: readonly string[], year: number) => Promise<void>
  readonly note: NoteAction
  readonly now: () => number
}

export function registerClocks(api: Api, { store, clocks, handedIn, note, now }: ClocksRouteOptions): void {
  const recorded = recordedBy(note)
  const perState = CLOCK_API_LIMITS.rowsPerState

  api.get(
    '/api/clocks',
    {
      config: { access: 'violations.read', scope: 'filtered', wall: true },
      schema: {
        summary: 'Clocks of the law and of the unit: running first, then overdue, then what is over',
        querystring: ClocksQuerySchema,
        response: answers(ClocksAnswerSchema),
      },
    },
    async (request) => {
      const { violation, perState: wanted = perState } = request.query
      const scope = scopeOf(request)
      const asked = { ...departmentFilter(scope), perState: Math.min(wanted, perState) }
      // Nobody sits at a wall display: it counts down, and names nobody who handles anything.
      const isWall = signedInOf(request).session.reach === 'wall'
      if (isWall) return withoutPeople(mutable(await clocks.read(asked)))
      if (violation === undefined) return mutable(await clocks.read(asked))
      const row = await leadOf(store, violation)
      const department = (await store.departmentOf('violation', String(row.id)))?.department ?? null
      if (scope.kind !== 'unit' && department !== scope.department) throw notFound('violation')
      return mutable(await clocks.read({ ...asked, violation: row.id }))
    },
  )
  api.get(
    '/api/violations/:id/clock-acts',
    {
      config: { access: 'violations.read', scope: 'violation' },
      schema: {
        summary: 'What was reported, agreed and told about the clocks of a violation',
        params: ViolationParamsSchema,
        response: answers(ClockActsSchema),
      },
    },
    async (request) => {
      const { id } = await leadOf(store, request.params.id)
      const [reports, dates, escalations] = await Promise.all([
        store.clockReports(id),
        store.rectifyDates(id),
        store.escalations({ violation: id, limit: perState }),
      ])
      return {
        reports: reports.map(({ violation: _violation, ...one }) => one),
        dates: dates.map(({ violation: _violation, ...one }) => one),
        escalations: escalations.map(escalationView),
      }
    },
  )
  api.post(
    '/api/violations/:id/reports',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary:
          'Record that a suspected leak, or what came of it, was reported: to whom, when, under which number',
        params: ViolationParamsSchema,
        body: NewReportSchema,
        response: answers(DoneSchema),
      },
    },
    async (request) => {
      const { id } = await leadOf(store, request.params.id)
      const { what, recipient, office, person, reportedAt } = request.body
      await recorded(request, ['leak-report', 'leak-report-refused'], {
        object: String(id),
        detail: `${what} to ${recipient} ${office}, ${person}, ${new Date(reportedAt).toISOString()}`,
        after: request.body,
        act: () => clocks.report(id, request.body, signedInOf(request).account.name),
      })
      return { done: true }
    },
  )
  api.post(
    '/api/violations/:id/rectification',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary: 'Agree the day by the end of which it is rectified; the one agreed last holds',
        params: ViolationParamsSchema,
        body: NewRectificationSchema,
        response: answers(DoneSchema),
      },
    },
    async (request) => {
      const { id } = await leadOf(store, request.params.id)
      const { day, reason } = request.body
      const { zone } = await clocks.settings()
      const dueAt = endOfWrittenDay(day, zone)
      await recorded(request, ['rectification-date', 'rectification-date-refused'], {
        object: String(id),
        detail: `by ${day}`,
        reason,
        act: () => clocks.rectifyBy(id, { dueAt, reason }, signedInOf(request).account.name),
      })
      return { done: true }
    },
  )
  api.get(
    '/api/escalations',
    {
      config: { access: 'violations.read', scope: 'filtered' },
      schema: {
        summary: 'Who was told that time runs out, newest first',
        querystring: EscalationsQuerySchema,
        response: answers(EscalationsAnswerSchema),
      },
    },
    async (request) => {
      const { before } = request.query
      const page = { ...departmentFilter(scopeOf(request)), limit: perState + 1 }
      const rows = await store.escalations({ ...page, ...(before === undefined ? {} : { beforeId: before }) })
      const shown = rows.slice(0, perState)
      return {
        escalations: shown.map(escalationView),
        nextBefore: rows.length > perState ? (shown.at(-1)?.id ?? null) : null,
      }
    },
  )
  api.post(
    '/api/escalations/:escalation/seen',
    {
      config: { access: 'violations.handle' },
      schema: {
        summary: 'Record that whoever was to be told has been told',
        params: EscalationParamsSchema,
        response: answers(DoneSchema),
      },
    },
    async (request) => {
      const { escalation } = request.params
      const { name } = signedInOf(request).account
      return recorded(request, ['escalation-seen', 'escalation-seen-refused'], {
        object: String(escalation),
        detail: '',
        act: async () => ({ done: await store.seeEscalation(escalation, { at: now(), account: name }) }),
      })
    },
  )
  api.get(
    '/api/clock-settings',
    {
      config: { access: 'violations.read', scope: 'filtered' },
      schema: {
        summary: 'Who is told when, the unit’s time zone, the day of the hand-in',
        response: answers(ClockSettingsSchema),
      },
    },
    async () => {
      const { reason: _reason, steps, ...row } = await clocks.settings()
      return { ...row, steps: [...steps] }
    },
  )
  api.put(
    '/api/clock-settings',
    {
      config: { access: 'violations.handle' },
      schema: {
        summary: 'Set who is told when, the time zone, the day of the hand-in',
        body: NewClockSettingsSchema,
        response: answers(DoneSchema),
      },
    },
    async (request) => {
      const { baseVersion, reason, ...asked } = request.body
      const {
        at: _at,
        account: _account,
        reason: _reason,
        version: _version,
        ...before
      } = await clocks.settings()
      await recorded(request, ['clock-settings', 'clock-settings-refused'], {
        ...{ object: '', detail: '', before, after: asked, reason },
        act: () =>
          clocks.setSettings(asked, { baseVersion, reason, account: signedInOf(request).account.name }),
      })
      return { done: true }
    },
  )
  api.get(
    '/api/hand-ins',
    {
      config: { access: 'media.read', scope: 'filtered' },
      schema: {
        summary:
          'The yearly hand-in of classified media: the one to come, and who is late in the one that is over',
        response: answers(HandInsAnswerSchema),
      },
    },
    async (request) => {
      const scope = departmentFilter(scopeOf(request))
      const { next, last } = await clocks.campaigns()
      const read = async (campaign: HandInCampaign | null) => {
        if (campaign === null) return null
        const { year, dueAt } = campaign
        const of = { ...scope, year, registeredBy: dueAt }
        const [counted, open] = await Promise.all([
          store.countHandIns(of),
          store.handIns({ ...of, isHandedIn: false, limit: handInsShown }),
        ])
        const late = daysLate(dueAt, now())
        return {
          ...{ year, dueAt, ...counted },
          open: open.map(({ number, level, custodian, department }) => ({
            ...{ number, level, custodian, department, daysLate: late },
          })),
        }
      }
      return { next: await read(next), last: await read(last) }
    },
  )
  api.post(
    '/api/hand-ins',
    {
      config: { access: 'media.write' },
      schema: {
        summary: 'Record media as handed in for a year',
        body: NewHandInsSchema,
        response: answers(HandInsDoneSchema),
      },
    },
    async (request) => {
      const { year, numbers, note: why } = request.body
      const { name } = signedInOf(request).account
      return recorded(request, ['media-hand-in', 'media-hand-in-refused'], {
        object: `${numbers.length} media`,
        detail: `${year}: ${numbers.join(' ')}`,
        reason: why,
        act: async () => {
          const rows = numbers.map((medium) => ({ year, medium, at: now(), account: name, note: why }))
          const done = await store.addHandIns(rows)
          await handedIn(done, year)
          return { done: [...done] }
        },
      })
    },
  )
}

const handInsShown = 500

/** A repeat is reported with the first of its kind. */
export async function leadOf(store: Store, id: number): Promise<ViolationRow> {
  const row = await store.violation(id)
  const lead = row?.standing?.repeatOf ?? null
  const found = lead === null ? row : await store.violation(lead)
  if (found === null) throw notFound('violation')
  return found
}

function endOfWrittenDay(text: string, zone: string): number {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
  if (month < 1 || month > 12 || day < 1 || day > last)
    throw new ShoukouError('invalid-request', 'There is no such day; choose another one.')
  return endOfDay({ year, month, day }, zone)
}

function escalationView({ step: _step, severity: _severity, ...row }: EscalationRow): Escalation {
  return row
}

function mutable({ clocks, ...rest }: Awaited<ReturnType<Clocks['read']>>) {
  return {
    ...rest,
    clocks: clocks.map((one) => ({ ...one, owed: [...one.owed], candidates: [...one.candidates] })),
  }
}

function withoutPeople({ clocks, ...rest }: ReturnType<typeof mutable>): ReturnType<typeof mutable> {
  return {
    ...rest,
    clocks: clocks.map(({ candidates, end, ...one }) => ({
      ...one,
      candidates: candidates.map((candidate) => ({ ...candidate, account: '' })),
      end: end === null ? null : { ...end, by: '', note: '' },
    })),
  }
}

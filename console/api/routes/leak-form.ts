/** The report form of a suspected leak: pre-filled, kept version by version, noted when it is printed. */
import { ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import { OF_REGISTERS } from '../../store/clock-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import { REPORT_CONTENT_BASIS } from '../../workflows/clocks/clock-bases.ts'
import type { Clocks } from '../../workflows/clocks/create-clocks.ts'
import {
  LEAK_FORM_FIELDS,
  type LeakFormField,
  MUST_FILL,
  prefillLeakForm,
} from '../../workflows/clocks/leak-form.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { type LeakForm, LeakFormPrintSchema, LeakFormSchema, NewLeakFormSchema } from '../contract-clocks.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { NoteSeen } from '../seen-note.ts'
import { catalogueView, violationItem } from '../view/violation-view.ts'
import { answers } from './answers.ts'
import { leadOf } from './clocks.ts'
import { ViolationParamsSchema } from './handling.ts'

const DoneSchema = Type.Object({ done: Type.Boolean() }, { additionalProperties: false })

export interface LeakFormOptions {
  readonly store: Store
  readonly clocks: Clocks
  readonly unit: string
  readonly note: NoteAction
  readonly seen: NoteSeen
  readonly now: () => number
}

export function registerLeakForm(api: Api, options: LeakFormOptions): void {
  const { store, note, seen, now } = options
  const recorded = recordedBy(note)
  api.get(
    '/api/violations/:id/leak-form',
    {
      config: { access: 'records.read', scope: 'violation' },
      schema: {
        summary: 'The report form: what the console knows, the newest draft, when it was printed',
        params: ViolationParamsSchema,
        response: answers(LeakFormSchema),
      },
    },
    async (request) => {
      const row = await leadOf(store, request.params.id)
      await seen(request, { action: 'leak-form-read', object: String(row.id), detail: row.type })
      return readForm(options, row)
    },
  )
  api.put(
    '/api/violations/:id/leak-form',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary: 'Keep the next version of the form; earlier ones stay',
        params: ViolationParamsSchema,
        body: NewLeakFormSchema,
        response: answers(LeakFormSchema),
      },
    },
    async (request) => {
      const row = await leadOf(store, request.params.id)
      const { baseVersion, fields } = request.body
      const version = baseVersion + 1
      await recorded(request, ['leak-form-write', 'leak-form-write-refused'], {
        object: String(row.id),
        detail: `version ${version}`,
        act: async () => {
          const { name } = signedInOf(request).account
          const draft = { violation: row.id, version, at: now(), account: name }
          if (!(await store.addLeakForm({ ...draft, fields: JSON.stringify(fields) })))
            throw new ShoukouError(
              'edit-conflict',
              'Somebody kept another version meanwhile; look at it, then go on.',
            )
        },
      })
      return readForm(options, row)
    },
  )
  api.post(
    '/api/violations/:id/leak-form/prints',
    {
      config: { access: 'violations.handle', scope: 'violation' },
      schema: {
        summary: 'Record that a version is printed, before it is',
        params: ViolationParamsSchema,
        body: LeakFormPrintSchema,
        response: answers(DoneSchema),
      },
    },
    async (request) => {
      const row = await leadOf(store, request.params.id)
      const { version } = request.body
      if (version > ((await store.leakForm(row.id))?.version ?? 0))
        throw new ShoukouError('invalid-request', 'Keep the form first; then print that version.')
      await recorded(request, ['leak-form-print', 'leak-form-print-refused'], {
        object: String(row.id),
        detail: `version ${version}`,
        act: async () => {
          const { name } = signedInOf(request).account
          await store.addLeakFormPrint({ violation: row.id, version, at: now(), account: name })
        },
      })
      return { done: true }
    },
  )
}

async function readForm({ store, clocks, unit }: LeakFormOptions, row: ViolationRow): Promise<LeakForm> {
  const [steps, statements, draft, prints, { zone }, standing, place] = await Promise.all([
    store.handling(row.id),
    store.statements(row.id),
    store.leakForm(row.id),
    store.leakFormPrints(row.id),
    clocks.settings(),
    clocks.read({ violation: row.id, perState: 10 }),
    placeOf(store, row),
  ])
  const { headline } = violationItem(row)
  const clock = standing.clocks.find(({ kind }) => kind === 'leak-report') ?? standing.clocks[0] ?? null
  const { basis } = catalogueView(row.type)
  const known = { violation: row, headline, basis, clock, steps, statements, zone, ...place }
  const prefilled = prefillLeakForm(known)
  return {
    violation: { id: row.id, level: row.level, headline },
    unit,
    basis: { ...REPORT_CONTENT_BASIS },
    fields: LEAK_FORM_FIELDS.map((key) => ({
      ...{ key, prefilled: prefilled[key], mustFill: MUST_FILL.has(key) },
    })),
    draft:
      draft === null
        ? null
        : {
            version: draft.version,
            at: draft.at,
            account: draft.account,
            fields: JSON.parse(draft.fields) as Record<LeakFormField, string>,
          },
    prints: prints.map((one) => ({ ...one })),
  }
}

/** What the registers say of the computer, or of the medium that it is about. */
async function placeOf(store: Store, row: ViolationRow) {
  const number = mediumOf(row)
  const kept = number === null ? null : await store.medium(number)
  const medium = number === null ? null : { number, level: kept?.level ?? null }
  if (row.agent === OF_REGISTERS) {
    const of = { custodian: kept?.custodian ?? '', department: kept?.department ?? '', room: '' }
    return { ...of, medium }
  }
  const [computer, entry] = await Promise.all([
    store.computer(row.agent),
    store.ledgerEntry('computers', row.number),
  ])
  const room = entry?.fields['room']
  return {
    custodian: kept?.custodian ?? entry?.custodian ?? '',
    department: entry?.department ?? computer?.department ?? '',
    room: typeof room === 'string' ? room : '',
    medium,
  }
}

function mediumOf({ standing }: ViolationRow): string | null {
  const subject = standing?.subject ?? ''
  return subject.startsWith('medium:') ? subject.slice('medium:'.length) : null
}

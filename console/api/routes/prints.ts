/** Labels and forms: what may be printed, printing on record, finding a paper again, signed papers that came back. */
import { mayRole, ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { FormContent } from '../../ledger/form-parts.ts'
import { buildForm, FORMS } from '../../ledger/forms.ts'
import type { LabelJob } from '../../ledger/label-content.ts'
import { LABELS_MAX } from '../../ledger/label-layout.ts'
import { formEntryOf, labelOf, officeDay, type PrintSource } from '../../ledger/print-entry.ts'
import { PRINT_KINDS, type PrintKind, parseMark } from '../../ledger/print-mark.ts'
import type { Store } from '../../store/ports.ts'
import type { FullPrint, PrintListRow } from '../../store/print-ports.ts'
import { formStem, readFormPattern, setFormPattern } from '../../workflows/prints/form-numbers.ts'
import { reaches, readSources, sourceOfMediumRow, sourceOfRow } from '../../workflows/prints/read-sources.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  FindQuerySchema,
  FormPatternChangeSchema,
  FormPatternSchema,
  FormPreviewSchema,
  type FoundAnswer,
  FoundAnswerSchema,
  type NewForm,
  NewFormSchema,
  NewLabelsSchema,
  PrintAgainSchema,
  type PrintAnswer,
  PrintAnswerSchema,
  PrintableAnswerSchema,
  PrintableQuerySchema,
  type PrintListItem,
  PrintReturnSchema,
  PrintsAnswerSchema,
  PrintsQuerySchema,
} from '../contract-prints.ts'
import type { AnyRequest, Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { departmentFilter, scopeOf } from '../scope.ts'
import { answers } from './answers.ts'
import { filterOf as mediaFilterOf } from './media.ts'
import { filterOf } from './registers.ts'

const closed = { additionalProperties: false } as const
const KindParamsSchema = Type.Object({ kind: Type.Enum([...PRINT_KINDS]) }, closed)
const IdParamsSchema = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  closed,
)
const printsPerPage = 50
const detailMax = 300

export interface PrintsOptions {
  readonly store: Store
  readonly unit: string
  readonly note: NoteAction
  readonly now: () => number
}

export function registerPrints(api: Api, { store, unit, note, now }: PrintsOptions): void {
  const recorded = recordedBy(note)

  const sourcesOf = async (
    request: AnyRequest,
    asked: { readonly kind: PrintKind; readonly numbers: readonly string[] },
  ): Promise<readonly PrintSource[]> => {
    assertMayRead(request, asked.kind)
    const { sources, unknown } = await readSources(store, scopeOf(request), asked)
    if (unknown.length > 0)
      throw new ShoukouError(
        'not-found',
        `In no register: ${unknown.slice(0, 10).join(', ')}; take them out.`,
      )
    return sources
  }
  const contentOf = async (request: AnyRequest, asked: NewForm): Promise<FormContent> => {
    const { kinds, isList } = FORMS[asked.form]
    if (!kinds.includes(asked.kind) || (!isList && asked.numbers.length > 1))
      throw new ShoukouError(
        'invalid-request',
        'This form is of one entry, or of another register; choose another form.',
      )
    const sources = await sourcesOf(request, asked)
    return buildForm(asked.form, sources.map(formEntryOf), { unit, date: officeDay(dayOf(now())) })
  }
  const runBy = (request: AnyRequest, reason: string) => {
    const { name: account, person } = signedInOf(request).account
    return { at: now(), account, person: person ?? null, reason }
  }
  const found = async (request: AnyRequest, id: number): Promise<FullPrint> => {
    const full = await store.print(id)
    if (full === null || !(await mayOpen(store, request, full.runs[0]?.items ?? []))) throw nothing()
    return full
  }

  api.get(
    '/api/printable/:kind',
    {
      config: { access: 'prints.read', scope: 'filtered' },
      schema: {
        summary: 'Entries to print labels or forms of, by numbers or by the register’s own filter',
        params: KindParamsSchema,
        querystring: PrintableQuerySchema,
        response: answers(PrintableAnswerSchema),
      },
    },
    async (request) => {
      const { kind } = request.params
      assertMayRead(request, kind)
      const { numbers, ...query } = request.query
      const { sources, unknown } =
        numbers === undefined
          ? { sources: await filtered(store, request, kind, query), unknown: [] }
          : await readSources(store, scopeOf(request), { kind, numbers: numbersIn(numbers) })
      const shown = sources.slice(0, LABELS_MAX)
      const copies = await store.labelCopies(
        kind,
        shown.map((one) => one.number),
      )
      const entries = shown.map((one) => ({ ...labelOf(one), copies: copies.get(one.number) ?? 0 }))
      return { entries, isCut: sources.length > LABELS_MAX, unknown: [...unknown] }
    },
  )
  api.post(
    '/api/prints/labels',
    {
      config: { access: 'prints.make', scope: 'filtered' },
      schema: {
        summary:
          'Print labels: kept with each copy’s number; a reason is asked for where one was printed before',
        body: NewLabelsSchema,
        response: answers(PrintAnswerSchema),
      },
    },
    async (request) => {
      const { kind, numbers, size, start, reason } = request.body
      const sources = await sourcesOf(request, { kind, numbers })
      const before = await store.labelCopies(kind, numbers)
      assertReason(before.size > 0, reason)
      const job: LabelJob = { size, start, unit, labels: sources.map(labelOf) }
      const full = await recorded(request, ['labels-print', 'labels-print-refused'], {
        object: numbers.length === 1 ? String(numbers[0]) : `${kind}: ${numbers.length}`,
        detail: `${size}; ${numbers.map((one) => `${one} #${(before.get(one) ?? 0) + 1}`).join(' ')}`.slice(
          0,
          detailMax,
        ),
        after: { kind, numbers },
        ...(reason.trim() === '' ? {} : { reason }),
        act: () =>
          store.addPrint(
            { what: 'labels', content: JSON.stringify(job), stem: null },
            sources.map(({ number }) => ({ kind, number })),
            runBy(request, reason.trim()),
          ),
      })
      return answerOf(request, full)
    },
  )
  api.post(
    '/api/prints/forms/preview',
    {
      config: { access: 'prints.make', scope: 'filtered' },
      schema: {
        summary: 'A form as it would be filled in; nothing is numbered or kept',
        body: NewFormSchema,
        response: answers(FormPreviewSchema),
      },
    },
    async (request) => ({ content: JSON.stringify(await contentOf(request, request.body)) }),
  )
  api.post(
    '/api/prints/forms',
    {
      config: { access: 'prints.make', scope: 'filtered' },
      schema: {
        summary: 'Number a form and print it: kept as it is filled in now',
        body: NewFormSchema,
        response: answers(PrintAnswerSchema),
      },
    },
    async (request) => {
      const { form, kind, numbers } = request.body
      const content = await contentOf(request, request.body)
      const full = await recorded(request, ['form-print', 'form-print-refused'], {
        object: numbers.length === 1 ? String(numbers[0]) : `${kind}: ${numbers.length}`,
        detail: form,
        after: { form, kind, numbers },
        act: async () =>
          store.addPrint(
            { what: form, content: JSON.stringify(content), stem: await formStem(store, now()) },
            numbers.map((number) => ({ kind, number })),
            runBy(request, ''),
          ),
      })
      return answerOf(request, full)
    },
  )
  api.get(
    '/api/prints',
    {
      config: { access: 'prints.read', scope: 'filtered' },
      schema: {
        summary: 'What was printed, newest first; of one entry where it is named',
        querystring: PrintsQuerySchema,
        response: answers(PrintsAnswerSchema),
      },
    },
    async (request) => {
      const { kind, number, before } = request.query
      const rows = await store.prints({
        limit: printsPerPage + 1,
        ...(kind === undefined || number === undefined ? {} : { of: { kind, number } }),
        ...(before === undefined ? {} : { beforeId: before }),
      })
      const page = rows.slice(0, printsPerPage)
      const may = await Promise.all(page.map(({ items }) => mayOpen(store, request, items)))
      return {
        prints: page.filter((_row, at) => may[at]).map(listView),
        before: rows.length > printsPerPage ? (page.at(-1)?.print.id ?? null) : null,
      }
    },
  )
  api.get(
    '/api/prints/find',
    {
      config: { access: 'prints.read', scope: 'filtered' },
      schema: {
        summary: 'The form or the entries of a number, or of what a scanner read off a QR code',
        querystring: FindQuerySchema,
        response: answers(FoundAnswerSchema),
      },
    },
    async (request): Promise<FoundAnswer> => {
      const { text } = request.query
      const mark = parseMark(text)
      const number = (mark?.number ?? text).trim()
      const full = mark?.of === 'entry' ? null : await store.printOfForm(number)
      const print =
        full !== null && (await mayOpen(store, request, full.runs[0]?.items ?? [])) ? full.print.id : null
      const kinds = mark?.of === 'form' ? [] : mark?.of === 'entry' ? [mark.kind] : PRINT_KINDS
      const read = await Promise.all(
        kinds
          .filter((kind) => mayReadKind(request, kind))
          .map((kind) => readSources(store, scopeOf(request), { kind, numbers: [number] })),
      )
      const entries = read.flatMap(({ sources }) =>
        sources.map(({ kind, number: of }) => ({ kind, number: of })),
      )
      return { print, entries }
    },
  )
  api.get(
    '/api/prints/:id',
    {
      config: { access: 'prints.read', scope: 'filtered' },
      schema: {
        summary: 'One printing: what stood on it, each time it was printed, signed papers',
        params: IdParamsSchema,
        response: answers(PrintAnswerSchema),
      },
    },
    async (request) => answerOf(request, await found(request, request.params.id)),
  )
  api.post(
    '/api/prints/:id/runs',
    {
      config: { access: 'prints.make', scope: 'filtered' },
      schema: {
        summary: 'Print the same once more, as a further copy',
        params: IdParamsSchema,
        body: PrintAgainSchema,
        response: answers(PrintAnswerSchema),
      },
    },
    async (request) => {
      const { print, runs } = await found(request, request.params.id)
      const { reason } = request.body
      assertReason(true, reason)
      const isLabel = print.what === 'labels'
      const full = await recorded(
        request,
        isLabel ? ['labels-print', 'labels-print-refused'] : ['form-print', 'form-print-refused'],
        {
          object:
            print.number ??
            (runs[0]?.items ?? [])
              .map(({ number }) => number)
              .join(' ')
              .slice(0, detailMax),
          detail: `again, ${print.what}`,
          reason,
          act: () => store.addPrintRun(print.id, runBy(request, reason.trim())),
        },
      )
      return answerOf(request, full)
    },
  )
  api.post(
    '/api/prints/:id/returns',
    {
      config: { access: 'prints.make', scope: 'filtered' },
      schema: {
        summary: 'Write down that the signed form came back, and where it is kept',
        params: IdParamsSchema,
        body: PrintReturnSchema,
        response: answers(PrintAnswerSchema),
      },
    },
    async (request) => {
      const { print } = await found(request, request.params.id)
      if (print.number === null)
        throw new ShoukouError('invalid-request', 'Labels do not come back; a form does.')
      const { place } = request.body
      await recorded(request, ['form-return', 'form-return-refused'], {
        object: print.number,
        detail: place,
        act: () =>
          store.addPrintReturn(print.id, { at: now(), account: signedInOf(request).account.name, place }),
      })
      return answerOf(request, await found(request, print.id))
    },
  )
  api.get(
    '/api/form-numbers',
    {
      config: { access: 'prints.read', scope: 'filtered' },
      schema: { summary: 'How forms are numbered', response: answers(FormPatternSchema) },
    },
    () => readFormPattern(store),
  )
  api.put(
    '/api/form-numbers',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'Set the unit’s own pattern of form numbers; numbers that are given stay as they are',
        body: FormPatternChangeSchema,
        response: answers(FormPatternSchema),
      },
    },
    async (request) => {
      const { pattern, reason } = request.body
      await recorded(request, ['number-pattern', 'number-pattern-refused'], {
        object: 'forms',
        detail: pattern,
        after: { pattern },
        reason,
        act: () =>
          setFormPattern(store, request.body, { account: signedInOf(request).account.name, now: now() }),
      })
      return readFormPattern(store)
    },
  )
}

/** Of one's own registers: who reads media alone prints for media alone. */
function mayReadKind(request: AnyRequest, kind: string): boolean {
  return mayRole(signedInOf(request).account.role, kind === 'media' ? 'media.read' : 'registers.read')
}

function assertMayRead(request: AnyRequest, kind: string): void {
  if (mayReadKind(request, kind)) return
  throw new ShoukouError('not-permitted', 'That register is not yours to read; ask the security office.')
}

function assertReason(isAgain: boolean, reason: string): void {
  if (!isAgain || reason.trim() !== '') return
  throw new ShoukouError(
    'invalid-request',
    'It was printed before: say why it is printed again, and what became of the first.',
  )
}

async function mayOpen(
  store: Store,
  request: AnyRequest,
  items: readonly { readonly kind: string; readonly number: string }[],
): Promise<boolean> {
  if (!items.every(({ kind }) => mayReadKind(request, kind))) return false
  const reached = await Promise.all(items.map((one) => reaches(store, scopeOf(request), one)))
  return reached.every(Boolean)
}

async function filtered(
  store: Store,
  request: AnyRequest,
  kind: PrintKind,
  query: Readonly<Record<string, string | undefined>>,
): Promise<readonly PrintSource[]> {
  const limit = LABELS_MAX + 1
  const asked = Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as Record<string, string>
  if (kind === 'media') {
    const filter = { ...mediaFilterOf(asked), ...departmentFilter(scopeOf(request)) }
    return (await store.media({ ...filter, limit })).map(sourceOfMediumRow)
  }
  const filter = await filterOf(store, kind, asked, scopeOf(request))
  const page = await store.ledgerEntries({ filter, sort: 'number', isDescending: false, limit })
  return page.entries.map(sourceOfRow)
}

function answerOf(request: AnyRequest, { print, runs, returns }: FullPrint): PrintAnswer {
  const { id, what, number, content } = print
  return {
    ...{ id, number, content },
    what: what as PrintAnswer['what'],
    runs: runs.map((run) => ({
      ...run,
      items: run.items.map((one) => ({ ...one, kind: one.kind as PrintKind })),
    })),
    returns: returns.map((one) => ({ ...one })),
    mayPrint: mayRole(signedInOf(request).account.role, 'prints.make'),
  }
}

function listView({ print, items, ...row }: PrintListRow): PrintListItem {
  return {
    ...print,
    ...row,
    what: print.what as PrintListItem['what'],
    items: items.map((one) => ({ ...one, kind: one.kind as PrintKind })),
  }
}

function numbersIn(text: string): readonly string[] {
  const numbers = text.split(',').map((one) => one.trim())
  return [...new Set(numbers.filter((one) => one !== ''))].slice(0, LABELS_MAX)
}

/** By the console's own calendar, which is the unit's. */
function dayOf(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

function nothing(): ShoukouError {
  return new ShoukouError(
    'not-found',
    'Nothing was printed under this number; look for it by the form’s number.',
  )
}

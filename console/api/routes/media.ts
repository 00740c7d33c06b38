/** The media register: what is in it, registering, changing, states, passports, seals, spreadsheets. */
import { LEVELS, MEDIUM_STATES, mayRole } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { MediumFilter, MediumRow } from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  GrantAnswerSchema,
  type MediaAnswer,
  MediaAnswerSchema,
  MediaQuerySchema,
  type MediumAnswer,
  MediumAnswerSchema,
  MediumChangeSchema,
  MediumPassportChangeSchema,
  MediumStateChangeSchema,
  NewMediumSchema,
  SealOrderSchema,
} from '../contract-media.ts'
import {
  ImportConfirmSchema,
  ImportDoneSchema,
  ImportPreviewSchema,
  ImportRequestSchema,
} from '../contract-sheets.ts'
import type { AnyRequest, Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { MediaPort } from '../ports.ts'
import type { MediaReader } from '../read-media.ts'
import { departmentFilter, notFound, scopeOf } from '../scope.ts'
import { changedParts } from '../view/changed-parts.ts'
import { mediumEventView, mediumView } from '../view/medium-view.ts'
import { previewView } from '../view/preview-view.ts'
import { answers } from './answers.ts'
import { parseList } from './list-parameter.ts'

const closed = { additionalProperties: false } as const
const NumberParamsSchema = Type.Object({ number: Type.String({ minLength: 1, maxLength: 64 }) }, closed)
const ImportParamsSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }, closed)
const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

export interface MediaRoutesOptions {
  readonly store: Store
  readonly media: MediaPort
  readonly reader: MediaReader
  readonly note: NoteAction
}

export function registerMedia(api: Api, { store, media, reader, note }: MediaRoutesOptions): void {
  const recorded = recordedBy(note)
  const { register, imports, commands } = media

  async function answerOf(row: MediumRow, request: AnyRequest): Promise<MediumAnswer> {
    const { number } = row
    const maySeePrints = mayRole(signedInOf(request).account.role, 'prints.read')
    const [history, printings, sightings] = await Promise.all([
      store.mediumHistory(number, API_LIMITS.mediumHistoryMax),
      maySeePrints ? store.printingsOf({ kind: 'media', number }, API_LIMITS.mediumHistoryMax) : [],
      reader.sightings(number, scopeOf(request)),
    ])
    return {
      medium: mediumView(row, sightings[0] ?? null),
      history: history.map(mediumEventView),
      printings: printings.map((one) => ({ ...one })),
      sightings: [...sightings],
    }
  }

  api.get(
    '/api/media',
    {
      config: { access: 'media.read', scope: 'filtered' },
      schema: {
        summary:
          'Registered media, newest registration first or by number; `total` is of all that the filter finds',
        querystring: MediaQuerySchema,
        response: answers(MediaAnswerSchema),
      },
    },
    async (request): Promise<MediaAnswer> => {
      const { before, limit = API_LIMITS.mediaPerPage, ...query } = request.query
      const scope = scopeOf(request)
      const filter = { ...filterOf(query), ...departmentFilter(scope) }
      const page = {
        ...filter,
        limit: limit + 1,
        ...(before === undefined ? {} : { beforeId: Number(before) }),
      }
      const [found, total] = await Promise.all([store.media(page), store.countMedia(filter)])
      const rows = found.slice(0, limit)
      const last = rows.at(-1)
      const seen = await reader.lastSightings(
        rows.map(({ number }) => number),
        scope,
      )
      return {
        media: rows.map((row) => mediumView(row, seen.get(row.number) ?? null)),
        nextBefore: found.length > limit && last !== undefined ? String(last.id) : null,
        total,
      }
    },
  )
  api.get(
    '/api/media/:number',
    {
      config: { access: 'media.read', scope: 'medium' },
      schema: {
        summary: 'One medium, its history and where it was, both newest first',
        params: NumberParamsSchema,
        response: answers(MediumAnswerSchema),
      },
    },
    async (request) => answerOf(await mediumOf(store, request.params.number), request),
  )
  api.post(
    '/api/media',
    {
      config: { access: 'media.write' },
      schema: {
        summary:
          'Register a medium, from an examination or before it is seen; sealed where its passport is known',
        body: NewMediumSchema,
        response: answers(MediumAnswerSchema),
      },
    },
    async (request) => {
      const { number = '', reason, from } = request.body
      const { name } = signedInOf(request).account
      const source = from === null ? '' : `${from.agent}/${from.epoch}/${from.seq}: `
      const row = await recorded(request, ['medium-register', 'medium-register-refused'], {
        object: number,
        detail: `${source}${reason}`,
        act: () => register.register(request.body, name),
      })
      return answerOf(row, request)
    },
  )
  api.put(
    '/api/media/:number',
    {
      config: { access: 'media.write', scope: 'medium' },
      schema: {
        summary: 'Change what people filled in; the level may only rise',
        params: NumberParamsSchema,
        body: MediumChangeSchema,
        response: answers(MediumAnswerSchema),
      },
    },
    async (request) => {
      const medium = await mediumOf(store, request.params.number)
      const { number } = medium
      const { name, person } = signedInOf(request).account
      const { baseVersion, reason, officer: _officer, ...details } = request.body
      const row = await recorded(request, ['medium-change', 'medium-change-refused'], {
        object: number,
        detail: `from version ${baseVersion}: ${reason}`,
        ...changedParts(medium, details),
        reason,
        act: () => register.change(number, { ...request.body, person }, name),
      })
      return answerOf(row, request)
    },
  )
  api.post(
    '/api/media/:number/state',
    {
      config: { access: 'media.write', scope: 'medium' },
      schema: {
        summary: 'Lend, put off, return, carry out, suspend, miss, retire, destroy',
        params: NumberParamsSchema,
        body: MediumStateChangeSchema,
        response: answers(MediumAnswerSchema),
      },
    },
    async (request) => {
      const { number, state: before, dueBackMs: dueBefore } = await mediumOf(store, request.params.number)
      const { state, dueBackMs = null, reason } = request.body
      const { name } = signedInOf(request).account
      const row = await recorded(request, ['medium-state', 'medium-state-refused'], {
        object: number,
        detail: `${before} -> ${state}: ${reason}`,
        ...(dueBefore === null && dueBackMs === null
          ? {}
          : { before: { dueBackMs: dueBefore }, after: { dueBackMs } }),
        act: () => register.setState(number, request.body, name),
      })
      return answerOf(row, request)
    },
  )
  api.post(
    '/api/media/:number/passport',
    {
      config: { access: 'media.write', scope: 'medium' },
      schema: {
        summary:
          'Take what was examined as what it is known by: it was formatted, or is seen for the first time',
        params: NumberParamsSchema,
        body: MediumPassportChangeSchema,
        response: answers(MediumAnswerSchema),
      },
    },
    async (request) => {
      const { number } = await mediumOf(store, request.params.number)
      const { from, reason } = request.body
      const { name } = signedInOf(request).account
      const row = await recorded(request, ['medium-passport', 'medium-passport-refused'], {
        object: number,
        detail: `${from.agent}/${from.epoch}/${from.seq}: ${reason}`,
        act: () => register.setPassport(number, request.body, name),
      })
      return answerOf(row, request)
    },
  )
  api.post(
    '/api/media/:number/seal',
    {
      config: { access: 'media.write', scope: 'medium' },
      schema: {
        summary: 'Have the station that it is plugged into write its seal; `isSent` false: not connected',
        params: NumberParamsSchema,
        body: SealOrderSchema,
        response: answers(GrantAnswerSchema),
      },
    },
    async (request) => {
      const { number } = await mediumOf(store, request.params.number)
      const { agent, instance } = request.body
      return recorded(request, ['medium-seal', 'medium-seal-refused'], {
        object: number,
        detail: `${agent} ${instance}`,
        act: () => commands.writeSeal(number, request.body),
      })
    },
  )
  api.get(
    '/api/media/template.xlsx',
    {
      config: { access: 'media.write' },
      schema: { summary: 'An empty spreadsheet with the columns of an import' },
    },
    async (_request, reply) =>
      reply
        .type(xlsxType)
        .header('content-disposition', 'attachment; filename="media-template.xlsx"')
        .send(Buffer.from(await imports.template())),
  )
  api.post(
    '/api/media/import',
    {
      config: { access: 'media.write' },
      bodyLimit: API_LIMITS.importBodyBytesMax,
      schema: {
        summary: 'Read a spreadsheet and name every faulty cell; writes nothing',
        querystring: Type.Object({ language: Type.Optional(Type.Enum(['zh-CN', 'en'])) }, closed),
        body: ImportRequestSchema,
        response: answers(ImportPreviewSchema),
      },
    },
    async (request) => {
      const { name, file } = request.body
      const preview = await imports.preview(
        { name, bytes: Buffer.from(file, 'base64') },
        signedInOf(request).account.name,
      )
      return previewView(preview)
    },
  )
  api.post(
    '/api/media/import/:id/confirm',
    {
      config: { access: 'media.write' },
      schema: {
        summary: 'Register all of a preview without faults, or none',
        params: ImportParamsSchema,
        body: ImportConfirmSchema,
        response: answers(ImportDoneSchema),
      },
    },
    async (request) => {
      const { id } = request.params
      const { reason } = request.body
      const { name: account } = signedInOf(request).account
      return recorded(request, ['media-import', 'media-import-refused'], {
        object: id,
        detail: imports.describe(id),
        reason,
        act: () => imports.confirm(id, { account, reason }),
      })
    },
  )
}

/** Returns a registered medium. @throws ShoukouError `not-found`. */
async function mediumOf(store: Store, number: string): Promise<MediumRow> {
  const row = await store.medium(number)
  if (row === null) throw notFound('medium')
  return row
}

interface Query {
  readonly state?: string
  readonly level?: string
  readonly computer?: string
  readonly search?: string
  readonly sort?: 'number'
  readonly order?: 'asc' | 'desc'
}

/** Returns the filter that a query asks for. */
export function filterOf(query: Query): Omit<MediumFilter, 'beforeId' | 'limit'> {
  const states = parseList('state', query.state ?? '', MEDIUM_STATES)
  const levels = parseList('level', query.level ?? '', LEVELS)
  return {
    ...(states === undefined ? {} : { states }),
    ...(levels === undefined ? {} : { levels }),
    ...(query.computer === undefined ? {} : { computer: query.computer }),
    ...(query.search === undefined ? {} : { search: query.search }),
    ...(query.sort === undefined ? {} : { sort: query.sort, isDescending: query.order === 'desc' }),
  }
}

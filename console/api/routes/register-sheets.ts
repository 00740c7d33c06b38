/** Spreadsheets of the registers: an empty one, what a file would do, and doing it. What a list shows is taken out by `export.ts`. */
import { Type } from 'typebox'
import { kindOf } from '../../ledger/kinds.ts'
import { registerTemplate } from '../../workflows/registers/template.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { LedgerKindSchema } from '../contract-registers.ts'
import {
  ImportConfirmSchema,
  ImportDoneSchema,
  ImportPreviewSchema,
  ImportRequestSchema,
} from '../contract-sheets.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { RegistersPort } from '../ports.ts'
import { previewView } from '../view/preview-view.ts'
import { answers } from './answers.ts'
import { SHEET_TYPES } from './export.ts'
import { byOf } from './registers.ts'

const closed = { additionalProperties: false } as const
const KindParamsSchema = Type.Object({ kind: LedgerKindSchema }, closed)
const ImportParamsSchema = Type.Object(
  { kind: LedgerKindSchema, id: Type.String({ minLength: 1, maxLength: 64 }) },
  closed,
)
const LanguageQuerySchema = Type.Object({ language: Type.Optional(Type.Enum(['zh-CN', 'en'])) }, closed)

export function registerSheets(
  api: Api,
  { registers, note }: { readonly registers: RegistersPort; readonly note: NoteAction },
): void {
  const recorded = recordedBy(note)
  const { imports } = registers

  api.get(
    '/api/registers/:kind/template.xlsx',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'An empty spreadsheet with the columns of an import, and what each may hold',
        params: KindParamsSchema,
        querystring: LanguageQuerySchema,
      },
    },
    async (request, reply) => {
      const { kind } = request.params
      const language = request.query.language === 'en' ? 'en' : 'zh'
      return reply
        .type(SHEET_TYPES.xlsx)
        .header('content-disposition', `attachment; filename="${kind}-template.xlsx"`)
        .send(Buffer.from(await registerTemplate(kindOf(kind), language)))
    },
  )
  api.post(
    '/api/registers/:kind/import',
    {
      config: { access: 'registers.keep' },
      bodyLimit: API_LIMITS.importBodyBytesMax,
      schema: {
        summary: 'Read a spreadsheet and say what it would do, or name every faulty cell; writes nothing',
        params: KindParamsSchema,
        querystring: LanguageQuerySchema,
        body: ImportRequestSchema,
        response: answers(ImportPreviewSchema),
      },
    },
    async (request) => {
      const { name, file } = request.body
      const language = request.query.language === 'en' ? 'en' : 'zh'
      const bytes = Buffer.from(file, 'base64')
      const { account } = byOf(request)
      return previewView(await imports.preview(request.params.kind, { name, bytes, language }, account))
    },
  )
  api.post(
    '/api/registers/:kind/import/:id/confirm',
    {
      config: { access: 'registers.keep' },
      schema: {
        summary: 'Write all of a preview without faults, or nothing',
        params: ImportParamsSchema,
        body: ImportConfirmSchema,
        response: answers(ImportDoneSchema),
      },
    },
    async (request) => {
      const { kind, id } = request.params
      const { reason } = request.body
      const { name: account, person } = signedInOf(request).account
      return recorded(request, ['ledger-import', 'ledger-import-refused'], {
        object: id,
        detail: imports.describe(id),
        reason,
        act: () => imports.confirm(kind, id, { account, person, reason }),
      })
    },
  )
}
